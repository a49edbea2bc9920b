/**
 * Which consumer the ring belongs to. A consumer takes it before it reads; a producer that cannot wait for one that is
 * still starting gives the ring to another, and the first then finds it taken away. There are never two.
 */
import { CLAIM } from './ring-layout.js';

/** Producer: the ring is for consumer `life` from now on; the one before is dead. */
export function offerRing(words: Int32Array, life: number): void {
  Atomics.store(words, CLAIM, 2 * life);
}

/** Producer: takes the ring away from a consumer that has not taken it yet. False: it has. */
export function withdrawRing(words: Int32Array, life: number): boolean {
  return Atomics.compareExchange(words, CLAIM, 2 * life, 2 * life + 2) === 2 * life;
}

/** Consumer: takes the ring. False: it is for another by now. */
export function claimRing(words: Int32Array, life: number): boolean {
  return Atomics.compareExchange(words, CLAIM, 2 * life, 2 * life + 1) === 2 * life;
}

/** Producer: whether that consumer has taken it. */
export function isClaimed(words: Int32Array, life: number): boolean {
  return Atomics.load(words, CLAIM) === 2 * life + 1;
}

/** Consumer: touches the ring no more. The producer may give it to another without waiting for this one's end. */
export function unclaimRing(words: Int32Array, life: number): void {
  Atomics.compareExchange(words, CLAIM, 2 * life + 1, 2 * life);
}
