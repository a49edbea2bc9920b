/** Calls of methods in a worker thread that dies. */
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { callThread } from '../../../../src/receiver/thread/calls.js';

/** Throws after the message that it is sent, beside the answer. */
const DYING = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', () => setImmediate(() => { throw new Error('no more memory'); }));`;

type Thread = { start(): void; close(): void };

it('rejects the pending and later calls of a thread that dies, and its close resolves', async () => {
  const deaths: string[] = [];
  const thread = callThread<Thread>(new Worker(DYING, { eval: true }), 'the thread', {
    onDeath: ({ message }) => deaths.push(message),
  });
  await expect(thread.call('start')).rejects.toThrow('the thread died: no more memory');
  await expect(thread.call('start')).rejects.toThrow('the thread died: no more memory');
  await thread.close();
  expect(deaths).toEqual(['the thread died: no more memory']);
});

it('resolves the close of a thread that dies while it closes', async () => {
  const thread = callThread<Thread>(new Worker(DYING, { eval: true }), 'the thread');
  await thread.close();
  await expect(thread.call('start')).rejects.toThrow('the thread is closed');
});
