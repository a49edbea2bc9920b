/** Records as events of Langfuse's classic ingestion: what they hold, what the server makes of them, how its answer is read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExporter } from '../../../../../src/exporters/langfuse/exporter.js';
import { readIngestion } from '../../../../../src/ingest/classic/ingestion.js';
import { atOnce } from '../../../../../src/receiver/slices.js';
import { TRACE } from '../../../../../src/records/kinds.js';
import { rootSpanId } from '../../../../../src/records/trace.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../../../../src/records/vocabulary.js';
import type { EncodedRecord } from '../../../../../src/shared/contract/exporter.js';
import { eventBytes } from '../../../../support/event-bytes.js';
import { exporterContext, idBytes, observation, SPAN_ID, TRACE_ID } from '../../../../support/records.js';

const PARENT_ID = '00000000000000aa';
const START = 1_700_000_000_000;
const ATTRIBUTES = ['support', 'u1', 's1', ['a', 'b'], [{ k: 'v' }, { l: 1 }], 'r1', true];

interface ClassicEvent {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly body: Record<string, unknown>;
}

async function startEncoding() {
  const warnings: string[] = [];
  const exporter = await createExporter(
    { baseUrl: 'http://x', publicKey: 'pk', secretKey: 'sk', sdkVersion: '1.2.3', protocol: 'ingestion' },
    exporterContext({ warning: (_, message) => warnings.push(message) }),
  );
  const encode = (record: unknown): EncodedRecord =>
    (exporter.encodeBytes as (event: Buffer) => EncodedRecord)(eventBytes(record));
  const bodyOf = (records: readonly EncodedRecord[]): Buffer =>
    exporter.request('observations', records).body as Buffer;
  const eventsOf = (...records: EncodedRecord[]): ClassicEvent[] => {
    const request = JSON.parse(bodyOf(records).toString());
    expect(atOnce(readIngestion(request)).answer.errors).toEqual([]);
    return request.batch;
  };
  const events = (...records: unknown[]): ClassicEvent[] => eventsOf(...records.map(encode));
  /** What the server answers: an error for each of these ids, a success for the others. */
  const outcome = (records: EncodedRecord[], errors: object[]) => {
    const refused = new Set(errors.map((error) => (error as { id?: string }).id));
    const taken = eventsOf(...records).filter(({ id }) => !refused.has(id));
    const body = JSON.stringify({ successes: taken.map(({ id }) => ({ id, status: 201 })), errors });
    return exporter.outcome('observations', records, { status: 207, headers: {}, body: Buffer.from(body) });
  };
  return { exporter, warnings, encode, bodyOf, eventsOf, events, outcome };
}

/** An observation inside of another one, so that it brings its trace only where that is news. */
const inner = (fields: Parameters<typeof observation>[0] = {}) =>
  observation({ parentId: idBytes(PARENT_ID), startTime: START, endTime: START, ...fields });

const spanId = (number: number) => idBytes(number.toString(16).padStart(16, '0'));

