/** What is pushed arrives: batching, sizes, parallel requests, the answers of servers. */
import { describe, expect, it } from 'vitest';
import { eventsOf, idsOf, startBench } from '../support/engines.js';
import { startProxy } from '../support/proxy.js';
import { type Answer, ok, status } from '../support/sink.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('delivery', () => {
  it('sends everything, in order, and says so', async () => {
    const { sink, engine } = await startBench();
    for (const id of range(1000)) expect(engine.push({ id, text: 'ä漢😀' })).toBe(true);
    const result = await engine.flush();
    expect(result).toMatchObject({
      accepted: 1000,
      sent: 1000,
      failed: 0,
      pending: 0,
      dropped: { total: 0 },
    });
    expect(idsOf(sink.requests).sort((a, b) => Number(a) - Number(b))).toEqual(range(1000));
    expect(eventsOf(sink.requests)[0]).toEqual({ id: 0, text: 'ä漢😀' });
    expect(result.bytes).toBe(sink.requests.reduce((sum, { body }) => sum + body.byteLength, 0));
  });

  it('cuts batches by count', async () => {
    const { sink, engine } = await startBench({ flushAt: 10, maxInFlight: 1 });
    for (const id of range(25)) engine.push({ id });
    await engine.flush();
    expect(sink.requests.map(({ body }) => JSON.parse(body.toString()).length)).toEqual([10, 10, 5]);
  });

  it('cuts batches by the exact size of the body', async () => {
    // [{"id":10,"x":"…"},…]: 30 bytes an event with its comma or bracket, and one more bracket.
    const { sink, engine } = await startBench({ maxBatchBytes: 1024, maxInFlight: 1, compression: 'none' });
    const x = 'x'.repeat(30 - JSON.stringify({ id: 10, x: '' }).length - 1);
    for (const i of range(70)) engine.push({ id: 10 + i, x });
    await engine.flush();
    const sizes = sink.requests.map(({ body }) => body.byteLength);
    expect(sizes).toEqual([34 * 30 + 1, 34 * 30 + 1, 2 * 30 + 1]);
  });

  it('cuts batches by age, without a flush', async () => {
    const { sink, engine } = await startBench({ flushIntervalMs: 20 });
    engine.push({ id: 1 });
    await sink.received(1);
    expect(idsOf(sink.requests)).toEqual([1]);
  });

  it('keeps lanes apart', async () => {
    const { sink, engine } = await startBench();
    engine.push({ id: 1, lane: 'spans' });
    engine.push({ id: 2, lane: 'scores' });
    engine.push({ id: 3, lane: 'spans' });
    await engine.flush();
    expect(sink.requests.map(({ url }) => url).sort()).toEqual(['/scores', '/spans']);
  });

  it('with flushAt 1 sends each event at once and in parallel', async () => {
    const held: (() => void)[] = [];
    const { sink, engine } = await startBench({
      flushAt: 1,
      maxInFlight: 16,
      answer: (_, response) => {
        held.push(() => response.end());
      },
    });
    for (const id of range(16)) engine.push({ id });
    await sink.received(16);
    expect(sink.maxOpen()).toBe(16);
    for (const release of held) release();
    expect(await engine.flush()).toMatchObject({ sent: 16, pending: 0 });
  });

  it('compresses with gzip if told to', async () => {
    const compressed = await startBench({ compression: 'gzip' });
    const plain = await startBench({ compression: 'none' });
    for (const { engine } of [compressed, plain]) {
      engine.push({ id: 1, text: 'a'.repeat(10_000) });
      await engine.flush();
    }
    expect(compressed.sink.requests[0]?.headers['content-encoding']).toBe('gzip');
    expect(compressed.sink.requests[0]?.wireBytes).toBeLessThan(1000);
    expect(plain.sink.requests[0]?.headers['content-encoding']).toBeUndefined();
  });

  it('compresses by default what leaves the private network, and nothing else', async () => {
    const proxy = await startProxy();
    const { sink } = await startBench();
    const { port } = new URL(sink.url);
    for (const host of ['127.0.0.1', 'langfuse-web', 'langfuse.example']) {
      const exporterOptions = { url: `http://${host}:${port}` };
      const { engine } = await startBench({ exporterOptions, proxy: proxy.url });
      engine.push({ id: host, text: 'a'.repeat(10_000) });
      expect(await engine.flush()).toMatchObject({ sent: 1 });
    }
    expect(sink.requests.map(({ headers }) => headers['content-encoding'])).toEqual([
      undefined,
      undefined,
      'gzip',
    ]);
  });

  it('gives events too large for the ring a lane of their own, in their place in the order', async () => {
    const { sink, engine } = await startBench({ ringBytes: 64 * 1024, maxBatchBytes: 8 * 1024 * 1024 });
    engine.push({ id: 1 });
    engine.push({ id: 2, text: 'b'.repeat(1024 * 1024) });
    engine.push({ id: 3 });
    expect(await engine.flush()).toMatchObject({ sent: 3, failed: 0 });
    expect(idsOf(sink.requests)).toEqual([1, 2, 3]);
    expect(eventsOf(sink.requests)[1]?.text).toBe('b'.repeat(1024 * 1024));
  });
});

