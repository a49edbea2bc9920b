/** Threads that share one delivery worker, where things cross: ends, flushes, shutdowns, and servers that do not answer. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Tailrace, type TailraceHandle } from 'tailrace';
import { attachEngine, type EngineHandle } from 'tailrace/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EngineHandle as HandleContent } from '../../src/shared/contract/attachment.js';
import { eventsOf, idsOf, startBench } from '../support/engines.js';
import { type Answer, ok, status } from '../support/sink.js';
import { startThread } from '../support/threads.js';

const sorted = (ids: unknown[]) => [...(ids as number[])].sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);

/** A server that answers when it is told to. */
function slowly(): { answer: Answer; open: ServerResponse[]; answerAll: () => void } {
  const open: ServerResponse[] = [];
  return {
    answer: (_, response) => open.push(response),
    open,
    answerAll() {
      for (const response of open.splice(0)) response.end();
    },
  };
}

/** For a thread whose own calls do not wait for long. */
function impatient(handle: EngineHandle): EngineHandle {
  const { options } = handle as HandleContent;
  return { ...handle, options: { ...options, flushTimeoutMs: 200 } } as EngineHandle;
}

function spoolFolder(): string {
  const spoolDir = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
  onTestFinished(() => rmSync(spoolDir, { recursive: true, force: true }));
  return spoolDir;
}

describe('fifty threads with one handle', () => {
  it('that push and end at once leave all of it behind', async () => {
    const { engine, sink } = await startBench();
    const handle = engine.handle();
    await Promise.all(
      upTo(50).map((i) => startThread({ engineHandle: handle, first: { from: i * 10, count: 10 } }).ended),
    );
    const { accepted, sent } = await engine.flush();
    expect({ accepted, sent }).toEqual({ accepted: 500, sent: 500 });
    expect(sorted(idsOf(sink.requests))).toEqual(upTo(500));
  });
});

describe('a handle', () => {
  it('that an attached thread hands on names the same workers', async () => {
    const { engine } = await startBench({ workers: 2 });
    const attached = attachEngine(engine.handle());
    expect(attached.handle()).toEqual(engine.handle());
    await attached.shutdown();
  });

  it('made after the end lets nobody in', async () => {
    const { engine } = await startBench();
    await engine.shutdown();
    const attached = attachEngine(engine.handle());
    const warnings: string[] = [];
    attached.on('warning', (message) => warnings.push(message));
    await delay(0);
    expect(attached.push({ id: 0 })).toBe(false);
    expect(await attached.shutdown()).toMatchObject({ accepted: 0, dropped: { closed: 1 } });
    expect(warnings.join()).toContain('cannot be reached');
    expect(process.listenerCount('workerMessage')).toBe(0);
  });
});

describe('a handle that went through JSON, or is none', () => {
  it.each([
    ['a copy', () => JSON.parse(JSON.stringify(new Tailrace({ publicKey: 'pk', secretKey: 'sk' }).handle()))],
    ['undefined', () => undefined],
    ['an object', () => ({})],
  ])('%s: one warning, and nothing is thrown', async (_, make) => {
    const handle = make();
    const engine = attachEngine((handle?.engine ?? handle) as EngineHandle);
    const warnings: string[] = [];
    engine.on('warning', (message) => warnings.push(message));
    await delay(0);
    expect(warnings[0]).toContain('attachEngine() must be given what handle() returned');
    expect(await engine.shutdown()).toMatchObject({ accepted: 0, pending: 0 });
    const client = Tailrace.attach(handle as TailraceHandle, {
      logger: { warn: (line: string) => warnings.push(line) } as never,
    });
    client.span({ name: 'nowhere' }).end();
    await client.shutdown();
    expect(warnings.join()).toContain('attach() must be given what handle() returned');
  });
});

describe('a thread that waits for room', () => {
  it('waits no longer than its owner lives', async () => {
    const { engine } = await startBench({ ringBytes: 4096, answer: () => {}, flushTimeoutMs: 200 });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 100, { text: 'x'.repeat(100) });
    const ready = thread.call('ready');
    await engine.shutdown();
    await ready;
    await thread.call('ready');
    expect(await thread.call('stats')).toMatchObject({ sent: 0, pending: 0 });
  });
});