describe('an observation', () => {
  it('carries every field under its classic name', async () => {
    const { events } = await startEncoding();
    const [event] = events(
      inner({
        type: OBSERVATION_TYPES.indexOf('generation'),
        name: 'answer',
        startTime: START + 0.125,
        endTime: START + 1000.5,
        completionStartTime: START + 500,
        level: OBSERVATION_LEVELS.indexOf('WARNING'),
        statusMessage: 'slow',
        version: 'v2',
        environment: 'test',
        model: 'gpt-4o',
        modelParameters: { temperature: 0.5, stop: ['\n'], stream: true, seed: null },
        usageDetails: { input: 10, output: 5, input_cached: 3 },
        costDetails: { input: 0.01, total: 0.02 },
        promptName: 'greeting',
        promptVersion: 3,
        input: [{ role: 'user', content: 'hi' }],
        output: 'plain text',
        metadata: [{ a: 1, b: { c: 2 } }],
        trace: ATTRIBUTES,
        saidAt: START + 2000.75,
      }),
    );
    expect(event).toEqual({
      id: expect.any(String),
      type: 'generation-create',
      timestamp: '2023-11-14T22:13:22.000Z',
      body: {
        id: SPAN_ID,
        traceId: TRACE_ID,
        parentObservationId: PARENT_ID,
        name: 'answer',
        startTime: '2023-11-14T22:13:20.000Z',
        endTime: '2023-11-14T22:13:21.000Z',
        completionStartTime: '2023-11-14T22:13:20.500Z',
        level: 'WARNING',
        statusMessage: 'slow',
        version: 'v2',
        environment: 'test',
        model: 'gpt-4o',
        modelParameters: { temperature: 0.5, stop: ['\n'], stream: true },
        usageDetails: { input: 10, output: 5, input_cached: 3 },
        costDetails: { input: 0.01, total: 0.02 },
        usage: { input: 10, output: 5, unit: 'TOKENS', inputCost: 0.01, totalCost: 0.02 },
        promptName: 'greeting',
        promptVersion: 3,
        input: [{ role: 'user', content: 'hi' }],
        output: 'plain text',
        metadata: { a: 1, b: { c: 2 } },
      },
    });
  });

  it('leaves out what it does not have', async () => {
    const { events } = await startEncoding();
    const times = { startTime: '2023-11-14T22:13:20.000Z', endTime: '2023-11-14T22:13:20.000Z' };
    expect(events(inner({ parentId: idBytes(rootSpanId(TRACE_ID)) }))[0]?.body).toEqual({
      id: SPAN_ID,
      traceId: TRACE_ID,
      ...times,
    });
  });

  it('of each type is created as that type', async () => {
    const { events } = await startEncoding();
    const all = OBSERVATION_TYPES.map((_, type) => inner({ type, id: spanId(type) }));
    const types = events(...all).map(({ type }) => type);
    expect(types.filter((type) => type !== 'trace-create')).toEqual(
      OBSERVATION_TYPES.map((type) => `${type}-create`),
    );
  });

  it('has no parent where that is the span of the trace, which here is the trace itself', async () => {
    const { events } = await startEncoding();
    const bodies = events(
      inner({ parentId: idBytes(rootSpanId(TRACE_ID)) }),
      inner({ id: spanId(1), parentId: idBytes(SPAN_ID) }),
    ).map(({ body }) => body);
    expect(bodies[0]).not.toHaveProperty('parentObservationId');
    expect(bodies.at(-1)).toMatchObject({ parentObservationId: SPAN_ID });
  });

  it('that is an event has no end, which a server would leave out', async () => {
    const { events } = await startEncoding();
    const [event] = events(inner({ type: OBSERVATION_TYPES.indexOf('event') }));
    expect(event?.body).toMatchObject({ startTime: '2023-11-14T22:13:20.000Z' });
    expect(event?.body).not.toHaveProperty('endTime');
  });

  it('never ends before it began', async () => {
    const { events } = await startEncoding();
    const { startTime, endTime } = events(inner({ endTime: START - 5 }))[0]?.body ?? {};
    expect(endTime).toBe(startTime);
  });

  it('has the metadata of several calls merged, the later key wins', async () => {
    const { events } = await startEncoding();
    const [event] = events(inner({ metadata: [{ a: 1, b: 1 }, { b: 2 }] }));
    expect(event?.body.metadata).toEqual({ a: 1, b: 2 });
  });

  it('arrives whatever its model parameters, usage, cost and prompt are', async () => {
    const { events } = await startEncoding();
    const bodyOf = (fields: object) => events(inner(fields))[0]?.body;
    expect(bodyOf({ modelParameters: { tools: [{ a: 1 }], nested: { b: 2 } } })).toMatchObject({
      modelParameters: { tools: '[{"a":1}]', nested: '{"b":2}' },
    });
    expect(bodyOf({ modelParameters: 'hot' })).toMatchObject({ modelParameters: { parameters: 'hot' } });
    expect(bodyOf({ usageDetails: { input: 2, cached: 1 } })).toMatchObject({
      usageDetails: { input: 2, cached: 1 },
      usage: { input: 2, unit: 'TOKENS' },
    });
    expect(bodyOf({ usageDetails: { input: 2 }, usageUnit: 'CHARACTERS' })).toMatchObject({
      usage: { input: 2, unit: 'CHARACTERS' },
    });
    expect(bodyOf({ costDetails: { total: 0.5 } })).toMatchObject({
      costDetails: { total: 0.5 },
      usage: { totalCost: 0.5 },
    });
    expect(bodyOf({ promptName: 'greeting' })).not.toHaveProperty('promptName');
  });
});

