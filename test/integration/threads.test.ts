/** Threads of the application that share one delivery worker: they come, go and crash, and nothing that they traced is lost. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { attachEngine, type EngineHandle } from 'tailrace/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { counted } from '../../src/messages/quantities.js';
import type { EngineHandle as HandleContent } from '../../src/shared/contract/attachment.js';
import { LENT } from '../../src/shared/ring/ring-layout.js';
import { startClient } from '../support/clients.js';
import { FORMS, startMortal } from '../support/deaths.js';
import { eventsOf, idsOf, startBench } from '../support/engines.js';
import { ok, type Sink, startSink, status } from '../support/sink.js';
import { ENDS, startThread } from '../support/threads.js';

const sorted = (ids: unknown[]) => [...(ids as number[])].sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

/** Resolves once the owner says so: what a thread has left is delivered at any time. */
async function settled(owner: Pick<Tailrace, 'flush'>): Promise<void> {
  expect((await owner.flush()).pending).toBe(0);
}

describe('threads that attach to an engine', () => {
  it('deliver through its one worker, each from a ring of its own', async () => {
    let workers = 0;
    const countWorker = () => workers++;
    process.on('worker', countWorker);
    onTestFinished(() => void process.off('worker', countWorker));
    const { engine, sink, messages } = await startBench();
    const threads = [0, 1, 2].map(() => startThread({ engineHandle: engine.handle() }));
    engine.push({ id: 0 });
    const accepted = await Promise.all(threads.map((one, i) => one.call('push', 1 + i * 100, 100)));
    expect(accepted).toEqual([100, 100, 100]);
    for (const one of threads) {
      expect(await one.call('flush')).toMatchObject({ accepted: 100, sent: 100, pending: 0 });
    }
    await engine.flush();
    expect(engine.stats()).toMatchObject({ accepted: 301, sent: 301, pending: 0, failed: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(301));
    expect(workers).toBe(1 + threads.length);
    expect(Object.values(messages).flat()).toEqual([]);
  });

  it('one handle serves any number of them, one after the other', async () => {
    const { engine, sink } = await startBench({ flushIntervalMs: 50 });
    const handle = structuredClone(engine.handle());
    for (let i = 0; i < 12; i++) {
      const thread = startThread({ engineHandle: handle });
      await thread.call('push', i * 10, 10);
      await thread.end(i % 2 === 0 ? 'terminate' : 'by process.exit()');
    }
    await settled(engine);
    expect(engine.stats()).toMatchObject({ accepted: 120, sent: 120, failed: 0, dropped: { total: 0 } });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(120));
  });

  it('in the same thread as well', async () => {
    const { engine, sink } = await startBench();
    const attached = attachEngine(engine.handle());
    attached.push({ id: 0 });
    expect(await attached.shutdown()).toMatchObject({ accepted: 1, sent: 1, pending: 0 });
    expect(idsOf(sink.requests)).toEqual([0]);
    expect(engine.push({ id: 1 })).toBe(true);
    await settled(engine);
  });

  it('over one that delivers from the calling thread', async () => {
    const { engine, sink } = await startBench({ worker: false });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 50);
    expect(await thread.call('flush')).toMatchObject({ sent: 50, pending: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(50));
  });

  it('send what is too large for the ring, and wait for room', async () => {
    const { engine, sink } = await startBench({ ringBytes: 64 * 1024, sideLaneBytes: 300 * 1024 });
    const thread = startThread({ engineHandle: engine.handle() });
    for (let id = 0; id < 10; id++) {
      expect(await thread.call('push', id, 1, { text: 'x'.repeat(100 * 1024) })).toBe(1);
      await thread.call('ready');
    }
    expect(await thread.call('flush')).toMatchObject({ accepted: 10, sent: 10, dropped: { total: 0 } });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(10));
  });

  it('hear of what has failed of their events, and of loss; the owner hears of the rest', async () => {
    const { engine, messages } = await startBench({ answer: status(400), ringBytes: 4096 });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 200, { text: 'x'.repeat(100) });
    const { accepted, dropped, failed } = await thread.call('flush');
    expect({ accepted: accepted + dropped.total, failed }).toEqual({ accepted: 200, failed: accepted });
    expect(dropped.total).toBeGreaterThan(0);
    // By way of the owner's thread, which a flush does not wait for.
    expect(await thread.call('firstHeard', 'error')).toContain('HTTP 400');
    expect(await thread.call('firstHeard', 'drop')).toContain('the ring is full (4 KiB)');
    expect(messages).toMatchObject({ error: [], drop: [] });
    expect(engine.stats()).toMatchObject({ failed, dropped });
  });

  it('block for a flush while their worker goes on', async () => {
    const { engine, sink } = await startBench();
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 5);
    await thread.call('flush');
    await thread.call('push', 5, 5);
    expect(await thread.call('flushSync', 20_000)).toMatchObject({ sent: 10, pending: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(10));
  });
});

