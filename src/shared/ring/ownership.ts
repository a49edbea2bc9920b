/**
 * Which worker generation owns a ring, and the thread that it runs in. A consumer takes ownership before it reads. A producer that
 * cannot wait for a consumer that is still starting offers the ring to the next one, and the first then fails to take it. A
 * ring never has two owners.
 */
import { OWNER, THREAD } from './ring-layout.js';

/** Producer: offers the ring to this consumer. The one before must be dead. */
export function offerRing(words: Int32Array, workerGeneration: number): void {
  Atomics.store(words, OWNER, 2 * workerGeneration);
}

/** Producer: withdraws the offer from a consumer that has not taken the ring yet. False: it has. */
export function withdrawRing(words: Int32Array, workerGeneration: number): boolean {
  const offered = 2 * workerGeneration;
  return Atomics.compareExchange(words, OWNER, offered, offered + 2) === offered;
}

/** Consumer: takes the ring. False: it was offered to another meanwhile. */
export function takeOwnership(words: Int32Array, workerGeneration: number): boolean {
  const offered = 2 * workerGeneration;
  return Atomics.compareExchange(words, OWNER, offered, offered + 1) === offered;
}

/** Producer: whether this consumer owns the ring. */
export function isOwned(words: Int32Array, workerGeneration: number): boolean {
  return Atomics.load(words, OWNER) === 2 * workerGeneration + 1;
}

/** Consumer: gives the ring back and touches it no more. The producer may offer it to another without waiting for this one's end. */
export function giveUpOwnership(words: Int32Array, workerGeneration: number): void {
  const offered = 2 * workerGeneration;
  Atomics.compareExchange(words, OWNER, offered + 1, offered);
}

/** Linux numbers its threads below 2^22. */
const THREAD_BITS = 22;
const MAX_THREAD = 2 ** THREAD_BITS - 1;
const GENERATION_MASK = 0x1ff;

/**
 * Consumer: writes the operating system's number of its thread, so that a producer that blocks can find out whether the thread
 * still exists. The generation is in the same word, as an earlier consumer may write late.
 */
export function writeThread(words: Int32Array, workerGeneration: number, thread: number): void {
  if (thread <= MAX_THREAD) {
    Atomics.store(words, THREAD, ((workerGeneration & GENERATION_MASK) << THREAD_BITS) | thread);
  }
}

/** Producer. Undefined: the consumer has not written it. */
export function threadOf(words: Int32Array, workerGeneration: number): number | undefined {
  const word = Atomics.load(words, THREAD);
  const thread = word & MAX_THREAD;
  return thread !== 0 && word >>> THREAD_BITS === (workerGeneration & GENERATION_MASK) ? thread : undefined;
}