describe('a trace', () => {
  const traceFields = {
    kind: TRACE,
    id: idBytes(rootSpanId(TRACE_ID)),
    name: 'support',
    startTime: START,
    endTime: START + 10,
    version: 'v2',
    environment: 'test',
    input: { q: 1 },
    output: 'done',
    trace: ATTRIBUTES,
  };
  const record = observation(traceFields);

  it('made by trace() is one trace-create with every field', async () => {
    const { encode, eventsOf } = await startEncoding();
    const encoded = encode(record);
    expect(encoded.id).toBe(TRACE_ID);
    expect(eventsOf(encoded)).toEqual([
      {
        id: expect.any(String),
        type: 'trace-create',
        timestamp: expect.any(String),
        body: {
          id: TRACE_ID,
          timestamp: '2023-11-14T22:13:20.000Z',
          name: 'support',
          version: 'v2',
          environment: 'test',
          input: { q: 1 },
          output: 'done',
          userId: 'u1',
          sessionId: 's1',
          tags: ['a', 'b'],
          metadata: { k: 'v', l: 1 },
          release: 'r1',
          public: true,
        },
      },
    ]);
  });

  it('comes with the first observation that has its attributes, and with none that only repeats them', async () => {
    const { events } = await startEncoding();
    const changed = ['support', 'u2', null, null, null, null, null, 'v3', 'of-the-trace', null, null];
    const all = events(
      inner({ id: spanId(1), environment: 'test', trace: ATTRIBUTES }),
      inner({ id: spanId(2), trace: ATTRIBUTES }),
      inner({ id: spanId(3), trace: changed }),
      record,
      inner({ id: spanId(4), trace: ATTRIBUTES }),
    );
    expect(all.map(({ type }) => type)).toEqual([
      'span-create',
      'trace-create',
      'span-create',
      'span-create',
      'trace-create',
      'trace-create',
      'span-create',
    ]);
    const [, first, , , second] = all.map(({ body }) => body);
    expect(first).toEqual({
      id: TRACE_ID,
      timestamp: '2023-11-14T22:13:20.000Z',
      name: 'support',
      userId: 'u1',
      sessionId: 's1',
      tags: ['a', 'b'],
      metadata: { k: 'v', l: 1 },
      release: 'r1',
      public: true,
    });
    // Not the observation's: a server never changes a trace's environment again.
    expect(second).toEqual({
      id: TRACE_ID,
      timestamp: first?.timestamp,
      name: 'support',
      userId: 'u2',
      version: 'v3',
      environment: 'of-the-trace',
    });
  });

  it('without a name has that of its root; a root always brings its trace, with its own beginning, version, input and output', async () => {
    const { events } = await startEncoding();
    const child = inner({ id: spanId(1), name: 'child', version: 'of the child', startTime: START + 5 });
    const root = observation({
      name: 'root',
      version: 'v2',
      startTime: START,
      endTime: START + 9,
      input: { q: 1 },
      output: 'a',
    });
    const [, ofChild, , ofRoot] = events(child, root).map(({ body }) => body);
    expect(ofChild).toEqual({ id: TRACE_ID, timestamp: '2023-11-14T22:13:20.005Z' });
    expect(ofRoot).toEqual({
      id: TRACE_ID,
      timestamp: '2023-11-14T22:13:20.000Z',
      name: 'root',
      version: 'v2',
      input: { q: 1 },
      output: 'a',
    });
  });

  it('has times that rise with each event of an id, and say when the application spoke', async () => {
    const { events } = await startEncoding();
    const said = (saidAt: number, fields: object = {}) => inner({ saidAt, trace: ATTRIBUTES, ...fields });
    const all = events(
      said(START + 5.9),
      said(START + 5.2),
      // After the clock was set back.
      said(START - 9000),
      said(START + 5, { id: spanId(2) }),
      said(START + 50),
      observation({ ...traceFields, saidAt: START + 5 }),
      observation({ ...traceFields, saidAt: START + 5 }),
    );
    const timesOf = (id: string) =>
      all.filter(({ body }) => body.id === id).map(({ timestamp }) => Date.parse(timestamp) - START);
    expect(timesOf(SPAN_ID)).toEqual([5, 6, 7, 50]);
    expect(timesOf(spanId(2).toString('hex'))).toEqual([5]);
    expect(timesOf(TRACE_ID)).toEqual([5, 6, 7, 50, 51, 52]);
  });

  it('comes again with an observation that is encoded again: the first may have been thrown away as too large', async () => {
    const { encode, eventsOf } = await startEncoding();
    const large = inner({ trace: ATTRIBUTES, input: 'x'.repeat(5_000_000) });
    expect(eventsOf(encode(large)).map(({ type }) => type)).toEqual(['span-create', 'trace-create']);
  });

  it('has its name cut to what the server takes', async () => {
    const { events } = await startEncoding();
    const [, trace] = events(inner({ trace: ['n'.repeat(1001), ...new Array(10).fill(null)] }));
    expect(trace?.body.name).toBe('n'.repeat(1000));
    const [, halved] = events(inner({ trace: [`${'n'.repeat(999)}😀`, null, null, null, null, null, null] }));
    expect(halved?.body.name).toBe(`${'n'.repeat(999)}\ufffd`);
  });
});

