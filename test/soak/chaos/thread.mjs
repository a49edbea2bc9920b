/**
 * A thread of the application that attaches to its client, writes events for a while, and ends. `words`, shared: events
 * begun, events handed over, and those that it was told have failed.
 */

import { setTimeout } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { Tailrace } from 'tailrace';
import { chance } from '../pattern.js';
import { pushEvent } from './events.js';
import { BEGUN, HANDED_OVER, TOLD } from './thread-words.js';

const { handle, name, seed, end, words, lives } = workerData;
const random = chance(seed);
const client = Tailrace.attach(handle);
client.on('error', (_message, { events }) => Atomics.add(words, TOLD, events));
client.on('warning', () => {});
client.on('drop', () => {});

const endAt = performance.now() + lives;
while (performance.now() < endAt) {
  for (let i = random(10); i > 0; i--) {
    const number = Atomics.add(words, BEGUN, 1);
    pushEvent(client, `${name}.${number}`, random);
    Atomics.add(words, HANDED_OVER, 1);
  }
  await setTimeout(random(40));
}
if (end === 'shutdown') await client.shutdown();
if (end === 'exit') process.exit(0);
// Its owner terminates it.
if (end === 'terminate') await setTimeout(60_000);
