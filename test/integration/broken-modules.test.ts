/** Exporters and masks that cannot be loaded: told once, with where and why; nobody waits for what cannot be sent. */
import { Worker } from 'node:worker_threads';
import { createEngine } from 'tailrace/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from '../support/clients.js';

const moduleUrl = (how: string) => new URL(`../support/broken-module.mjs?how=${how}`, import.meta.url);
const SECRET = 'sk-lf-0123456789';

function startBroken(how: string, options: { worker?: boolean } = {}) {
  const told: { message: string; events: number }[] = [];
  const warnings: string[] = [];
  const engine = createEngine({
    exporter: { url: moduleUrl(how), options: { secretKey: SECRET } },
    // No test waits for so long.
    flushTimeoutMs: 600_000,
    ...options,
  });
  engine.on('error', (message, { events }) => told.push({ message, events }));
  engine.on('warning', (message) => warnings.push(message));
  onTestFinished(async () => void (await engine.shutdown()));
  return { engine, told, warnings };
}

describe.each([
  ['in the worker', true],
  ["on the application's thread", false],
])('an exporter %s', (_, worker) => {
  it.each([
    ['throws', /could not be loaded: Error: boom\n {4}at file:.*broken-module\.mjs\?how=throws:\d+:\d+/],
    ['create throws', /could not be loaded: Error: boom of …\n {4}at create \(file:.*:\d+:\d+\)/],
    ['create rejects', /could not be loaded: TypeError: boom\n {4}at create \(file:.*:\d+:\d+\)/],
    ['has none', /could not be loaded: it must export a function createExporter$/],
    ['is none', /could not be loaded: its exporter must have a function bodyBytes or measureBody$/],
  ])('whose module %s is named once with its place, and each call has its answer', async (how, words) => {
    const { engine, told, warnings } = startBroken(how, { worker });
    for (let id = 0; id < 10; id++) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ accepted: 10, failed: 10, pending: 0 });
    for (let id = 0; id < 5; id++) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ accepted: 15, failed: 15, pending: 0 });
    engine.push({ id: 1 });
    expect(await engine.shutdown()).toMatchObject({ accepted: 16, failed: 16, pending: 0 });
    expect(told[0]).toEqual({ message: expect.stringMatching(words), events: 0 });
    expect(told[0]?.message).toMatch(/^exporter file:.*broken-module\.mjs/);
    expect(told.reduce((sum, { events }) => sum + events, 0)).toBe(16);
    for (const { message } of told.slice(1)) {
      expect(message).toMatch(/^\d+ events? not delivered: exporter file:.* could not be loaded: [^\n]+$/);
    }
    expect(told.length).toBeLessThanOrEqual(4);
    expect(JSON.stringify(told)).not.toContain(SECRET);
    expect(warnings).toEqual([]);
  });
});

it.each(['exits', 'create exits'])(
  'an exporter whose module %s is given up after three workers',
  async (how) => {
    const { engine, told, warnings } = startBroken(how);
    for (let id = 0; id < 10; id++) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ accepted: 10, failed: 10, pending: 0 });
    expect(warnings.filter((message) => message.includes('starting another'))).toHaveLength(3);
    expect(told[0]).toEqual({
      message: expect.stringMatching(/^exporter file:.* could not be loaded: it has crashed 3 workers$/),
      events: 0,
    });
    expect(told.slice(1).reduce((sum, { events }) => sum + events, 0)).toBe(10);
  },
);

it('a flush that blocks has its answer as well', async () => {
  const { engine, told } = startBroken('throws');
  engine.push({ id: 1 });
  await engine.flush();
  engine.push({ id: 2 });
  expect(engine.flushSync(60_000)).toMatchObject({ accepted: 2, failed: 2, pending: 0 });
  expect(told.reduce((sum, { events }) => sum + events, 0)).toBe(2);
});

it('an attached thread is told of its events, and has its answer', async () => {
  const { engine, told } = startBroken('throws');
  const thread = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
    const { attachEngine } = require('tailrace/engine');
    const engine = attachEngine(workerData);
    const told = [];
    engine.on('error', (message, { events }) => told.push({ message, events }));
    engine.push({ id: 1 });
    engine.push({ id: 2 });
    engine.shutdown().then((counts) => parentPort.postMessage({ counts, told }));`,
    { eval: true, workerData: engine.handle() },
  );
  const answer = await new Promise((resolve) => thread.once('message', resolve));
  expect(answer).toMatchObject({ counts: { accepted: 2, failed: 2, pending: 0 } });
  const { told: toldThere } = answer as { told: typeof told };
  expect(toldThere.reduce((sum, { events }) => sum + events, 0)).toBe(2);
  expect(toldThere[0]?.message).toMatch(/not delivered: exporter file:.* could not be loaded: Error: boom$/);
  await thread.terminate();
});

describe('a mask module', () => {
  it('that throws is named once with its place, and everything is masked', async () => {
    const { client, sink, warnings } = await startClient({ maskModule: moduleUrl('throws') });
    client.trace({ name: 'one', input: 'payload' }).end();
    expect(await client.flush()).toMatchObject({ sent: 1, failed: 0 });
    client.trace({ name: 'two', input: 'payload' }).end();
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0 });
    expect(sink.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain('payload');
    expect(warnings).toEqual([
      expect.stringMatching(
        /^everything is masked: maskModule file:.* could not be loaded: Error: boom\n {4}at file:.*how=throws:\d+:\d+/,
      ),
    ]);
  });

  it('that workers die of is not loaded any more, and everything is masked', async () => {
    const { client, sink, warnings } = await startClient({ maskModule: moduleUrl('exits') });
    client.trace({ name: 'one', input: 'payload' }).end();
    expect(await client.flush()).toMatchObject({ sent: 1, failed: 0 });
    expect(sink.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain('payload');
    expect(warnings.at(-1)).toMatch(/could not be loaded: it has crashed 3 workers$/);
  });
});
