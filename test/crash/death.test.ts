/** Each way in which a worker can die, in each moment: it is replaced, and nothing that was accepted is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectAllTaken, FORMS, type Mortal, startMortal } from '../support/deaths.js';
import { idsOf, startBench } from '../support/engines.js';

function pushAll({ engine }: Mortal, count: number, trouble?: string): void {
  for (let id = 0; id < count; id++) {
    engine.push({ id, text: `event ${id}`, ...(trouble && id === count / 2 && { trouble }) });
  }
}

/** One successor, and nothing else to be said. */
function expectOneReplacement({ messages }: Mortal): void {
  expect(messages.warning.filter((message) => message.includes('starting another'))).toHaveLength(1);
  expect(messages.error).toEqual([]);
  expect(messages.drop).toEqual([]);
}

describe.each(FORMS)('a worker that dies by %s', (form) => {
  it('while it has nothing to do', async () => {
    const mortal = await startMortal(form);
    const { engine } = mortal;
    engine.push({ id: 0 });
    await engine.flush();
    await mortal.kill();
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ accepted: 2, sent: 2, failed: 0, pending: 0 });
    expectAllTaken(mortal, 2);
    expectOneReplacement(mortal);
    // What has settled is not sent again.
    expect(mortal.taken.get(0)).toHaveLength(1);
  });

  it('while it takes records off the ring', async () => {
    const mortal = await startMortal(form);
    pushAll(mortal, 100, form === 'terminate' ? 'stand still' : form);
    const flushed = mortal.engine.flush();
    await mortal.inTrouble;
    if (form === 'terminate') await mortal.kill();
    expect(await flushed).toMatchObject({ accepted: 100, sent: 100, failed: 0, pending: 0 });
    expectAllTaken(mortal, 100);
    expectOneReplacement(mortal);
  });

  it('with requests in flight, one of them answered', async () => {
    const mortal = await startMortal(form, (index) => (index === 1 || index > 3 ? 200 : 'none'));
    const { engine, sink } = mortal;
    pushAll(mortal, 40);
    await sink.received(4);
    await mortal.kill();
    expect(await engine.flush()).toMatchObject({ accepted: 40, sent: 40, failed: 0, pending: 0 });
    expectAllTaken(mortal, 40);
    expectOneReplacement(mortal);
  });

  it('while a flush waits: it answers when the successor has delivered', async () => {
    const mortal = await startMortal(form, (index) => (index === 0 ? 'none' : 200));
    const { engine, sink } = mortal;
    pushAll(mortal, 5);
    const flushed = engine.flush();
    await sink.received(1);
    await mortal.kill();
    expect(await flushed).toMatchObject({ accepted: 5, sent: 5, failed: 0, pending: 0 });
    expectAllTaken(mortal, 5);
    expectOneReplacement(mortal);
  });

  it('in the middle of a batch that is tried again and again', async () => {
    let killed = false;
    const mortal = await startMortal(form, () => (killed ? 200 : 503));
    const { engine, sink } = mortal;
    pushAll(mortal, 10);
    await sink.received(2);
    await mortal.kill();
    killed = true;
    const counts = await engine.flush();
    expect(counts).toMatchObject({ accepted: 10, sent: 10, failed: 0, pending: 0 });
    expect(counts.retried).toBeGreaterThan(0);
    expectAllTaken(mortal, 10);
    expectOneReplacement(mortal);
  });
});

it('a record that exhausts the memory of each worker is skipped at the third try and named', async () => {
  const { sink, engine, messages } = await startBench({
    trouble: 100,
    resourceLimits: { maxOldGenerationSizeMb: 32 },
  });
  for (let id = 0; id < 10; id++) engine.push(id === 5 ? { id, trouble: 'out of memory' } : { id });
  expect(await engine.flush()).toMatchObject({ accepted: 10, sent: 9, failed: 1, pending: 0 });
  expect(new Set(idsOf(sink.requests))).toEqual(new Set([0, 1, 2, 3, 4, 6, 7, 8, 9]));
  expect(messages.error).toEqual([expect.stringContaining('it has crashed workers')]);
});

it('a worker that is ended each time before it runs is given up after three, with one warning that says so', async () => {
  let starts = 0;
  const endAtOnce = (worker: Worker): void => {
    starts++;
    void worker.terminate();
  };
  process.on('worker', endAtOnce);
  onTestFinished(() => void process.off('worker', endAtOnce));
  const { sink, engine, messages } = await startBench();
  engine.push({ id: 1 });
  expect(await engine.flush()).toMatchObject({ accepted: 1, sent: 1, pending: 0 });
  expect(idsOf(sink.requests)).toEqual([1]);
  expect(starts).toBe(3);
  expect(messages.warning).toEqual([
    expect.stringMatching(
      /^the worker could not start \(.+\); delivering from the application's thread\. Let the process/,
    ),
  ]);
});

// Node.js 20 aborted: a thread was terminated while it linked modules that it had required.
it('a client that is shut down while its worker boots takes the process with it in no moment of that', async () => {
  const source = `
    import { createEngine } from 'tailrace/engine';
    const exporter = { url: ${JSON.stringify(new URL('../support/json-exporter.mjs', import.meta.url))}, options: { url: 'http://127.0.0.1:9' } };
    for (let ms = 0; ms < 160; ms += 8) {
      const engines = Array.from({ length: 4 }, (_, i) => createEngine({ exporter, flushTimeoutMs: 1 + ms + 2 * i, logLevel: 'none' }));
      for (const engine of engines) engine.push({ id: 1 });
      await Promise.all(engines.map((engine) => engine.shutdown()));
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([0, null]);
});
