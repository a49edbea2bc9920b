/**
 * A pool of rings that an engine lends to attached threads, one after the other. Each thread could make its own ring, but V8
 * does not count shared memory: of 600 threads that came and went, most rings were still there, gigabytes of them (measured).
 */

import { allocateRing, LENT, type RingMemory, type SharedRing } from '../../shared/ring/ring-layout.js';
import { allocateLane } from '../../shared/ring/side-lane-layout.js';

/** Threads beyond these make rings of their own. A ring takes no memory before something is written to it. */
const POOLED_RINGS = 8;
const FREE = 1;
const TAKEN = 2;

export function allocateSharedRing(ringBytes: number, sideLaneBytes: number): SharedRing {
  return { ring: allocateRing(ringBytes), lane: allocateLane(sideLaneBytes) };
}

export function createRingPool(ringBytes: number, sideLaneBytes: number): SharedRing[] {
  return Array.from({ length: POOLED_RINGS }, () => {
    const shared = allocateSharedRing(ringBytes, sideLaneBytes);
    Atomics.store(new Int32Array(shared.ring), LENT, FREE);
    return shared;
  });
}

/** The attaching thread: takes the first free ring. Undefined: none is free. */
export function borrowRing(pool: readonly SharedRing[]): SharedRing | undefined {
  return pool.find(({ ring }) => Atomics.compareExchange(new Int32Array(ring), LENT, FREE, TAKEN) === FREE);
}

export function isLent({ words }: RingMemory): boolean {
  return Atomics.load(words, LENT) === TAKEN;
}

/** The owner: makes the ring free again. Neither its thread nor the consumer may use it any more. */
export function returnRing({ words }: RingMemory): void {
  for (let i = 0; i < words.length; i++) if (i !== LENT) Atomics.store(words, i, 0);
  Atomics.store(words, LENT, FREE);
}
