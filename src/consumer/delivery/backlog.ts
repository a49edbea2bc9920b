/** How much of a ring is in memory: batches that wait for their first attempt, and those that wait for another. */

import { isRefusing } from '../transport/request-scheduler.js';
import type { Delivery, Queued } from './delivery.js';

/** The batch is kept elsewhere, and not sent from here. */
export function takeOut({ queue }: Delivery, queued: Queued): void {
  const index = queue.indexOf(queued);
  if (index >= 0) queue.splice(index, 1);
}

/**
 * Whether further records had better stay on the ring: a batch waits for nothing but a slot, or as many as there are slots
 * wait for whatever it is. So a ring has at most twice as many batches in memory, and one more.
 */
export function isSaturated({ queue, underWay, gate }: Delivery): boolean {
  if (queue.some(({ turn }) => !isRefusing(turn))) return true;
  if (queue.length + underWay.size < gate.slots) return false;
  let waiting = queue.length;
  for (const { turn } of underWay) if (turn?.state !== 'underWay') waiting++;
  return waiting >= gate.slots;
}

export function tellRoom(delivery: Delivery): void {
  if (!isSaturated(delivery)) delivery.onSlotFree();
}
