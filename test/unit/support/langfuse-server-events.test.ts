/** The model of a Langfuse server: what becomes of the events of its older endpoint. */
import { describe, expect, it } from 'vitest';
import { serverOf } from '../../support/langfuse-server/index.js';
import { at, batchRequest } from '../../support/langfuse-server/requests.js';

describe('classic events', () => {
  const trace = (body: object, atMs = 0) => ({ type: 'trace-create', atMs, body: { id: 't', ...body } });
  const traceOf = (...events: ReturnType<typeof trace>[]) =>
    serverOf(3, [batchRequest(events)]).traces.get('t');

  it('of a trace are merged by the time of their envelope', () => {
    expect(traceOf(trace({ name: 'last' }, 2), trace({ name: 'first' }, 1))?.name).toBe('last');
    expect(traceOf(trace({ name: 'first' }, 1), trace({ name: 'second' }, 1))?.name).toBe('first');
  });

  it('keep what they do not say, but for public', () => {
    const merged = traceOf(trace({ version: 'v', release: 'r', userId: 'u', public: true }), trace({}, 1));
    expect(merged).toMatchObject({ version: 'v', release: 'r', userId: 'u', public: false });
    expect(traceOf(trace({ version: 'v' }), trace({ version: null }, 1))?.version).toBeNull();
  });

  it('give the last input and output that are truthy', () => {
    expect(
      traceOf(trace({ input: { a: 1 }, output: 'o' }), trace({ input: '', output: 0 }, 1)),
    ).toMatchObject({
      input: '{"a":1}',
      output: 'o',
    });
  });

  it.each([
    ['text', { metadata: 'text' }],
    [7, { metadata: '7' }],
    [['a'], { metadata: '["a"]' }],
    [
      { k: null, n: { a: 1 } },
      { k: 'null', n: '{"a":1}' },
    ],
  ])('keep metadata of any sort: %j', (metadata, stored) => {
    expect(traceOf(trace({ metadata }))?.metadata).toEqual(stored);
  });

  it('of an observation are merged by time, whatever request they came in', () => {
    const event = (type: string, atMs: number, body: object) => ({
      type,
      atMs,
      body: { id: 'o', traceId: 't', ...body },
    });
    const server = serverOf(3, [
      batchRequest([event('span-update', 2, { output: 'done', endTime: at(9) })]),
      batchRequest([event('span-create', 1, { name: 'n', startTime: at(5), level: 'ERROR' })]),
    ]);
    expect(server.observations.get('o')).toMatchObject({
      type: 'SPAN',
      name: 'n',
      output: 'done',
      level: 'ERROR',
      startTime: at(5),
      endTime: at(9),
    });
  });

  it('have the older usage, whose total is a sum where it says none', () => {
    const body = { id: 'o', traceId: 't', usage: { input: 1, output: 2, total: 0, totalCost: 0.5 } };
    expect(
      serverOf(3, [batchRequest([{ type: 'generation-create', body }])]).observations.get('o'),
    ).toMatchObject({
      usageDetails: { input: 1, output: 2, total: 3 },
      costDetails: { total: 0.5 },
    });
  });

  it('that the schema refuses are dropped alone, and named', () => {
    const { dropped, traces } = serverOf(3, [
      batchRequest([
        { id: 'bad', ...trace({ name: 'x'.repeat(1001) }) },
        { id: 'unknown', type: 'dream-create', body: { id: 'd' } },
        { id: 'half', type: 'generation-create', body: { id: 'g', promptName: 'p' } },
        trace({ name: 'good' }),
      ]),
    ]);
    expect(traces.get('t')?.name).toBe('good');
    expect(dropped.map(({ id, status, message }) => [id, status, message])).toEqual(
      ['bad', 'unknown', 'half'].map((id) => [id, 400, 'Invalid request data']),
    );
  });

  it('lose fields that their type has not', () => {
    const server = serverOf(3, [
      batchRequest([
        { type: 'span-create', body: { id: 'o', traceId: 't', model: 'm', environment: 'Prod' } },
      ]),
    ]);
    expect(server.changed).toEqual([
      { id: 'o', field: 'model', why: 'dropped: no field of span-create' },
      { id: 'o', field: 'environment', why: 'becomes "prod"' },
    ]);
  });

  it('but for scores are refused by version 4', () => {
    const score = { type: 'score-create', body: { id: 's', name: 'n', value: 1, traceId: 't' } };
    const { scores, traces, dropped } = serverOf(4, [batchRequest([{ id: 'e', ...trace({}) }, score])]);
    expect([...scores.keys()]).toEqual(['s']);
    expect(traces.size).toBe(0);
    expect(dropped).toMatchObject([
      { id: 'e', type: 'trace-create', status: 400, message: 'Event type not accepted' },
    ]);
  });
});

describe('a score', () => {
  const score = (body: object) => ({
    type: 'score-create',
    body: { id: 's', name: 'n', traceId: 't', ...body },
  });
  const scoreOf = (body: object) => serverOf(4, [batchRequest([score(body)])]).scores.get('s');

  it.each([
    [{ value: 0.5 }, { value: 0.5, stringValue: null, dataType: 'NUMERIC' }],
    [{ value: 'good' }, { value: 0, stringValue: 'good', dataType: 'CATEGORICAL' }],
    [
      { value: 1, dataType: 'BOOLEAN' },
      { value: 1, stringValue: 'True', dataType: 'BOOLEAN' },
    ],
    [
      { value: 'text', dataType: 'TEXT' },
      { stringValue: 'text', dataType: 'TEXT' },
    ],
    [
      { value: 'new', dataType: 'CORRECTION' },
      { name: 'output', longStringValue: 'new' },
    ],
  ])('%j is stored as %j', (body, stored) => {
    expect(scoreOf(body)).toMatchObject(stored);
  });

  it.each([
    ['of nothing', { traceId: null, value: 1 }],
    ['of two things', { sessionId: 's', value: 1 }],
    ['that is half true', { value: 0.5, dataType: 'BOOLEAN' }],
    ['with a text as number', { value: '1', dataType: 'NUMERIC' }],
    ['with a long text', { value: 'x'.repeat(501), dataType: 'TEXT' }],
    ['without a name', { name: '', value: 1 }],
    ['of an annotator without configuration', { value: 1, source: 'ANNOTATION' }],
  ])('%s is dropped', (_, body) => {
    expect(scoreOf(body)).toBeUndefined();
    expect(serverOf(4, [batchRequest([score(body)])]).dropped).toHaveLength(1);
  });
});
