/** Workers that die of a batch: the one record that they die of is found, and all others are delivered. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startClient } from '../support/clients.js';
import { idsOf, startBench } from '../support/engines.js';
import { startThread } from '../support/threads.js';

const ALWAYS = 1_000;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tailrace-deaths-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

describe.each(['request', 'gzip', 'outcome'])('one record of twelve that kills in %s', (place) => {
  it.each(['exit', 'out of memory'])('by %s is found, counted and named', async (trouble) => {
    const { sink, engine, messages } = await startBench({
      trouble: ALWAYS,
      compression: 'gzip',
      flushAt: 12,
      ...(trouble === 'out of memory' && { resourceLimits: { maxOldGenerationSizeMb: 32 } }),
    });
    for (const id of range(12)) engine.push(id === 7 ? { id, in: place, trouble } : { id });
    expect(await engine.flush()).toMatchObject({ accepted: 12, sent: 11, failed: 1, pending: 0 });
    expect(new Set(idsOf(sink.requests).filter((id) => id !== 7))).toEqual(
      new Set(range(12).filter((id) => id !== 7)),
    );
    expect(messages.error).toEqual([expect.stringContaining('it has crashed workers')]);
    // Two for the batch; then of 8, 4, 2 and 1.
    expect(messages.warning.filter((message) => message.includes('starting another'))).toHaveLength(6);
  });
});

describe.each(['exit', 'throw later', 'out of memory'])('a worker that dies once by %s', (trouble) => {
  it.each(['request', 'gzip', 'outcome', 'fsync'])(
    'in %s: all is delivered, and nobody is blamed',
    async (place) => {
      const { sink, engine, messages } = await startBench({
        trouble: 1,
        compression: 'gzip',
        flushAt: 10,
        ...(place === 'fsync' && { spoolDir: temporaryDir(), spool: 'always' }),
        ...(trouble === 'out of memory' && { resourceLimits: { maxOldGenerationSizeMb: 32 } }),
      });
      for (const id of range(40)) engine.push(id === 15 ? { id, in: place, trouble } : { id });
      await engine.flush();
      expect(await engine.shutdown()).toMatchObject({ accepted: 40, sent: 40, failed: 0, pending: 0 });
      expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(40)));
      expect(messages.warning.filter((message) => message.includes('starting another'))).toHaveLength(1);
      expect(messages.error).toEqual([]);
    },
  );

  it('in createExporter: its successor delivers', async () => {
    const { sink, engine, messages } = await startBench({
      trouble: 1,
      exporterOptions: { start: trouble },
      ...(trouble === 'out of memory' && { resourceLimits: { maxOldGenerationSizeMb: 32 } }),
    });
    for (const id of range(10)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ accepted: 10, sent: 10, failed: 0, pending: 0 });
    expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(10)));
    expect(messages.error).toEqual([]);
  });
});

it('a mask that its worker dies of for one value: that event goes without its payloads, the others masked', async () => {
  const maskModule = new URL('../support/masks/dying.mjs', import.meta.url);
  const { client, sink, span, spans, warnings, errors } = await startClient({ maskModule });
  for (const id of range(12)) {
    client.trace({ name: `t${id}`, input: id === 7 ? 'die of this secret' : `secret ${id}` }).end();
  }
  expect(await client.flush()).toMatchObject({ accepted: 12, sent: 12, failed: 0, pending: 0 });
  const names = new Set(spans().map(({ name }) => name));
  for (const id of range(12)) expect(names).toContain(`t${id}`);
  const { spanId, attributes } = span('t7');
  expect(attributes['langfuse.observation.input']).toBe('<fully masked due to failed mask function>');
  expect(span('t8').attributes['langfuse.observation.input']).toBe('***');
  expect(warnings.join()).toMatch(
    new RegExp(`one of the spans \\(${spanId}, .*is sent without its payloads: it has crashed workers`),
  );
  expect(errors).toEqual([]);
  expect(sink.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain('secret');
});

it('several in one batch are found, each alone', async () => {
  const { sink, engine, messages } = await startBench({ trouble: ALWAYS, flushAt: 20 });
  const guilty = [3, 4, 17];
  const isGuilty = (id: number) => guilty.includes(id);
  for (const id of range(20)) engine.push(isGuilty(id) ? { id, in: 'request', trouble: 'exit' } : { id });
  expect(await engine.flush()).toMatchObject({ accepted: 20, sent: 17, failed: 3, pending: 0 });
  expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(20).filter((id) => !isGuilty(id))));
  expect(messages.error).toHaveLength(3);
});

it('batches before and behind it are delivered, and it holds nothing up for good', async () => {
  const { sink, engine } = await startBench({ trouble: ALWAYS, compression: 'gzip', flushAt: 10 });
  for (const id of range(100)) engine.push(id === 55 ? { id, in: 'gzip', trouble: 'exit' } : { id });
  expect(await engine.flush()).toMatchObject({ accepted: 100, sent: 99, failed: 1, pending: 0 });
  expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(100).filter((id) => id !== 55)));
});

it('a batch that kills twice by chance is delivered whole, in halves', async () => {
  const { sink, engine, messages } = await startBench({ trouble: 2, flushAt: 12 });
  for (const id of range(12)) engine.push(id === 7 ? { id, in: 'request', trouble: 'exit' } : { id });
  expect(await engine.flush()).toMatchObject({ accepted: 12, sent: 12, failed: 0, pending: 0 });
  expect(sink.requests).toHaveLength(2);
  expect(messages.error).toEqual([]);
});

it('a record that kills on its way to the disk is found', async () => {
  const { sink, engine, messages } = await startBench({
    trouble: ALWAYS,
    flushAt: 12,
    spoolDir: temporaryDir(),
    spool: 'always',
  });
  for (const id of range(12)) engine.push(id === 7 ? { id, in: 'fsync', trouble: 'exit' } : { id });
  await engine.flush();
  expect(messages.warning.join()).toContain('starting another');
  const { accepted, failed, sent } = await engine.shutdown();
  // What was on the disk in half is sent from there as well, before it is known for what it is.
  expect({ accepted, settled: sent + failed }).toEqual({ accepted: 12, settled: 12 });
  expect(new Set(idsOf(sink.requests).filter((id) => id !== 7))).toEqual(
    new Set(range(12).filter((id) => id !== 7)),
  );
});

/** A bench whose batches of twelve go to disk while the server is down; then it is up, and one of the records kills. */
async function startDown() {
  const trouble = new Int32Array(new SharedArrayBuffer(4));
  let isDown = true;
  const bench = await startBench({
    exporterOptions: { trouble },
    flushAt: 12,
    spoolDir: temporaryDir(),
    answer: (_, response) => void response.writeHead(isDown ? 503 : 200).end(),
  });
  const { engine, sink } = bench;
  /** All twelve are on disk; once the server is up again, the one record is found, and the others are delivered. */
  const expectHalved = async (): Promise<void> => {
    expect(engine.stats()).toMatchObject({ accepted: 12, spooled: 12, pending: 0 });
    trouble[0] = ALWAYS;
    isDown = false;
    const isOver = () => expect(engine.stats()).toMatchObject({ sent: 11, failed: 1, spooled: 0 });
    await vi.waitFor(isOver, { timeout: 20_000, interval: 20 });
    expect(new Set(idsOf(sink.requests))).toEqual(new Set(range(12)));
  };
  return { ...bench, expectHalved };
}

it('a batch from the spool that kills is halved on disk until the record is found', async () => {
  const { engine, messages, expectHalved } = await startDown();
  for (const id of range(12)) engine.push(id === 7 ? { id, in: 'outcome', trouble: 'exit' } : { id });
  await engine.flush();
  await expectHalved();
  expect(messages.error).toEqual([expect.stringContaining('it has crashed workers')]);
});

it('a batch that a thread has left on disk is halved in its name, whatever its client has on its ring', async () => {
  const { engine, messages, expectHalved } = await startDown();
  const thread = startThread({ engineHandle: engine.handle() });
  await thread.call('push', 0, 7);
  await thread.call('push', 7, 1, { in: 'outcome', trouble: 'exit' });
  await thread.call('push', 8, 4);
  await thread.call('shutdown');
  await expectHalved();
  expect(messages.warning.join()).not.toContain('RangeError');
});
