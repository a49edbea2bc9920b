/**
 * Which thread of the operating system a consumer runs in, in one word of its ring, so that it is never read by halves: a
 * thread that has ended is one that is no longer there. The consumer's number goes with it: an earlier one may write late.
 */
import { THREAD } from './ring-layout.js';

/** Linux numbers its threads below 2^22. */
const THREAD_BITS = 22;
const MAX_THREAD = 2 ** THREAD_BITS - 1;
const LIFE_MASK = 0x1ff;

/** Consumer. */
export function sayThread(words: Int32Array, life: number, thread: number): void {
  if (thread <= MAX_THREAD) Atomics.store(words, THREAD, ((life & LIFE_MASK) << THREAD_BITS) | thread);
}

/** Producer. Undefined: it has not said so. */
export function threadOf(words: Int32Array, life: number): number | undefined {
  const word = Atomics.load(words, THREAD);
  const thread = word & MAX_THREAD;
  return thread !== 0 && word >>> THREAD_BITS === (life & LIFE_MASK) ? thread : undefined;
}
