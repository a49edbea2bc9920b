/**
 * A worker says in shared memory which thread it runs in, and when that ends: the producer's thread may be blocked, and then
 * no event tells it.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { writeThread } from '../shared/ring/ownership.js';
import { ENDED, HEAD } from '../shared/ring/ring-layout.js';

export function sayOwnThread(words: Int32Array, life: number): void {
  // After an uncaught error as well, but not where the thread is terminated or out of memory: for those is the thread's number.
  process.on('exit', () => {
    Atomics.store(words, ENDED, life);
    Atomics.notify(words, HEAD);
  });
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    // Where it cannot be seen now, it would seem to have ended.
    if (thread > 0 && existsSync(`/proc/self/task/${thread}`)) writeThread(words, life, thread);
  } catch {
    // No /proc, or no permission to read it.
  }
}