describe('the rings that an engine lends', () => {
  /** How many rings have ever been lent, and how many are at this moment. */
  function lent(handle: EngineHandle) {
    const { engines } = handle as HandleContent;
    const words = engines.flatMap(({ ringPool }) => ringPool.map(({ ring }) => new Int32Array(ring)));
    return {
      ever: words.filter((one) => one.slice(256).some((word) => word !== 0)).length,
      now: words.filter((one) => one[LENT] === 2).length,
    };
  }

  async function allBack(handle: EngineHandle): Promise<void> {
    while (lent(handle).now > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('serve one thread after the other: memory is that of those that live', async () => {
    const { engine, sink } = await startBench({ ringBytes: 16 * 1024, flushIntervalMs: 20 });
    const handle = engine.handle();
    for (let i = 0; i < 10; i++) {
      const thread = startThread({ engineHandle: handle });
      await thread.call('push', i * 20, 20, i % 3 === 0 ? { text: 'x'.repeat(3000) } : {});
      if (i % 2 === 0) await thread.call('flush');
      await thread.end(i % 2 === 0 ? 'by process.exit()' : 'terminate');
      await allBack(handle);
    }
    expect(lent(handle)).toEqual({ ever: 1, now: 0 });
    expect(await engine.flush()).toMatchObject({ accepted: 200, sent: 200, failed: 0, pending: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(200));
  });

  it('are given back by a thread that lives on, which keeps its counts', async () => {
    const { engine, sink } = await startBench();
    const handle = engine.handle();
    const first = startThread({ engineHandle: handle });
    await first.call('push', 0, 10);
    await first.call('shutdown');
    await allBack(handle);
    const second = startThread({ engineHandle: handle });
    await second.call('push', 10, 5);
    await second.call('flush');
    await first.call('push', 99, 3);
    expect(await first.call('stats')).toMatchObject({ accepted: 10, sent: 10, dropped: { closed: 3 } });
    expect(await second.call('stats')).toMatchObject({ accepted: 5, sent: 5, dropped: { total: 0 } });
    expect(engine.stats()).toMatchObject({ accepted: 15, sent: 15, pending: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(15));
    expect(lent(handle).ever).toBe(1);
  });

  it('are not all there is: a thread beyond them makes its own', async () => {
    const { engine, sink } = await startBench({ ringBytes: 64 * 1024 });
    const handle = engine.handle();
    const threads = Array.from({ length: 10 }, () => startThread({ engineHandle: handle }));
    await Promise.all(threads.map((one, i) => one.call('push', i * 10, 10)));
    expect(lent(handle).now).toBe(8);
    for (const one of threads) expect(await one.call('flush')).toMatchObject({ accepted: 10, sent: 10 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(100));
  });
});

describe.each(ENDS)('a thread that ends (%s)', (way) => {
  it('leaves nothing behind: what it has pushed is delivered', async () => {
    const { engine, sink } = await startBench({ flushIntervalMs: 50 });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 500);
    await thread.end(way);
    await sink.received(1);
    await settled(engine);
    expect(engine.stats()).toMatchObject({ accepted: 500, sent: 500, failed: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(500));
  });

  it('while the worker dies as well', async () => {
    const mortal = await startMortal('throw later');
    const { engine } = mortal;
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 100);
    const ended = thread.end(way);
    await mortal.kill();
    await ended;
    await settled(engine);
    expect(engine.stats()).toMatchObject({ accepted: 100, sent: 100, failed: 0 });
    expect(sorted([...mortal.taken.keys()])).toEqual(upTo(100));
  });
});

describe.each(FORMS)('the worker dies by %s', (form) => {
  it('and its successor delivers what threads have pushed, each under its id', async () => {
    const mortal = await startMortal(form);
    const { engine, messages } = mortal;
    const threads = [0, 1].map(() => startThread({ engineHandle: engine.handle() }));
    await Promise.all(threads.map((one, i) => one.call('push', i * 200, 100)));
    await Promise.all(threads.map((one) => one.call('flush')));
    await Promise.all(threads.map((one, i) => one.call('push', i * 200 + 100, 100)));
    const flushed = Promise.all(threads.map((one) => one.call('flush')));
    await mortal.kill();
    for (const counts of await flushed) {
      expect(counts).toMatchObject({ accepted: 200, sent: 200, failed: 0, pending: 0 });
    }
    expect(sorted([...mortal.taken.keys()])).toEqual(upTo(400));
    expect(messages.error).toEqual([]);
  });
});

describe('a thread that shuts down', () => {
  it('has everything sent, refuses what comes later, and leaves the others running', async () => {
    const { engine, sink } = await startBench();
    const [first, second] = [0, 1].map(() => startThread({ engineHandle: engine.handle() })) as [
      ReturnType<typeof startThread>,
      ReturnType<typeof startThread>,
    ];
    await first.call('push', 0, 10);
    expect(await first.call('shutdown')).toMatchObject({ accepted: 10, sent: 10, pending: 0 });
    expect(await first.call('push', 99, 1)).toBe(0);
    expect(await first.call('stats')).toMatchObject({ dropped: { total: 1, closed: 1 } });
    expect((await first.call('heard')).warning[0]).toContain('after shutdown()');
    await second.call('push', 10, 10);
    expect(await second.call('flush')).toMatchObject({ sent: 10 });
    expect(engine.push({ id: 20 })).toBe(true);
    await settled(engine);
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(21));
  });
});

describe('the owner shuts down', () => {
  it('with what its threads have pushed, and they accept no more', async () => {
    const { engine, sink } = await startBench();
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 100);
    expect(await engine.shutdown()).toMatchObject({ accepted: 100, sent: 100, pending: 0 });
    expect(await thread.call('push', 100, 1)).toBe(0);
    expect(await thread.call('flush')).toMatchObject({ accepted: 100, sent: 100, pending: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(100));
  });

  it('though a thread is busy: what that pushes later is counted as failed, and named', async () => {
    const { engine } = await startBench();
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 10);
    await thread.call('flush');
    void thread.call('block', 3_000);
    const late = thread.call('push', 10, 5);
    expect(await engine.shutdown()).toMatchObject({ accepted: 10, sent: 10 });
    await late;
    const counts = await thread.call('shutdown');
    expect(counts).toMatchObject({ sent: 10, pending: 0 });
    expect(counts.accepted - counts.sent).toBe(counts.failed);
    expect(counts.failed + counts.dropped.total).toBe(5);
    const { error } = await thread.call('heard');
    expect(error.join()).toContain(
      counts.failed > 0 ? `${counted(counts.failed, 'event')} of this thread` : '',
    );
  });

  it('before a thread attaches: what is traced there is counted as failed, and named', async () => {
    const { engine } = await startBench();
    const handle = engine.handle();
    await engine.shutdown();
    const thread = startThread({ engineHandle: handle });
    const accepted = await thread.call('push', 0, 10);
    expect(await thread.call('flush')).toMatchObject({ accepted, failed: accepted, pending: 0 });
    expect((await thread.call('heard')).error.join()).toContain(accepted > 0 ? 'cannot be reached' : '');
  });
});

describe('with a spool', () => {
  it('what a thread could not deliver before its end is sent when the server answers', async () => {
    const spoolDir = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
    onTestFinished(() => rmSync(spoolDir, { recursive: true, force: true }));
    const { engine, sink } = await startBench({ spoolDir, answer: status(503), flushAt: 10 });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 100);
    expect(await thread.call('flush')).toMatchObject({ accepted: 100, spooled: 100, failed: 0, pending: 0 });
    await thread.end('terminate');
    expect(engine.stats()).toMatchObject({ accepted: 100, spooled: 100 });
    const refused = sink.requests.length;
    sink.answer = ok;
    while (engine.stats().spooled > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.stats()).toMatchObject({ accepted: 100, sent: 100, failed: 0, recovered: 0 });
    expect(new Set(idsOf(sink.requests.slice(refused)))).toEqual(new Set(upTo(100)));
  });
});

describe('several delivery workers', () => {
  const exporter = new URL('../support/thread-exporter.mjs', import.meta.url);

  function spansOf(sink: Sink) {
    return eventsOf(sink.requests) as { traceId: string; threadId: number }[];
  }

  it('share the traces, each of which goes to one of them whole', async () => {
    const sink = await startSink();
    onTestFinished(() => sink.close());
    const client = new Tailrace({ workers: 3, exporter: { url: exporter, options: { url: sink.url } } });
    for (let i = 0; i < 60; i++) {
      const trace = client.trace({ name: 'trace' });
      for (let j = 0; j < 4; j++) trace.span({ name: 'span' }).end();
      trace.end();
    }
    expect(await client.shutdown()).toMatchObject({ accepted: 300, sent: 300, pending: 0 });
    const workersOf = new Map<string, Set<number>>();
    for (const { traceId, threadId } of spansOf(sink)) {
      workersOf.set(traceId, (workersOf.get(traceId) ?? new Set()).add(threadId));
    }
    expect(workersOf.size).toBe(60);
    expect([...workersOf.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set(spansOf(sink).map(({ threadId }) => threadId)).size).toBe(3);
  });

  it('serve threads that attach as well', async () => {
    const { engine, sink } = await startBench({ workers: 2 });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 100);
    for (let id = 100; id < 200; id++) engine.push({ id });
    expect(await thread.call('flush')).toMatchObject({ accepted: 100, sent: 100 });
    expect(await thread.call('flushSync', 20_000)).toMatchObject({ sent: 100, pending: 0 });
    expect(await engine.flush()).toMatchObject({ accepted: 200, sent: 200, pending: 0 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(200));
  });
});

describe('a client that attaches', () => {
  const traced = { environment: 'staging', release: 'r1', tags: ['a'] };

  it('traces with the options of the other, and writes what is open when its thread ends', async () => {
    const { client, sink, span, spans, errors, warnings } = await startClient(traced);
    const thread = startThread({ clientHandle: client.handle() });
    await thread.call('span', 'ended', { input: { a: 1 } });
    await thread.call('open', 'unfinished');
    await thread.end('by process.exit()');
    await sink.received(1);
    await settled(client);
    expect(span('ended').attributes).toMatchObject({
      'langfuse.environment': 'staging',
      'langfuse.release': 'r1',
      'langfuse.observation.input': '{"a":1}',
    });
    expect(span('unfinished').attributes).toMatchObject({ 'langfuse.observation.level': 'WARNING' });
    expect(spans()).toHaveLength(2);
    expect([...errors, ...warnings]).toEqual([]);
  });

  it('has what is open written when the other shuts down', async () => {
    const { client, span } = await startClient();
    const thread = startThread({ clientHandle: client.handle() });
    await thread.call('open', 'unfinished');
    await client.shutdown();
    expect(span('unfinished').attributes['langfuse.observation.status_message']).toContain('shut down');
  });

  it('masks as it is told, and everything where the other masks and it is told nothing', async () => {
    const { client, span } = await startClient({ mask: () => 'masked' });
    const thread = startThread({ clientHandle: client.handle() });
    await thread.call('span', 'masked as a whole', { input: 'a secret' });
    await thread.call('flush');
    expect(span('masked as a whole').attributes['langfuse.observation.input']).not.toContain('secret');
    expect((await thread.call('heard')).warning.join()).toContain('masking everything');
  });

  it('is a no-op where the other is one, or the handle is none', async () => {
    const client = new Tailrace({ enabled: false });
    const attached = Tailrace.attach(client.handle());
    attached.span({ name: 'nothing' }).end();
    expect(await attached.shutdown()).toMatchObject({ accepted: 0 });
    const wrong = Tailrace.attach({ publicKey: 'sk-secret' } as never);
    const warnings: string[] = [];
    wrong.on('warning', (message) => warnings.push(message));
    wrong.span({ name: 'nothing' }).end();
    await wrong.flush();
    expect(warnings).toEqual([
      'attach() must be given what handle() returned, but got: a value of type object; nothing is traced',
    ]);
    await client.shutdown();
    await wrong.shutdown();
  });

  it('gives away no key by its handle', async () => {
    const { client } = await startClient({ secretKey: 'sk-lf-very-secret' } as TailraceOptions);
    expect(JSON.stringify(client.handle())).not.toContain('very-secret');
  });
});