describe('an exporter that gives nonsense', () => {
  it.each<[string, object, object]>([
    ['no bytes', { encode: 'no bytes' }, { sent: 2, failed: 1 }],
    ['no outcome', { outcome: 'none' }, { sent: 0, failed: 3 }],
    ['an unknown outcome', { outcome: 'unknown' }, { sent: 0, failed: 3 }],
    ['a body that is no bytes', { request: 'text' }, { sent: 0, failed: 3 }],
    ['an error that cannot be read', { encode: 'unreadable' }, { sent: 2, failed: 1 }],
  ])('%s: the events are counted as failed, once, and nothing hangs', async (_, nonsense, counts) => {
    const { engine, sink } = await startBench({ exporterOptions: { nonsense } });
    for (const id of [1, 2, 3]) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ accepted: 3, pending: 0, ...counts });
    engine.push({ id: 4 });
    expect((await engine.flush()).pending).toBe(0);
    expect(idsOf(sink.requests).filter((id) => id === 2)).toEqual(
      'encode' in nonsense ? [] : idsOf(sink.requests).length > 0 ? [2] : [],
    );
  });
});

describe('a record that settles after something else', () => {
  it.each(['a rejection', 'a number', 'nothing but a then'])(
    '(%s) has been sent, and is sent once',
    async (settlesAfter) => {
      const { engine, sink, messages } = await startBench({
        exporterOptions: { nonsense: { settlesAfter } },
        // Later than what it waits for.
        answer: (_, response) => void setTimeout(() => response.end(), 100),
      });
      engine.push({ id: 1 });
      expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0, pending: 0 });
      expect(idsOf(sink.requests)).toEqual([1]);
      expect(Object.values(messages).flat()).toEqual([]);
    },
  );
});

