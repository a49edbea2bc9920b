/**
 * A server that is away, and what waits for it: who gets a slot, what goes to disk, and how soon all is well again once it
 * is back.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EngineHandle as HandleContent } from '../../src/shared/contract/attachment.js';
import { LENT } from '../../src/shared/ring/ring-layout.js';
import { type Bench, eventsOf, idsOf, startBench } from '../support/engines.js';
import { ok, status } from '../support/sink.js';
import { startThread } from '../support/threads.js';

const upTo = (count: number) => Array.from({ length: count }, (_, id) => id);
const down = status(503);
/** It asks for more time than a test has. */
const downForLong = status(503, { 'x-retry-ms': '600000' });

function newDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Resolves once the counts are so. */
async function until({ engine }: Bench, isSo: (counts: ReturnType<Bench['engine']['stats']>) => boolean) {
  while (!isSo(engine.stats())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('while a server refuses, with a spool', () => {
  it.each([
    ['for now', down],
    ['for long', downForLong],
  ])('%s: a flush of each of more threads than there are slots has its events on disk', async (_, answer) => {
    const { engine } = await startBench({ spoolDir: newDir(), maxInFlight: 4, flushAt: 5, answer });
    const threads = upTo(8).map(() => startThread({ engineHandle: engine.handle() }));
    await Promise.all(threads.map((one, i) => one.call('push', i * 30, 30)));
    const flushed = await Promise.all(threads.map((one) => one.call('flush')));
    for (const counts of flushed) expect(counts).toMatchObject({ accepted: 30, spooled: 30, pending: 0 });
    expect(await engine.flush()).toMatchObject({ accepted: 240, spooled: 240, pending: 0 });
  });

  it('threads that have ended leave nothing pending, and their rings are given back once it answers', async () => {
    const bench = await startBench({ spoolDir: newDir(), maxInFlight: 2, answer: down });
    const { engine, sink } = bench;
    const handle = engine.handle();
    const count = 12;
    await Promise.all(
      upTo(count).map(async (i) => {
        const thread = startThread({ engineHandle: handle });
        await thread.call('push', i * 6, 6);
        await thread.end('terminate');
      }),
    );
    expect(await engine.flush()).toMatchObject({ accepted: count * 6, spooled: count * 6, pending: 0 });
    const refused = sink.requests.length;
    sink.answer = ok;
    await until(bench, ({ sent }) => sent === count * 6);
    expect(new Set(idsOf(sink.requests.slice(refused)))).toEqual(new Set(upTo(count * 6)));
    const { engines } = handle as HandleContent;
    const { ringPool } = engines[0] as (typeof engines)[number];
    const lent = () => ringPool.filter(({ ring }) => Atomics.load(new Int32Array(ring), LENT) === 2).length;
    while (lent() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it('what is on disk and in a pause is tried once more at a shutdown', async () => {
    const { engine, sink } = await startBench({ spoolDir: newDir(), flushAt: 5, answer: downForLong });
    for (const id of upTo(40)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ spooled: 40, pending: 0 });
    sink.answer = ok;
    expect(await engine.shutdown()).toMatchObject({ accepted: 40, sent: 40, spooled: 0, pending: 0 });
  });
});

describe('while a server refuses, without a spool', () => {
  it('a ring has as many waiting batches in memory as there are slots, and one more', async () => {
    const encoded = new Int32Array(new SharedArrayBuffer(4));
    const { engine, sink } = await startBench({
      exporterOptions: { encoded },
      maxInFlight: 2,
      flushAt: 1,
      flushTimeoutMs: 300,
      answer: downForLong,
    });
    for (const id of upTo(100)) engine.push({ id });
    await sink.received(2);
    expect(await engine.flush()).toMatchObject({ accepted: 100, pending: 100 });
    expect(Atomics.load(encoded, 0)).toBeGreaterThanOrEqual(2);
    expect(Atomics.load(encoded, 0)).toBeLessThanOrEqual(3);
    expect(sink.maxOpen()).toBeLessThanOrEqual(2);
  });
});

describe('while a server refuses one kind of events', () => {
  it('the others have the slots', async () => {
    const { engine, sink } = await startBench({
      maxInFlight: 1,
      flushAt: 2,
      answer: (request, response, index) =>
        (request.url === '/scores' ? downForLong : ok)(request, response, index),
      flushTimeoutMs: 200,
    });
    engine.push({ id: 'a', lane: 'scores' });
    engine.push({ id: 'b', lane: 'scores' });
    await sink.received(1);
    const thread = startThread({ engineHandle: engine.handle() });
    await thread.call('push', 0, 20);
    await sink.received(11);
    expect(idsOf(sink.requests.slice(1))).toEqual(upTo(20));
  });
});

describe('once a server is back', () => {
  it('all that waits is delivered, and then it is told that delivery works', async () => {
    let isAway = true;
    const bench = await startBench({
      maxInFlight: 8,
      flushAt: 5,
      ringBytes: 64 * 1024,
      answer: (request, response, index) => (isAway ? down : ok)(request, response, index),
    });
    const { engine, sink, messages } = bench;
    for (let id = 0; engine.push({ id, text: 'x'.repeat(200) }); id++);
    const { accepted } = engine.stats();
    await until(bench, ({ retried }) => retried >= 8 + 3);
    expect(messages.warning.join()).not.toContain('works again');
    isAway = false;
    const refused = sink.requests.length;
    expect(await engine.flush()).toMatchObject({ sent: accepted, failed: 0, pending: 0 });
    expect(eventsOf(sink.requests.slice(refused))).toHaveLength(accepted);
    await engine.shutdown();
    expect(messages.warning.filter((message) => message.includes('works again'))).toHaveLength(1);
  });

  it('is met by one request, whatever waits', async () => {
    const { engine, sink } = await startBench({ maxInFlight: 8, flushAt: 1, answer: down });
    for (const id of upTo(50)) engine.push({ id });
    await sink.received(8 + 2);
    const held: ServerResponse[] = [];
    await new Promise<void>((resolve) => {
      sink.answer = ({ url }, response) => {
        if (url === '/ping') return response.end();
        held.push(response);
        resolve();
      };
    });
    // Time for others to come.
    for (const _ of upTo(10)) await (await fetch(`${sink.url}/ping`)).arrayBuffer();
    // On a slow machine a second one, as nothing has come of the first.
    expect(held.length).toBeLessThanOrEqual(2);
    sink.answer = ok;
    for (const response of held) response.end();
    expect(await engine.flush()).toMatchObject({ sent: 50, failed: 0 });
  });
});