describe('a thread that shuts down while its server does not answer', () => {
  it('sends nothing after it, and holds up nobody else', async () => {
    const { answer, open, answerAll } = slowly();
    const { engine, sink } = await startBench({ answer, maxInFlight: 1, flushAt: 1 });
    const thread = startThread({ engineHandle: impatient(engine.handle()) });
    await thread.call('push', 0, 3);
    await sink.received(1);
    engine.push({ id: 10 });
    // Covers the thread's ring as well, and is not to wait for what that gives up.
    const flushed = engine.flush();
    expect(await thread.call('shutdown')).toMatchObject({ accepted: 3, failed: 3, pending: 0 });
    sink.answer = ok;
    answerAll();
    await flushed;
    expect(open).toEqual([]);
    expect(idsOf(sink.requests)).toEqual([0, 10]);
    expect(engine.stats()).toMatchObject({ accepted: 4, sent: 1, failed: 3, pending: 0 });
  });

  it('ends the flushes that wait for its ring', async () => {
    const { answer, answerAll } = slowly();
    const { engine, sink } = await startBench({ answer, flushTimeoutMs: 3_600_000 });
    const thread = startThread({ engineHandle: impatient(engine.handle()) });
    await thread.call('push', 0, 3);
    const flushed = engine.flush();
    await sink.received(1);
    await thread.call('shutdown');
    expect(await flushed).toMatchObject({ accepted: 3, failed: 3, pending: 0 });
    answerAll();
  });
});

describe('a thread that shuts down while its owner’s thread is busy', () => {
  it('leaves its events to the worker: it reports none of them as failed, and they arrive', async () => {
    const { url, requests } = await startSinkApart(10_500);
    const { engine, messages } = await startBench({ exporterOptions: { url }, requestTimeoutMs: 30_000 });
    const thread = startThread({ engineHandle: impatient(engine.handle()) });
    await thread.call('push', 0, 3);
    while (Atomics.load(requests, 0) === 0) await delay(10);
    const shutdown = thread.call('shutdown');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 11_500);
    expect(await shutdown).toMatchObject({ accepted: 3, failed: 0 });
    const { error, warning } = await thread.call('heard');
    expect(error).toEqual([]);
    expect(warning.join()).toContain('events of this thread are left to its worker');
    await engine.flush();
    expect(engine.stats()).toMatchObject({ accepted: 3, sent: 3, failed: 0, pending: 0 });
    expect(messages.error).toEqual([]);
  });
});

/** A server in a thread of its own, which is never busy. It answers each request after a time. */
async function startSinkApart(afterMs: number): Promise<{ url: string; requests: Int32Array }> {
  const requests = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    const { parentPort, workerData: { requests, afterMs } } = require('node:worker_threads');
    const server = require('node:http').createServer((request, response) => {
      Atomics.add(requests, 0, 1);
      request.resume().on('end', () => setTimeout(() => response.end(), afterMs));
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const server = new Worker(code, { eval: true, workerData: { requests, afterMs } });
  onTestFinished(async () => void (await server.terminate()));
  const [port] = await once(server, 'message');
  return { url: `http://127.0.0.1:${port}`, requests };
}

describe('the owner shuts down', () => {
  it('while a thread pushes as fast as it can: each has an account that adds up', async () => {
    const { engine, sink } = await startBench({ flushTimeoutMs: 5_000 });
    const thread = startThread({ engineHandle: engine.handle() });
    const pushed = thread.call('pushFor', 2_500);
    await sink.received(1);
    const owner = await engine.shutdown();
    expect(owner).toMatchObject({ accepted: owner.sent + owner.failed, pending: 0 });
    const offered = await pushed;
    const counts = await thread.call('shutdown');
    expect(counts).toMatchObject({ accepted: counts.sent + counts.failed, pending: 0, sent: owner.sent });
    expect(counts.accepted + counts.dropped.total).toBe(offered);
    // What was under way at the deadline may have arrived.
    expect(eventsOf(sink.requests).length).toBeGreaterThanOrEqual(owner.sent);
  });

  it('and sends what its threads have on disk, if the server takes it', async () => {
    const { engine, sink } = await startBench({
      spoolDir: spoolFolder(),
      answer: status(503),
      retryWindowMs: 0,
    });
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 100);
    expect(await thread.call('flush')).toMatchObject({ spooled: 100 });
    sink.answer = ok;
    expect(await engine.shutdown()).toMatchObject({ accepted: 100, sent: 100, spooled: 0, pending: 0 });
  });
});
