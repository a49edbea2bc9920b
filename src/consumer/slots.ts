/** How many requests are under way at once, of all rings together; who waits for a place gets it in turn. */

export interface Slots {
  free: number;
  readonly waiting: Map<unknown, () => void>;
}

export function createSlots(count: number): Slots {
  return { free: count, waiting: new Map() };
}

/** False: there is none; `onFree` is called, once for each `owner`, when there may be one. */
export function takeSlot(slots: Slots, owner: unknown, onFree: () => void): boolean {
  if (slots.free === 0) {
    if (!slots.waiting.has(owner)) slots.waiting.set(owner, onFree);
    return false;
  }
  slots.free--;
  return true;
}

export function freeSlot(slots: Slots): void {
  slots.free++;
  // Who is called need not want one any more: its ring was let go, or its batches are on disk by now.
  for (const [owner, onFree] of slots.waiting) {
    if (slots.free === 0) return;
    slots.waiting.delete(owner);
    onFree();
  }
}
