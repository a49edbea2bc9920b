/** How records of one trace or observation meet: by time as on Langfuse 3, and where Langfuse 4 shows something else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ComplaintCode } from '../../../src/ingest/complaint-codes.js';
import { type Receiver, startReceiver } from '../../../src/receiver/receiver.js';
import {
  baseMs,
  call,
  ingestionEvent,
  otelSpan,
  postJson,
  postProtobuf,
  type SpanSpec,
  traceA,
} from './helpers.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterEach(() => receiver.close());

let ids = 0;

/** A span below another, unless it is said to be a root; at `startMs`. */
function span(startMs: number, attributes: SpanSpec['attributes'], more: SpanSpec = {}): SpanSpec {
  ids += 1;
  const spanId = ids.toString(16).padStart(16, '0');
  return {
    scope: 'langfuse-sdk',
    spanId,
    parentSpanId: 'ffffffffffffffff',
    startMs,
    endMs: startMs,
    attributes,
    ...more,
  };
}

const root = (startMs: number, attributes: SpanSpec['attributes'], more: SpanSpec = {}) =>
  span(startMs, attributes, { parentSpanId: undefined, ...more });

async function send(...specs: SpanSpec[]): Promise<void> {
  const body = ProtobufTraceSerializer.serializeRequest(specs.map(otelSpan)) as Uint8Array;
  expect((await postProtobuf(receiver.url, body)).status).toBe(200);
}

const ingest = (...batch: unknown[]) => postJson(`${receiver.url}/api/public/ingestion`, { batch });
const trace = async (id = traceA) => (await call(`${receiver.url}/api/public/traces/${id}`)).json;
const observation = async (id: string) => (await call(`${receiver.url}/api/public/observations/${id}`)).json;

/** About traces, or about observations. */
async function disagreements(about: ComplaintCode = 'trace-views-differ'): Promise<string[]> {
  const { complaints } = await receiver.complaints();
  expect(complaints.every(({ severity }) => severity === 'disagreement')).toBe(true);
  return complaints
    .filter(({ code }) => code === about)
    .map(({ field }) => field)
    .sort();
}

const named = (name: string) => ({ 'langfuse.trace.name': name });