describe('answers', () => {
  it('of a success that breaks off are a success: what the server has taken is not sent again', async () => {
    const { engine, sink } = await startBench({
      requestTimeoutMs: 200,
      answer: (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('the beginning');
      },
    });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1, retried: 0 });
    expect(sink.requests).toHaveLength(1);
  });

  it('tries again what may succeed later', async () => {
    const { sink, engine, messages } = await startBench({
      answer: (request, response, index) => (index < 2 ? status(503) : ok)(request, response, index),
    });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0, retried: 2 });
    expect(idsOf(sink.requests)).toEqual([1, 1, 1]);
    expect(messages.warning.join()).toContain('HTTP 503');
  });

  it('tries again after a connection that was cut', async () => {
    const { engine } = await startBench({
      answer: (request, response, index) => {
        if (index === 0) response.destroy();
        else ok(request, response, index);
      },
    });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1, retried: 1 });
  });

  it('gives a server that never answers up after the deadline of the attempt, and tries again', async () => {
    const { engine } = await startBench({
      requestTimeoutMs: 100,
      answer: (request, response, index) => {
        if (index > 0) ok(request, response, index);
      },
    });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1, retried: 1 });
  });

  it('counts and names what is refused for good', async () => {
    const { engine, messages } = await startBench({ answer: status(400) });
    engine.push({ id: 'one' });
    engine.push({ id: 'two' });
    expect(await engine.flush()).toMatchObject({ sent: 0, failed: 2, pending: 0, retried: 0 });
    expect(messages.error).toEqual([expect.stringContaining('one, two')]);
    expect(messages.error[0]).toContain('HTTP 400');
  });

  it('gives up when the retry window is over', async () => {
    const { engine, messages } = await startBench({ answer: status(500), retryWindowMs: 0 });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 0, failed: 1, pending: 0 });
    expect(messages.error[0]).toContain('gave up after 1 attempt');
  });

  it('splits a batch that is too large until it fits, and gives up only what never will', async () => {
    const { sink, engine, messages } = await startBench({
      answer: (request, response, index) =>
        (request.body.byteLength > 100 ? status(413) : ok)(request, response, index),
    });
    for (const id of range(10)) engine.push({ id, text: 'x'.repeat(id === 7 ? 200 : 10) });
    expect(await engine.flush()).toMatchObject({ sent: 9, failed: 1 });
    const accepted = sink.requests.filter(({ body }) => body.byteLength <= 100);
    expect(idsOf(accepted).sort()).toEqual(range(10).filter((id) => id !== 7));
    expect(messages.error[0]).toContain('(7)');
  });

  it('gives the memory of records back once each, when they have come to their end and no request reads it', async () => {
    const isTooLarge = (body: Buffer) => body.byteLength > 400;
    const answer: Answer = (request, response, index) => {
      if (isTooLarge(request.body)) return status(413)(request, response, index);
      return (index % 3 === 0 ? status(503) : ok)(request, response, index);
    };
    const recycles = new Int32Array(new SharedArrayBuffer(4));
    // Batches of 20 are halved. An uncompressed one that was too large may still be on its way.
    for (const [compression, flushAt, expected] of [
      ['gzip', 20, 100],
      ['none', 20, 0],
      ['none', 5, 100],
    ] as const) {
      Atomics.store(recycles, 0, 0);
      const options = { compression, exporterOptions: { recycles }, flushAt, answer };
      const { sink, engine } = await startBench(options);
      for (const id of range(100)) engine.push({ id, text: 'x'.repeat(20) });
      expect(await engine.flush()).toMatchObject({ sent: 100, failed: 0 });
      const accepted = sink.requests.filter(({ body }, index) => !isTooLarge(body) && index % 3 !== 0);
      expect(idsOf(accepted).sort((a, b) => Number(a) - Number(b))).toEqual(range(100));
      await engine.shutdown();
      expect(Atomics.load(recycles, 0)).toBe(expected);
    }
  });

  it('reads an answer that refuses some of the events', async () => {
    const refused = [
      { index: 1, reason: 'broken', retryable: false },
      { index: 2, reason: 'busy', retryable: true },
    ];
    const { sink, engine, messages } = await startBench({
      answer: (request, response, index) =>
        (index === 0 ? status(207, {}, JSON.stringify(refused)) : ok)(request, response, index),
    });
    for (const id of [10, 11, 12]) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ sent: 2, failed: 1 });
    expect(sink.requests.slice(1).flatMap((request) => idsOf([request]))).toEqual([12]);
    expect(messages.error[0]).toContain('broken');
  });

  it('an event that cannot be encoded costs only itself', async () => {
    const { sink, engine, messages } = await startBench({ trouble: 1 });
    engine.push({ id: 1 });
    engine.push({ id: 2, trouble: 'throw' });
    engine.push({ id: 3 });
    expect(await engine.flush()).toMatchObject({ sent: 2, failed: 1 });
    expect(idsOf(sink.requests)).toEqual([1, 3]);
    expect(messages.error[0]).toContain('cannot encode this one');
  });
});
