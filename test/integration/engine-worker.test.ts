/** The worker dies, cannot start, or is not wanted: nothing is lost. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventsOf, idsOf, startBench } from '../support/engines.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe.each(['exit', 'throw later', 'out of memory'])('a worker that dies by %s', (trouble) => {
  it('is replaced, and its successor delivers what was not settled', async () => {
    const resourceLimits = trouble === 'out of memory' ? { maxOldGenerationSizeMb: 32 } : undefined;
    const { sink, engine, messages } = await startBench({ trouble: 1, flushAt: 10, resourceLimits });
    for (const id of range(500)) engine.push(id === 250 ? { id, trouble } : { id });
    expect(await engine.flush()).toMatchObject({ accepted: 500, sent: 500, failed: 0, pending: 0 });
    expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(500)));
    expect(messages.warning.join()).toContain('starting another');
  });

  it('takes a large event beside the ring with it no more than the others', async () => {
    const { sink, engine } = await startBench({ trouble: 1, ringBytes: 4096 });
    engine.push({ id: 1, text: 'x'.repeat(10_000) });
    engine.push({ id: 2, trouble: trouble === 'out of memory' ? 'exit' : trouble });
    engine.push({ id: 3, text: 'x'.repeat(10_000) });
    expect(await engine.flush()).toMatchObject({ sent: 3, failed: 0 });
    expect(new Set(idsOf(sink.requests))).toEqual(new Set([1, 2, 3]));
  });
});

describe('the option worker', () => {
  const path = createRequire(import.meta.url).resolve('tailrace/worker');

  it.each([
    ['a path', path],
    ['a URL', pathToFileURL(path)],
    ['the text of a URL', pathToFileURL(path).href],
  ])('takes the worker of the package by name: %s', async (_, worker) => {
    const { sink, engine, messages } = await startBench({ worker });
    for (const id of range(10)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ sent: 10 });
    expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(10)));
    expect(messages.warning).toEqual([]);
  });
});

describe('a poison record', () => {
  it('is skipped at the third try, counted and named', async () => {
    const { sink, engine, messages } = await startBench({ trouble: 100 });
    for (const id of range(10)) engine.push(id === 5 ? { id, trouble: 'exit' } : { id });
    expect(await engine.flush()).toMatchObject({ accepted: 10, sent: 9, failed: 1, pending: 0 });
    expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(10).filter((id) => id !== 5)));
    expect(messages.warning.filter((message) => message.includes('starting another'))).toHaveLength(2);
    expect(messages.error).toEqual([expect.stringContaining('it has crashed workers')]);
  });

  it('is sent without its payload by an exporter that has encodeWithheld, and named', async () => {
    const { sink, engine, messages } = await startBench({ trouble: 2, exporterOptions: { withholds: true } });
    for (let id = 0; id < 10; id++) engine.push(id === 5 ? { id, trouble: 'exit', text: 'x' } : { id });
    expect(await engine.flush()).toMatchObject({ accepted: 10, sent: 10, failed: 0, pending: 0 });
    expect(eventsOf(sink.requests).filter(({ id }) => id === 5)).toEqual([{ id: 5, withheld: true }]);
    expect(messages.warning.join()).toMatch(/\(5, .*sent without its payloads: it has crashed workers/);
    expect(messages.error).toEqual([]);
  });

  it('is one of several, without a second life for any of them', async () => {
    const { sink, engine, messages } = await startBench({ trouble: 100 });
    const poison = [3, 5, 7];
    for (const id of range(10)) engine.push(poison.includes(id) ? { id, trouble: 'exit' } : { id });
    expect(await engine.flush()).toMatchObject({ accepted: 10, sent: 7, failed: 3, pending: 0 });
    expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(10).filter((id) => !poison.includes(id))));
    expect(messages.error).toHaveLength(3);
    expect(messages.warning.join()).not.toContain("application's thread");
  });

  it('beside the ring gives its room back', async () => {
    const { engine } = await startBench({ trouble: 100, ringBytes: 4096, sideLaneBytes: 100_000 });
    const text = 'x'.repeat(60_000);
    engine.push({ id: 1, trouble: 'exit', text });
    expect(await engine.flush()).toMatchObject({ failed: 1, pending: 0 });
    expect(engine.push({ id: 2, text })).toBe(true);
    expect(await engine.flush()).toMatchObject({ sent: 1, pending: 0 });
  });
});

describe('without a worker', () => {
  it('worker: false delivers from the calling thread', async () => {
    const { sink, engine } = await startBench({ worker: false });
    for (const id of range(100)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ sent: 100 });
    expect(idsOf(sink.requests)).toEqual(range(100));
  });

  it('a worker that cannot start three times in a row is given up for the calling thread, with a warning', async () => {
    const worker = new URL('./no-such-consumer.mjs', import.meta.url);
    const { sink, engine, messages } = await startBench({ worker });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1, pending: 0 });
    expect(idsOf(sink.requests)).toEqual([1]);
    expect(messages.warning.join()).toContain("delivering from the application's thread");
  });
});

describe('on this thread, after shutdown', () => {
  it('nothing is counted and nothing is sent any more', async () => {
    const answers: (() => void)[] = [];
    const { engine, sink } = await startBench({
      worker: false,
      flushTimeoutMs: 100,
      answer: (_, response) => {
        answers.push(() => response.end());
      },
    });
    engine.push({ id: 1 });
    await engine.flush();
    expect(await engine.shutdown()).toMatchObject({ accepted: 1, sent: 0, failed: 1, pending: 0 });
    for (const answer of answers) answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.stats()).toMatchObject({ accepted: 1, sent: 0, failed: 1, pending: 0 });
    expect(sink.requests).toHaveLength(1);
  });
});
