/** A record becomes the same row whether it is written at once, or comes as a span or as an event of the ingestion API. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePart } from '../../../../src/event/event-decoder.js';
import { timeOfMicros, toRow } from '../../../../src/exporters/clickhouse/rows.js';
import { rowOfScore, rowOfSpan } from '../../../../src/exporters/clickhouse/span-rows.js';
import { encodeScore } from '../../../../src/exporters/langfuse/scores.js';
import { createSpanEncoder } from '../../../../src/exporters/langfuse/spans.js';
import { readIngestion } from '../../../../src/ingest/classic/ingestion.js';
import { emptySpan, type OtlpSpan } from '../../../../src/ingest/otlp/otlp-span.js';
import { decodeOtlpProtobuf } from '../../../../src/ingest/otlp/protobuf-decoder.js';
import { atOnce } from '../../../../src/ingest/steps.js';
import { TRACE } from '../../../../src/records/kinds.js';
import { rootSpanId } from '../../../../src/records/trace.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../../../src/records/vocabulary.js';
import { stringifyWellFormed } from '../../../../src/shared/json.js';
import { eventBytes } from '../../../support/event-bytes.js';
import { idBytes, observation, score, TRACE_ID } from '../../../support/records.js';

const WRITTEN_US = 1_764_000_000_000_123;
const EVENT_TS = timeOfMicros(WRITTEN_US);
const encoder = createSpanEncoder('1.2.3', decodePart);

/** As the engine stores it: lists and objects in a column of texts keep their JSON. */
function stored(values: object): unknown {
  const row = JSON.parse(stringifyWellFormed(values) as string) as Record<string, unknown>;
  for (const name of ['input', 'output', 'model_parameters', 'trace_input', 'trace_output']) {
    if (typeof row[name] === 'object' && row[name] !== null) row[name] = JSON.stringify(row[name]);
  }
  return row;
}

function spanOf(record: readonly unknown[]): OtlpSpan {
  const { bytes } = encoder.encode(eventBytes(record));
  const body = Buffer.concat(encoder.encodeRequest([bytes], bytes.byteLength));
  return atOnce(decodeOtlpProtobuf(body))[0] as OtlpSpan;
}

function byWayOfSpan(record: readonly unknown[]): unknown {
  const row = rowOfSpan(spanOf(record), EVENT_TS);
  return 'refused' in row ? row.refused : stored(row.values);
}

function direct(record: readonly unknown[]): unknown {
  return stored(toRow(decodePart(eventBytes(record)) as readonly unknown[], WRITTEN_US).values);
}

/** What an empty text means, and what NUL becomes, the tests below say. */
const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((one) => !one.includes('\0'));
const value = fc.oneof(
  text,
  fc.object({ maxDepth: 2 }).map((one) => JSON.parse(JSON.stringify(one))),
  fc.integer(),
);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const ms = fc.double({ min: 1, max: 4e12, noNaN: true });
const key = fc.string({ minLength: 1, maxLength: 12 }).filter((one) => one !== '__proto__');
const metadata = fc.option(fc.tuple(fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true })));
const environment = fc.stringMatching(/^[a-kmn-z0-9_-]{1,20}$/);
const counts = fc.dictionary(key, fc.nat(), { minKeys: 1, maxKeys: 3, noNullPrototype: true });

const traceAttributes = fc
  .record({
    name: optional(text),
    userId: optional(text),
    sessionId: optional(text),
    tags: optional(fc.array(text, { maxLength: 3 })),
    metadata,
    release: optional(text),
    isPublic: optional(fc.boolean()),
  })
  .map((one) => [
    ...[one.name, one.userId, one.sessionId, one.tags, one.metadata, one.release, one.isPublic],
    ...[null, null, null, null, null],
  ]);

const anyObservation = fc.record({
  type: fc.nat(OBSERVATION_TYPES.length - 1),
  parentId: fc.constantFrom(null, idBytes('00000000000000aa'), idBytes(rootSpanId(TRACE_ID))),
  name: optional(text),
  startTime: ms,
  endTime: ms,
  completionStartTime: optional(ms),
  level: optional(fc.nat(OBSERVATION_LEVELS.length - 1)),
  statusMessage: optional(text),
  version: optional(text),
  environment: optional(environment),
  model: optional(text),
  modelParameters: optional(
    fc.dictionary(key, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text)), { noNullPrototype: true }),
  ),
  usageDetails: optional(counts),
  costDetails: optional(counts),
  input: optional(value),
  output: optional(value),
  metadata,
  trace: optional(traceAttributes),
});