describe('events', () => {
  it('of the same observation have ids of their own: the server drops an event whose id it has seen', async () => {
    const { events } = await startEncoding();
    const ids = events(inner(), inner(), inner({ id: spanId(7) })).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('with any values are read as they were given, in a body of exactly the size that was foretold', async () => {
    const { exporter, encode, bodyOf, eventsOf } = await startEncoding();
    const value = fc.jsonValue({ stringUnit: 'binary' });
    const fields = fc.record({
      name: fc.string({ unit: 'binary', minLength: 1 }),
      statusMessage: fc.string({ unit: 'binary', minLength: 1 }),
      model: fc.string({ unit: 'binary', minLength: 1 }),
      modelParameters: value,
      usageDetails: value,
      costDetails: value,
      input: value,
      output: value,
      metadata: fc.array(value, { minLength: 1, maxLength: 3 }),
      trace: fc.tuple(
        ...[0, 1, 2].map(() => fc.option(fc.string({ unit: 'binary' }))),
        fc.option(fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 })),
        fc.option(fc.array(value, { maxLength: 2 })),
        fc.option(fc.string({ unit: 'binary' })),
        fc.option(fc.boolean()),
      ),
    });
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 5 }), (all) => {
        const encoded = all.map((one, i) => encode(inner({ ...one, id: spanId(i) })));
        const recordBytes = encoded.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
        expect(bodyOf(encoded).byteLength).toBe(
          exporter.bodyBytes?.('observations', encoded.length, recordBytes),
        );
        const bodies = eventsOf(...encoded).filter(({ type }) => type === 'span-create');
        for (const [i, { name, statusMessage, input, output }] of all.entries()) {
          const body = bodies[i]?.body ?? {};
          expect([body.name, body.statusMessage]).toEqual([name, statusMessage]);
          // Of numbers and truth values the text, as a server takes 0 and false for none.
          const asSent = (one: unknown) =>
            ['number', 'boolean'].includes(typeof one) ? String(one) : JSON.parse(JSON.stringify(one));
          expect([body.input ?? null, body.output ?? null]).toEqual([asSent(input), asSent(output)]);
        }
      }),
    );
  });

  it('go in requests that the server reads: bounded, and not compressed; so do the scores of the otel protocol', async () => {
    const { exporter } = await startEncoding();
    const otel = await createExporter(
      { baseUrl: 'http://x', publicKey: 'pk', secretKey: 'sk', sdkVersion: '1.2.3' },
      exporterContext(),
    );
    for (const [sender, lane] of [
      [exporter, 'observations'],
      [exporter, 'scores'],
      [otel, 'scores'],
    ] as const) {
      expect(sender.maxBodyBytes?.[lane]).toBe(4_500_000);
      expect(sender.request(lane, [])).toMatchObject({
        url: 'http://x/api/public/ingestion',
        headers: { 'content-type': 'application/json' },
        compressible: false,
      });
    }
    expect(otel.maxBodyBytes?.spans).toBeUndefined();
    expect(otel.request('spans', []).compressible).toBeUndefined();
  });
});

