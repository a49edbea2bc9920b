/** Whether a worker's thread has ended, for a producer that blocks: no event comes to it. */
import { ENDED, ringMemory } from '../../shared/ring/ring-layout.js';
import { threadOf } from '../../shared/ring/thread-id.js';
import type { Life } from './worker-generation.js';

/** `unknown`: outside of Linux, a thread that was terminated or is out of memory cannot be told from one that runs. */
export function threadOfLife({ init }: Life): 'runs' | 'ended' | 'unknown' {
  const { words } = ringMemory(init.shared.ring);
  if (Atomics.load(words, ENDED) === init.life) return 'ended';
  const thread = threadOf(words, init.life);
  const threads = thread === undefined ? [] : threadsOfProcess();
  // A list that is empty proves nothing.
  if (threads.length === 0) return 'unknown';
  return threads.includes(String(thread)) ? 'runs' : 'ended';
}

function threadsOfProcess(): string[] {
  try {
    return process.getBuiltinModule('node:fs').readdirSync('/proc/self/task');
  } catch {
    return [];
  }
}