describe('rows by way of spans', () => {
  it('equal those of the records: observations', () => {
    fc.assert(
      fc.property(anyObservation, (fields) => {
        const record = observation(fields);
        expect(byWayOfSpan(record)).toEqual(direct(record));
      }),
      { numRuns: 500 },
    );
  });

  it('equal those of the records: prompts', () => {
    const record = observation({ type: 1, promptName: 'p', promptVersion: 3, startTime: 1, endTime: 1 });
    expect(byWayOfSpan(record)).toMatchObject({ prompt_name: 'p', prompt_version: 3 });
    expect(byWayOfSpan(record)).toEqual(direct(record));
  });

  it('equal those of the records: traces', () => {
    const fields = fc.record({
      startTime: ms,
      endTime: ms,
      version: optional(text),
      environment: optional(environment),
      input: optional(value),
      output: optional(value),
      trace: traceAttributes,
    });
    fc.assert(
      fc.property(fields, (given) => {
        const record = observation({ ...given, kind: TRACE, id: idBytes(rootSpanId(TRACE_ID)) });
        expect(byWayOfSpan(record)).toEqual(direct(record));
      }),
      { numRuns: 300 },
    );
  });

  it('of a root have what its trace has of its own', () => {
    const trace = ['chat', null, null, null, [{ k: 'v' }], null, null, 'v1', 'prod', 'in', { out: 1 }, null];
    const record = observation({ startTime: 1, endTime: 2, version: 'v1', environment: 'prod', trace });
    expect(byWayOfSpan(record)).toMatchObject({
      trace_input: 'in',
      trace_output: '{"out":1}',
      trace_version: null,
    });
    expect(byWayOfSpan(record)).toEqual(direct(record));
  });

  it('keep texts in metadata as they came', () => {
    const record = observation({ metadata: [{ a: '{"b": 1.0}', c: '007' }], startTime: 1, endTime: 1 });
    expect(byWayOfSpan(record)).toMatchObject({ metadata: { a: '{"b": 1.0}', c: '007' } });
    expect(byWayOfSpan(record)).toEqual(direct(record));
  });

  it('differ where a server does: an empty text is none, NUL makes JSON', () => {
    expect(byWayOfSpan(observation({ input: '', startTime: 1 }))).toMatchObject({ input: null });
    expect(byWayOfSpan(observation({ input: 'a\0', startTime: 1 }))).toMatchObject({ input: '"a\\u0000"' });
  });

  it('name what a server would refuse, without its value', () => {
    const span = emptySpan({ attributes: new Map() }, { name: '', version: '', attributes: new Map() });
    Object.assign(span, { traceId: TRACE_ID, spanId: '00000000000000aa', startTimeUnixNano: 1_000n });
    span.attributes.set('langfuse.observation.type', 'generation');
    span.attributes.set('langfuse.observation.prompt.name', 's3cret');
    const row = rowOfSpan(span, EVENT_TS);
    expect(row).toEqual({
      refused: expect.stringContaining('must come with langfuse.observation.prompt.version'),
    });
    expect(JSON.stringify(row)).not.toContain('s3cret');
  });

  it('of other instrumentations have what their attributes say', () => {
    const span = emptySpan(
      { attributes: new Map([['service.name', 'shop']]) },
      { name: 'genai', version: '1', attributes: new Map() },
    );
    Object.assign(span, {
      traceId: TRACE_ID,
      spanId: '00000000000000aa',
      name: 'chat gpt',
      startTimeUnixNano: 1_000n,
    });
    span.attributes.set('gen_ai.operation.name', 'chat');
    span.attributes.set('gen_ai.request.model', 'gpt-x');
    span.attributes.set('gen_ai.usage.input_tokens', 7);
    span.attributes.set('user.id', 'u');
    expect(rowOfSpan(span, EVENT_TS)).toMatchObject({
      table: 'observations',
      values: {
        type: 'GENERATION',
        model: 'gpt-x',
        usage_details: { input: 7 },
        user_id: 'u',
        is_trace_root: true,
        metadata: { resourceAttributes: '{"service.name":"shop"}' },
      },
    });
  });
});

describe('rows of scores', () => {
  it.each([
    [{ value: 0.5 }],
    [{ value: 1, dataType: 'BOOLEAN', comment: 'good', metadata: { a: 1, deep: { b: 'c' } } }],
    [{ value: 'kind', traceId: null, sessionId: 's', environment: 'prod', configId: 'c' }],
    [{ value: 'free text', dataType: 'TEXT', observationId: '00000000000000aa', metadata: 'whole' }],
  ])('equal those of the records: %j', (fields) => {
    const record = score({ timestamp: 1_764_000_000_000.75, ...fields });
    const event = JSON.parse(encodeScore(record).toString());
    const { changes } = atOnce(readIngestion({ batch: [event] }, true, 'scores'));
    const rows = changes.scores.map((one) => stored(rowOfScore(one, EVENT_TS)));
    expect(rows).toEqual([direct(record)]);
  });
});