describe('an answer', () => {
  it('that refuses an observation, or the trace that it brought, refuses its record', async () => {
    const { encode, eventsOf, outcome } = await startEncoding();
    const records = [1, 2, 3].map((number) =>
      encode(inner({ id: spanId(number), traceId: idBytes(TRACE_ID.replace('0', String(number))) })),
    );
    const [, trace, span] = eventsOf(...records);
    const errors = [
      { id: trace?.id, status: 400, message: 'Invalid request data', error: [{ path: ['tags'] }] },
      { id: span?.id, status: 500, error: 'Internal Server Error' },
    ];
    expect(outcome(records, errors)).toEqual({
      kind: 'partial',
      refused: [
        { index: 0, reason: 'HTTP 400: Invalid request data ([{"path":["tags"]}])', retryable: false },
        { index: 1, reason: 'HTTP 500: no message (Internal Server Error)', retryable: true },
      ],
    });
    expect(outcome(records, [])).toEqual({ kind: 'success' });
  });

  it('that refuses something lets traces come again: theirs may be among it', async () => {
    const { encode, eventsOf, events, outcome } = await startEncoding();
    const record = encode(inner());
    outcome([record], [{ id: eventsOf(record)[1]?.id, status: 400 }]);
    expect(events(inner({ id: spanId(2) })).map(({ type }) => type)).toContain('trace-create');
  });

  it('that takes nothing does so too', async () => {
    const { exporter, encode, events } = await startEncoding();
    const records = [encode(inner())];
    expect(events(inner({ id: spanId(2) })).map(({ type }) => type)).not.toContain('trace-create');
    exporter.outcome('observations', records, { status: 400, headers: {}, body: Buffer.alloc(0) });
    expect(events(inner({ id: spanId(3) })).map(({ type }) => type)).toContain('trace-create');
  });

  it.each([
    ['Langfuse 2', [{ code: 'invalid_union_discriminator', options: ['trace-create'], path: ['type'] }]],
    ['Langfuse 3', '[\n {"code": "invalid_union", "errors": [], "note": "No matching discriminator"} ]'],
  ])(
    'of a server that does not know the newer types (%s) turns them into those it knows',
    async (_, error) => {
      const { warnings, encode, eventsOf, events, outcome } = await startEncoding();
      const types = ['span', 'agent', 'embedding', 'guardrail'] as const;
      const records = types.map((type, i) =>
        encode(inner({ id: spanId(i), type: OBSERVATION_TYPES.indexOf(type), input: type })),
      );
      const sent = eventsOf(...records);
      const refusals = sent
        .filter(({ type }) => !['span-create', 'trace-create'].includes(type))
        .map(({ id }) => ({ id, status: 400, message: 'Invalid request data', error }));
      expect(outcome(records, refusals)).toMatchObject({
        kind: 'partial',
        refused: [1, 2, 3].map((index) => ({ index, retryable: true })),
      });
      expect(warnings).toEqual([expect.stringContaining('only spans, generations and events')]);

      const again = eventsOf(...records);
      expect(again.map(({ type }) => type)).toEqual([
        'span-create',
        'trace-create',
        'span-create',
        'generation-create',
        'span-create',
      ]);
      const withoutTypes = (all: ClassicEvent[]) => all.map(({ type: _type, ...rest }) => rest);
      expect(withoutTypes(again)).toEqual(withoutTypes(sent));
      const [later] = events(inner({ id: spanId(9), type: OBSERVATION_TYPES.indexOf('tool') }));
      expect(later?.type).toBe('span-create');
      // A second refusal is not about the type.
      expect(outcome(records, refusals)).toMatchObject({
        refused: [1, 2, 3].map(() => ({ retryable: false })),
      });
    },
  );
});
