/**
 * The rings that an engine lends to threads that attach, to one after the other. Each thread could make its own, but V8
 * does not count shared memory: of 600 threads that came and went most rings were still there, gigabytes of them (measured).
 */

import { allocateRing, LENT, type RingMemory, type SharedRing } from '../../shared/ring/ring-layout.js';
import { allocateLane } from '../../shared/ring/side-lane-layout.js';

/** Threads beyond these make rings of their own. A ring takes no memory before something is written to it. */
const STOCK_RINGS = 8;
const FREE = 1;
const TAKEN = 2;

export function allocateSharedRing(ringBytes: number, sideLaneBytes: number): SharedRing {
  return { ring: allocateRing(ringBytes), lane: allocateLane(sideLaneBytes) };
}

export function createStock(ringBytes: number, sideLaneBytes: number): SharedRing[] {
  return Array.from({ length: STOCK_RINGS }, () => {
    const shared = allocateSharedRing(ringBytes, sideLaneBytes);
    Atomics.store(new Int32Array(shared.ring), LENT, FREE);
    return shared;
  });
}

/** The attaching thread: takes the first that is free. Undefined: none is. */
export function borrowRing(stock: readonly SharedRing[]): SharedRing | undefined {
  return stock.find(({ ring }) => Atomics.compareExchange(new Int32Array(ring), LENT, FREE, TAKEN) === FREE);
}

export function isLent({ words }: RingMemory): boolean {
  return Atomics.load(words, LENT) === TAKEN;
}

/** The owner, once neither the thread nor the consumer has anything to do with it any more. */
export function takeBack({ words }: RingMemory): void {
  for (let i = 0; i < words.length; i++) if (i !== LENT) Atomics.store(words, i, 0);
  Atomics.store(words, LENT, FREE);
}
