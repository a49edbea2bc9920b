/** A worker that does not come back from one event while the application runs: it is noticed, and the other events arrive. */
import { describe, expect, it } from 'vitest';
import { startClient } from '../support/clients.js';
import { idsOf, startBench } from '../support/engines.js';
import { startThread } from '../support/threads.js';

const FULLY_MASKED = '<fully masked due to failed mask function>';
const INPUT = 'langfuse.observation.input';
const STUCK = { workerStuckMs: 1_000 };
/** Takes longer than the universe, by a pattern that backtracks. */
const BACKTRACKS = { patterns: [{ pattern: /(a+)+$/ }] };
const ENDLESS = `${'a'.repeat(100)}!`;
const MASK = new URL('../support/masks/endless.mjs', import.meta.url);

describe.each([
  ['a pattern of redact', { redact: BACKTRACKS }],
  ['the function of a mask module', { maskModule: MASK }],
])('a worker that does not come back from %s', (_, options) => {
  it.each(['flush', 'shutdown'] as const)(
    '%s() delivers all, that event with its payloads masked',
    async (call) => {
      const { client, span, spans, warnings, errors } = await startClient({ ...STUCK, ...options });
      for (let i = 0; i < 20; i++) {
        const body = i === 10 ? { input: ENDLESS, metadata: { a: 'fine' } } : { input: 'fine' };
        client.generation({ name: `g${i}`, model: 'm', ...body }).end();
      }
      expect(await client[call]()).toMatchObject({ accepted: 20, sent: 20, failed: 0, pending: 0 });
      expect(spans()).toHaveLength(20);
      expect(span('g10').attributes).toMatchObject({
        [INPUT]: FULLY_MASKED,
        'langfuse.observation.metadata.metadata': FULLY_MASKED,
        'langfuse.observation.model.name': 'm',
      });
      expect(span('g11').attributes).toMatchObject({ [INPUT]: 'fine' });
      expect(errors).toEqual([]);
      const id = span('g10').spanId;
      expect(warnings).toEqual([
        expect.stringMatching(
          `^the worker has been stuck at the generation ${id} \\(\\d+ bytes\\) for 1 s; another takes its place`,
        ),
        expect.stringMatching(`^one of the spans \\(${id}, .*sent without its payloads: a worker hung on it`),
      ]);
    },
  );
});

it('an exporter of the application’s own: the event is given up and named, the others are delivered', async () => {
  const { engine, sink, messages } = await startBench({ ...STUCK, trouble: 1 });
  for (let id = 0; id < 10; id++) engine.push(id === 5 ? { id, trouble: 'stand still' } : { id });
  expect(await engine.flush()).toMatchObject({ accepted: 10, sent: 9, failed: 1, pending: 0 });
  expect(new Set(idsOf(sink.requests))).toEqual(new Set([0, 1, 2, 3, 4, 6, 7, 8, 9]));
  expect(messages.warning).toEqual([expect.stringContaining('the worker has been stuck at an event')]);
  expect(messages.error).toEqual([expect.stringContaining('a worker hung on it')]);
});

it.each(['flush', 'shutdown', 'flushSync'] as const)(
  'an exporter that does not come back from createExporter, and blocks its thread: %s() has its answer',
  async (call) => {
    const { engine, messages } = await startBench({
      ...STUCK,
      trouble: 1_000,
      exporterOptions: { start: 'stand still' },
    });
    for (let id = 0; id < 10; id++) engine.push({ id });
    const counts = await (call === 'flushSync' ? engine.flushSync(20_000) : engine[call]());
    expect(counts).toMatchObject({ accepted: 10, failed: 10, pending: 0 });
    await engine.flush();
    expect(messages.warning).toEqual([expect.stringContaining('stuck at the start of its exporter for 1 s')]);
    expect(messages.error.join()).toMatch(/could not be loaded: a worker hung on it/);
  },
);

it('is noticed by itself, without a flush', async () => {
  const { engine, messages } = await startBench({ ...STUCK, trouble: 1, flushAt: 1 });
  const noticed = new Promise((resolve) => engine.on('error', resolve));
  engine.push({ id: 0, trouble: 'stand still' });
  await noticed;
  expect(messages.warning).toHaveLength(1);
  // And again: it looks anew with the next event.
  engine.push({ id: 1 });
  expect(await engine.flush()).toMatchObject({ accepted: 2, sent: 1, failed: 1 });
});

it('two events, one after the other: each is found', async () => {
  const { engine } = await startBench({ ...STUCK, trouble: 2 });
  for (let id = 0; id < 10; id++) engine.push(id % 5 === 0 ? { id, trouble: 'stand still' } : { id });
  expect(await engine.flush()).toMatchObject({ accepted: 10, sent: 8, failed: 2, pending: 0 });
});

it('an event of an attached thread, whose owner has none of its own', async () => {
  const { engine, sink, messages } = await startBench({ ...STUCK, trouble: 1 });
  await engine.flush();
  const thread = startThread({ engineHandle: engine.handle() });
  await thread.call('push', 0, 1, { trouble: 'stand still' });
  await thread.call('push', 1, 9);
  expect(await thread.call('flush')).toMatchObject({ accepted: 10, sent: 9, failed: 1, pending: 0 });
  expect(idsOf(sink.requests).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(messages.warning).toEqual([expect.stringContaining('the worker has been stuck at an event')]);
});

it('a worker that waits for a slow server is not stuck', async () => {
  const { engine, messages, sink } = await startBench({
    workerStuckMs: 100,
    answer: (_request, response) => void setTimeout(() => response.end(), 1_000),
  });
  for (let id = 0; id < 10; id++) engine.push({ id });
  expect(await engine.flush()).toMatchObject({ sent: 10 });
  expect(sink.requests).toHaveLength(1);
  expect(messages.warning).toEqual([]);
});
