import { describe, expect, it } from 'vitest';
import { readIngestion } from '../../../../src/ingest/classic/ingestion.js';
import { atOnce } from '../../../../src/receiver/slices.js';
import { ingestionEvent } from '../../receiver/helpers.js';

const score = { id: 's1', traceId: 't1', name: 'helpful', value: 1 };

function read(...batch: unknown[]) {
  return atOnce(readIngestion({ batch }));
}

describe('a batch', () => {
  it('is answered event by event', () => {
    const good = ingestionEvent('score-create', score);
    const bad = ingestionEvent('score-create', { ...score, name: undefined });
    const unknown = ingestionEvent('score-delete', {});
    const { answer, changes } = read(good, bad, unknown, ingestionEvent('sdk-log', { log: 'x' }));

    expect(answer.successes.map(({ status }) => status)).toEqual([201, 201]);
    expect(answer.errors).toEqual([
      {
        id: bad.id,
        status: 400,
        message: expect.stringContaining('score name'),
        error: 'InvalidRequestError',
      },
      {
        id: unknown.id,
        status: 400,
        message: expect.stringContaining('"score-delete"'),
        error: 'InvalidRequestError',
      },
    ]);
    expect(changes.scores).toHaveLength(1);
  });

  it.each([
    [null],
    ['text'],
    [{ id: 'x', type: 'score-create', body: score }],
    [{ id: '', type: 'score-create', timestamp: '2026-01-01T00:00:00Z', body: score }],
    [{ id: 'x', type: 'score-create', timestamp: 'today', body: score }],
    [{ id: 'x', type: 'score-create', timestamp: '2026-01-01T00:00:00Z' }],
    [{ id: 'x', type: 'toString', timestamp: '2026-01-01T00:00:00Z', body: {} }],
  ])('refuses the event %j', (event) => {
    expect(read(event).answer).toMatchObject({ successes: [], errors: [{ status: 400 }] });
  });

  it.each([[null], [[]], [{}], [{ batch: {} }]])('is refused as a whole when it is %j', (body) => {
    expect(() => atOnce(readIngestion(body))).toThrow(/"batch"/);
  });
});

describe('a score', () => {
  it.each([
    [{ value: 0.5 }, { dataType: 'NUMERIC', value: 0.5, stringValue: null }],
    [{ value: 'good' }, { dataType: 'CATEGORICAL', value: null, stringValue: 'good' }],
    [
      { value: 1, dataType: 'BOOLEAN' },
      { dataType: 'BOOLEAN', value: 1, stringValue: 'True' },
    ],
    [
      { value: 0, dataType: 'BOOLEAN' },
      { dataType: 'BOOLEAN', value: 0, stringValue: 'False' },
    ],
    [
      { value: 'as I said', dataType: 'TEXT' },
      { dataType: 'TEXT', value: null, stringValue: 'as I said' },
    ],
    [
      { value: 'better', dataType: 'CORRECTION' },
      { dataType: 'CORRECTION', value: null, stringValue: 'better' },
    ],
  ])('with %j is read', (given, row) => {
    expect(read(ingestionEvent('score-create', { ...score, ...given })).changes.scores[0]).toMatchObject(row);
  });

  it.each([
    [{ name: '' }, /score name/],
    [{ value: undefined }, /score value/],
    [{ value: true }, /score value/],
    [{ value: 'x', dataType: 'NUMERIC' }, /NUMERIC.*a number/],
    [{ value: 2, dataType: 'BOOLEAN' }, /0 or 1/],
    [{ value: 1, dataType: 'CATEGORICAL' }, /CATEGORICAL.*a string/],
    [{ dataType: 'STARS' }, /dataType must be one of/],
    [{ traceId: undefined }, /exactly one of traceId, sessionId, datasetRunId, but got: none/],
    [{ sessionId: 's' }, /exactly one.*traceId and sessionId/],
    [{ traceId: undefined, sessionId: 's', observationId: 'o' }, /traceId as well/],
    [{ comment: 1 }, /comment must be a string/],
  ])('with %j is refused', (given, message) => {
    const { answer } = read(ingestionEvent('score-create', { ...score, ...given }));
    expect(answer.errors[0]?.message).toMatch(message);
  });

  it('without an id is acknowledged and left out, as by the server; a strict receiver refuses it', () => {
    const event = ingestionEvent('score-create', { ...score, id: undefined });
    const { answer, changes } = read(event);
    expect(answer).toEqual({ successes: [{ id: event.id, status: 201 }], errors: [] });
    expect(changes).toMatchObject({ scores: [], findings: [{ code: 'id-missing', field: 'body.id' }] });
    expect(atOnce(readIngestion({ batch: [event] }, true)).answer).toMatchObject({
      successes: [],
      errors: [{ status: 400, message: expect.stringContaining('body.id') }],
    });
  });

  it.each([
    ['Prod', 'prod'],
    ['langfuse-x', 'x'],
    ['a b', 'default'],
    [5, 'default'],
    ['x'.repeat(50), 'x'.repeat(40)],
  ])('in the environment %j is stored in %j', (environment, stored) => {
    const { changes } = read(ingestionEvent('score-create', { ...score, environment }));
    expect(changes).toMatchObject({
      scores: [{ environment: stored }],
      findings: [{ code: 'environment-changed', field: 'body.environment' }],
    });
  });
});

describe('an observation event', () => {
  it.each([
    ['span-create', 'SPAN'],
    ['span-update', 'SPAN'],
    ['generation-create', 'GENERATION'],
    ['generation-update', 'GENERATION'],
    ['event-create', 'EVENT'],
    ['agent-create', 'AGENT'],
    ['tool-create', 'TOOL'],
    ['chain-create', 'CHAIN'],
    ['retriever-create', 'RETRIEVER'],
    ['evaluator-create', 'EVALUATOR'],
    ['embedding-create', 'EMBEDDING'],
    ['guardrail-create', 'GUARDRAIL'],
  ])('%s makes a %s', (event, type) => {
    const { changes, answer } = read(ingestionEvent(event, { id: 'o1', traceId: 't1' }));
    expect(answer.errors).toEqual([]);
    expect(changes.observations[0]).toMatchObject({ mode: 'merge', row: { id: 'o1', type } });
  });

  it.each([
    ['span-update', {}, /body.id/],
    ['span-create', { id: 'o', level: 'FATAL' }, /level must be one of/],
    ['span-create', { id: 'o', startTime: 'noon' }, /startTime must be an ISO 8601 time/],
    ['span-create', { id: 'o', startTime: '9999-01-01T00:00:00Z' }, /before 2255/],
    ['generation-create', { id: 'o', promptVersion: 1.5 }, /promptVersion must be an integer/],
    ['generation-create', { id: 'o', usage: 5 }, /usage must be an object/],
    ['trace-create', { tags: 'a' }, /tags must be an array of strings/],
    ['trace-create', { public: 'yes' }, /public must be true or false/],
  ])('%s with %j is refused', (type, body, message) => {
    expect(read(ingestionEvent(type, body)).answer.errors[0]?.message).toMatch(message);
  });
});
