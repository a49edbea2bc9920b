/** A worker without work gives its thread back, and nobody notices. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { idsOf, startBench } from '../support/engines.js';
import { status } from '../support/sink.js';
import { startThread } from '../support/threads.js';
import { countWorkers, workersToBe } from '../support/worker-threads.js';

const CALM = { error: [], drop: [], warning: [] };

describe('a worker without events for workerIdleMs', () => {
  it('ends, and the next event starts another, without a flush', async () => {
    const { engine, sink, messages } = await startBench({ workerIdleMs: 20, flushAt: 1 });
    for (let round = 1; round <= 3; round++) {
      engine.push({ id: `event-${round}` });
      await sink.received(round);
      await workersToBe(0);
    }
    expect(idsOf(sink.requests)).toEqual(['event-1', 'event-2', 'event-3']);
    expect(engine.stats()).toMatchObject({ accepted: 3, sent: 3, pending: 0 });
    expect(messages).toEqual(CALM);
  });

  it('is started again by flushSync()', async () => {
    const { engine } = await startBench({ workerIdleMs: 20 });
    engine.push({ id: 'first' });
    await engine.flush();
    await workersToBe(0);
    engine.push({ id: 'second' });
    // The server is on this thread, which blocks: what is asked is that it ends.
    engine.flushSync(50);
    expect(await engine.flush()).toMatchObject({ accepted: 2, sent: 2, pending: 0 });
  });

  it('is not started again by a shutdown with nothing to do', async () => {
    const { engine } = await startBench({ workerIdleMs: 20 });
    engine.push({ id: 'only' });
    await engine.flush();
    await workersToBe(0);
    const counts = await engine.shutdown();
    expect(countWorkers()).toBe(0);
    expect(counts).toMatchObject({ accepted: 1, sent: 1, pending: 0 });
    expect(engine.push({ id: 'late' })).toBe(false);
  });

  it('serves threads that attach after its end', async () => {
    const { engine, sink } = await startBench({ workerIdleMs: 20, flushAt: 1 });
    const engineHandle = engine.handle();
    engine.push({ id: 'own' });
    await engine.flush();
    await workersToBe(0);
    const thread = startThread({ engineHandle });
    await thread.call('push', 1, 1);
    await thread.end('terminate');
    await sink.received(2);
    expect(idsOf(sink.requests)).toEqual(['own', 1]);
    await workersToBe(0);
  });

  it('goes on while something is in the spool', async () => {
    const spoolDir = mkdtempSync(join(tmpdir(), 'tailrace-idle-'));
    onTestFinished(() => rmSync(spoolDir, { recursive: true, force: true }));
    const { engine, sink, messages } = await startBench({
      workerIdleMs: 5,
      spoolDir,
      answer: status(503),
      retryWindowMs: 0,
    });
    engine.push({ id: 'kept' });
    expect(await engine.flush()).toMatchObject({ spooled: 1 });
    // Time for many looks; the worker is there after it, and sends what it has kept.
    await setTimeout(200);
    expect(countWorkers()).toBe(1);
    sink.answer = (_, response) => response.end();
    await workersToBe(0);
    expect(engine.stats()).toMatchObject({ sent: 1, spooled: 0 });
    expect(messages.error).toEqual([]);
  });

  it.each([
    [false, 300],
    [true, 40],
  ])('loses nothing that comes while it ends (worker: %s)', async (worker, rounds) => {
    const { engine, sink, messages } = await startBench({ workerIdleMs: 1, flushAt: 1, worker });
    let random = 1;
    for (let round = 0; round < rounds; round++) {
      engine.push({ id: round });
      if (round % 3 === 0) expect(await engine.flush()).toMatchObject({ sent: round + 1, pending: 0 });
      else await sink.received(round + 1);
      random = (random * 16807) % 2147483647;
      // The looks are 1 ms apart, and the end takes some: 0 to 5 ms, and at times in the same turn.
      if (random % 4 > 0) await setTimeout(random % 6);
    }
    expect(await engine.flush()).toMatchObject({ accepted: rounds, sent: rounds, failed: 0, pending: 0 });
    expect(idsOf(sink.requests)).toEqual(Array.from({ length: rounds }, (_, round) => round));
    expect(messages).toEqual(CALM);
  });
});