describe('a trace made of spans', () => {
  it('has the name of the span that began last, whichever arrives last', async () => {
    await send(span(20, named('later')));
    await send(span(10, named('earlier')));
    expect(await trace()).toMatchObject({ name: 'later' });
    // Langfuse 4 goes by arrival. What two servers disagree about is read, not stored: it may pass.
    expect(await disagreements()).toEqual(['name']);
    await send(span(30, named('last')));
    expect(await trace()).toMatchObject({ name: 'last' });
    expect(await disagreements()).toEqual([]);
  });

  it.each([
    ['one request', (...specs: SpanSpec[]) => send(...specs)],
    [
      'two requests',
      async (...specs: SpanSpec[]) => {
        for (const spec of specs) await send(spec);
      },
    ],
  ])('keeps what came first between equal times, in %s', async (_how, inOrder) => {
    await inOrder(span(10, named('first')), span(10, { ...named('second'), 'user.id': 'ada' }));
    // What the first does not say is not lost: it has no time to be beaten.
    expect(await trace()).toMatchObject({ name: 'first', userId: 'ada' });
    expect(await disagreements()).toEqual(['name']);
  });

  it('has the time of a span in whole milliseconds', async () => {
    await send(span(10.2, named('first')));
    await send(span(10.9, named('second')));
    expect(await trace()).toMatchObject({ name: 'first' });
  });

  it('loses version, release and public by a later span that says something else of it', async () => {
    await send(
      root(0, { 'langfuse.version': 'v1', 'langfuse.release': 'r1', 'langfuse.trace.public': true }),
    );
    expect(await trace()).toMatchObject({ version: 'v1', release: 'r1', public: true });
    await send(span(5, {}));
    expect(await trace()).toMatchObject({ version: 'v1', release: 'r1', public: true });
    await send(span(6, { 'user.id': 'ada' }));
    expect(await trace()).toMatchObject({ version: null, release: null, public: false, userId: 'ada' });
    expect(await disagreements()).toEqual(['public', 'release', 'version']);
  });

  it('keeps user and session where a later span says none', async () => {
    await send(root(0, { 'user.id': 'ada', 'session.id': 's1' }));
    await send(span(5, named('x')));
    expect(await trace()).toMatchObject({ userId: 'ada', sessionId: 's1' });
  });

  it('takes version and release of the resource where no attribute says them', async () => {
    const resource = {
      attributes: [
        { key: 'service.version', value: { stringValue: '7' } },
        { key: 'langfuse.release', value: { stringValue: 'r7' } },
      ],
    };
    const spans = [
      {
        traceId: traceA,
        spanId: '00f067aa0ba902b7',
        name: 'x',
        startTimeUnixNano: '1000000',
        endTimeUnixNano: '2000000',
      },
    ];
    await postJson(`${receiver.url}/api/public/otel/v1/traces`, {
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'langfuse-sdk' }, spans }] }],
    });
    expect(await trace()).toMatchObject({ version: '7', release: 'r7' });
    expect(await observation('00f067aa0ba902b7')).toMatchObject({ version: '7' });
  });

  it('unites tags, in order', async () => {
    await send(root(0, { 'langfuse.trace.tags': ['b', 'a'] }));
    await send(span(-5, { 'langfuse.trace.tags': ['c', 'b'] }));
    expect(await trace()).toMatchObject({ tags: ['a', 'b', 'c'] });
    expect(await disagreements()).toContain('tags');
  });

  it('joins metadata deeply, each key by its time, lists by their indices', async () => {
    const metadata = (value: object) => ({ 'langfuse.trace.metadata': JSON.stringify(value) });
    await send(span(10, metadata({ a: { x: 1, y: [1, 2] }, only: 'early', text: 'early' })));
    await send(span(20, metadata({ a: { y: [9], z: 3 }, text: 'late' })));
    await send(span(15, metadata({ a: { x: 5, w: 6 }, text: 'between' })));
    expect((await trace()).metadata).toEqual({
      a: { x: 1, y: [9, 2], z: 3, w: 6 },
      only: 'early',
      text: 'late',
    });
  });

  it('replaces metadata whole where an entry is text to the server', async () => {
    await send(span(10, { 'langfuse.trace.metadata.k': '{"x":1}' }));
    await send(span(20, { 'langfuse.trace.metadata.k': '{"y":2}' }));
    expect((await trace()).metadata).toEqual({ k: { y: 2 } });
  });

  it('has the metadata of its root as well', async () => {
    await send(
      root(0, {
        'langfuse.trace.metadata.k': 'trace',
        'langfuse.observation.metadata.k': 'root',
        'langfuse.observation.metadata.o': '1',
      }),
    );
    expect((await trace()).metadata).toEqual({ k: 'root', o: 1 });
  });

  it('has name, input and output of its root, or what a later span says', async () => {
    await send(
      root(0, { 'langfuse.observation.input': 'q', 'langfuse.observation.output': 'a' }, { name: 'GET /' }),
    );
    expect(await trace()).toMatchObject({ name: 'GET /', input: 'q', output: 'a' });
    await send(span(5, { ...named('ask'), 'langfuse.trace.output': 'better' }));
    expect(await trace()).toMatchObject({ name: 'ask', input: 'q', output: 'better' });
    await send(root(9, { 'langfuse.observation.output': 'second' }, { name: 'again' }));
    expect(await trace()).toMatchObject({ name: 'again', input: 'q', output: 'second' });
    // An empty text is none.
    await send(root(12, { 'langfuse.trace.input': '', 'langfuse.observation.input': '' }, { name: 'third' }));
    expect(await trace()).toMatchObject({ name: 'third', input: 'q', output: 'second' });
  });

  it('keeps the payload of a root whose observation is refused', async () => {
    const refused = { 'langfuse.observation.type': 'generation', 'langfuse.observation.prompt.name': 'p' };
    await send(root(0, { ...refused, 'langfuse.observation.input': 'q' }));
    expect(await trace()).toMatchObject({ input: 'q', observations: [] });
  });

  it('keeps the environment that it has first, and the earliest start', async () => {
    await send(span(20, { 'langfuse.environment': 'one' }));
    await send(root(5, { 'langfuse.environment': 'two' }));
    expect(await trace()).toMatchObject({
      environment: 'one',
      timestamp: new Date(baseMs + 5).toISOString(),
    });
  });

  it('has the environment of the earliest span of a request that says something of it', async () => {
    await send(
      span(0, { 'langfuse.environment': 'silent' }),
      span(9, { ...named('x'), 'langfuse.environment': 'later' }),
      span(5, { ...named('y'), 'langfuse.environment': 'earliest' }),
    );
    expect(await trace()).toMatchObject({ environment: 'earliest' });
  });

  it('shows the same on Langfuse 3 in whatever order and grouping its spans arrive', async () => {
    const specs = Array.from({ length: 8 }, (_, index) =>
      span(index * 3, {
        ...(index % 2 === 0 ? named(`n${index}`) : {}),
        ...(index % 3 === 0 ? { 'user.id': `u${index}` } : {}),
        'langfuse.trace.tags': [`t${index % 3}`],
        'langfuse.trace.metadata': JSON.stringify({ [`k${index % 2}`]: { [`m${index}`]: index } }),
        ...(index === 4 ? { 'langfuse.trace.input': 'four' } : {}),
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(specs, { minLength: specs.length }),
        fc.integer({ min: 1, max: specs.length }),
        async (order, size) => {
          await receiver.close();
          receiver = await startReceiver({ port: 0 });
          for (let first = 0; first < order.length; first += size)
            await send(...order.slice(first, first + size));
          expect(await trace()).toMatchObject({
            name: 'n6',
            userId: 'u6',
            tags: ['t0', 't1', 't2'],
            metadata: { k0: { m0: 0, m2: 2, m4: 4, m6: 6 }, k1: { m1: 1, m3: 3, m5: 5, m7: 7 } },
            input: 'four',
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  it('goes on where it was after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-merging-'));
    try {
      for (const spec of [
        span(10, named('ten')),
        span(5, named('five')),
        span(10, { ...named('tie'), 'langfuse.trace.metadata.k': 'v' }),
      ]) {
        await receiver.close();
        receiver = await startReceiver({ port: 0, dataDir: folder });
        await send(spec);
      }
      expect(await trace()).toMatchObject({ name: 'ten', metadata: { k: 'v' } });
      expect(await disagreements()).toEqual(['name']);
    } finally {
      await receiver.close();
      rmSync(folder, { recursive: true });
      receiver = await startReceiver({ port: 0 });
    }
  });
});

describe("tailrace's trace record", () => {
  const recordId = traceA.slice(0, 16);
  const record = (startMs: number, attributes: SpanSpec['attributes']) =>
    root(startMs, { 'tailrace.trace': true, ...attributes }, { spanId: recordId, name: 'chat' });
  const child = () => span(5, {}, { parentSpanId: recordId });

  it.each([
    ['before', [1, 0]],
    ['after', [0, 1]],
    ['twice', [1, 0, 1, 0]],
  ])('is nobody’s parent, where it comes %s its child', async (_when, order) => {
    const specs = [child(), record(0, {})];
    for (const index of order) await send(specs[index] as SpanSpec);
    expect((await trace()).observations).toMatchObject([{ parentObservationId: null }]);
  });

  it('that never comes leaves the parent that its children name', async () => {
    await send(child());
    expect((await trace()).observations).toMatchObject([{ parentObservationId: recordId }]);
  });

  it('sent again at its own start changes nothing that it had said: that is lost on Langfuse 3', async () => {
    await send(record(0, { ...named('chat'), 'user.id': 'ada' }));
    await send(
      record(0, {
        ...named('renamed'),
        'user.id': 'grace',
        'session.id': 'new',
        'langfuse.trace.output': 'out',
      }),
    );
    expect(await trace()).toMatchObject({
      name: 'chat',
      userId: 'ada',
      sessionId: 'new',
      output: 'out',
      observations: [],
    });
    expect(await disagreements()).toEqual(['name', 'userId']);
  });
});

describe('a classic trace', () => {
  const event = (ms: number, body: object) =>
    ingestionEvent('trace-create', { id: 't', ...body }, baseMs + ms);

  it('is merged by the time of its envelopes, and between equals keeps what came first', async () => {
    await ingest(event(5, { name: 'five', userId: 'ada' }), event(5, { name: 'tie', sessionId: 's' }));
    await ingest(event(1, { name: 'one', release: 'r' }));
    expect(await trace('t')).toMatchObject({ name: 'five', userId: 'ada', sessionId: 's', release: 'r' });
    // No classic event ever comes to the tables of Langfuse 4.
    expect(await disagreements()).toEqual([]);
  });

  it('loses by null what it had, and by silence only that it is public', async () => {
    await ingest(event(1, { name: 'one', userId: 'ada', public: true, input: 'in' }));
    await ingest(event(2, { userId: null, input: null }));
    expect(await trace('t')).toMatchObject({ name: 'one', userId: null, public: false, input: 'in' });
  });
});

describe('a classic observation', () => {
  const event = (kind: string, ms: number, body: object) =>
    ingestionEvent(`generation-${kind}`, { id: 'o', traceId: 't', ...body }, baseMs + ms);
  const create = (ms: number, body: object) => event('create', ms, body);
  const update = (ms: number, body: object) => event('update', ms, body);

  it('has between equal times what the update says, of creates the first and of updates the last', async () => {
    await ingest(update(5, { name: 'update', model: 'm1' }), create(5, { name: 'create', version: '1' }));
    await ingest(create(5, { name: 'second create', version: '2' }));
    expect(await observation('o')).toMatchObject({ name: 'update', version: '1', model: 'm1' });
    await ingest(update(5, { name: 'second update' }));
    expect(await observation('o')).toMatchObject({ name: 'second update' });
  });

  it('keeps its first start and environment, and what a null cannot take', async () => {
    const startTime = new Date(baseMs - 1000).toISOString();
    await ingest(
      create(1, { startTime, environment: 'prod', name: 'n', statusMessage: 's', level: 'ERROR' }),
    );
    const later = {
      startTime: new Date(baseMs).toISOString(),
      environment: 'other',
      name: null,
      statusMessage: null,
      level: null,
    };
    await ingest(update(2, later));
    expect(await observation('o')).toMatchObject({
      startTime,
      environment: 'prod',
      name: null,
      statusMessage: 's',
      level: 'DEFAULT',
    });
  });

  it('joins metadata, and replaces usage whole', async () => {
    await ingest(create(1, { metadata: { a: { x: 1 }, b: 1 }, usageDetails: { input: 1, output: 2 } }));
    await ingest(update(2, { metadata: { a: { y: 2 } }, usageDetails: { input: 5 } }));
    await ingest(update(0, { metadata: { a: { x: 9, z: 3 }, b: 9 } }));
    const { metadata, usageDetails } = await observation('o');
    expect(metadata).toEqual({ a: { x: 1, y: 2, z: 3 }, b: 1 });
    expect(usageDetails).toEqual({ input: 5, total: 5 });
  });
});

describe('a span sent again', () => {
  const first = {
    'langfuse.observation.status_message': 'open',
    'langfuse.observation.metadata.k': '1',
    'langfuse.observation.input': 'in',
    'langfuse.version': 'v',
  };
  const id = '00f067aa0ba902b7';
  const sent = (startMs: number, attributes: SpanSpec['attributes']) =>
    send(span(startMs, attributes, { spanId: id }));

  it('replaces the first, and what Langfuse 3 would keep of that is a disagreement until it is said again', async () => {
    await sent(0, first);
    await sent(0, first);
    expect(await disagreements('observation-rewritten')).toEqual([]);
    await sent(0, { 'langfuse.observation.metadata.other': '1' });
    expect(await observation(id)).toMatchObject({ statusMessage: null, metadata: { other: 1 }, input: null });
    expect(await disagreements('observation-rewritten')).toEqual([
      'input',
      'metadata',
      'statusMessage',
      'version',
    ]);
    await sent(0, { 'langfuse.observation.status_message': 'done', 'langfuse.version': 'w' });
    expect(await disagreements('observation-rewritten')).toEqual(['input', 'metadata']);
  });

  it('with another start keeps the first on Langfuse 3', async () => {
    await sent(0, {});
    await sent(7, {});
    expect(await disagreements('observation-rewritten')).toEqual(['startTime']);
  });
});
