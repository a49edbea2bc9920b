/**
 * Writes to shared memory which thread the worker runs in, and when it ends: the producer's thread may be blocked and then gets
 * no event that says so.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { writeThread } from '../shared/ring/ownership.js';
import { ENDED, HEAD } from '../shared/ring/ring-layout.js';

export function publishOwnThread(words: Int32Array, workerGeneration: number): void {
  // Emitted after an uncaught error too, but not if the thread is terminated or out of memory: the thread's id is for those.
  process.on('exit', () => {
    Atomics.store(words, ENDED, workerGeneration);
    Atomics.notify(words, HEAD);
  });
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    // An id that cannot be looked up now would later look like that of an ended thread.
    if (thread > 0 && existsSync(`/proc/self/task/${thread}`)) writeThread(words, workerGeneration, thread);
  } catch {
    // No /proc, or no permission to read it.
  }
}
