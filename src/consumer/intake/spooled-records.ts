/** Accounts for records that have settled as spooled: what becomes of them later, in this worker or for a dead one. */
import {
  FAILED_IN_SPOOL,
  RECOVERED,
  SENT_FROM_SPOOL,
  SETTLING_FRAME,
  SPOOLED,
  UNRECOVERED,
} from '../../shared/ring/ring-layout.js';
import type { Origin } from '../../spool/disk/segments.js';
import { isUnreleased, type Ledger, ordinalOf, release, SETTLED, type Settlement, settle } from './ledger.js';

/** How many of these records have been released as spooled. */
export function countReleased(ledger: Ledger, ordinals: readonly number[]): number {
  return ordinals.filter((ordinal) => !isUnreleased(ledger, ordinal - ledger.released)).length;
}

/** Settles records that had settled as spooled before. They may have been released since. */
export function settleSpooled(ledger: Ledger, ordinals: readonly number[], settlement: Settlement): void {
  if (ledger.closed) return;
  const { settlements, oldest, next, memory } = ledger;
  let released = 0;
  for (const ordinal of ordinals) {
    const number = ordinal - ledger.released;
    if (number < oldest) released++;
    else if (number < next) settlements[number & (settlements.length - 1)] = settlement;
    else ledger.spooledBefore.set(ordinal, settlement);
  }
  const counter = settlement === SETTLED.sent ? SENT_FROM_SPOOL : FAILED_IN_SPOOL;
  const count = BigInt(released);
  // No call or loop between these two: a thread is terminated at calls and loops, and a successor would count again.
  Atomics.add(memory.counters, counter, count);
  Atomics.store(memory.words, SETTLING_FRAME, 0);
  release(ledger);
}

/** Counts events that ended threads or earlier processes have spooled. */
export function settleInherited(
  { closed, memory }: Ledger,
  events: number,
  from: Origin,
  settlement: Settlement,
): void {
  if (closed) return;
  const isSent = settlement === SETTLED.sent;
  // Events of a thread count as spooled on the ring that it had; here they only count as sent or failed.
  const counter =
    from === 'thread' ? (isSent ? SENT_FROM_SPOOL : FAILED_IN_SPOOL) : isSent ? RECOVERED : UNRECOVERED;
  Atomics.add(memory.counters, counter, BigInt(events));
}

/** Counts spooled events as failed of which only the number is known. */
export function failSpooled(ledger: Ledger, events: number, from: Origin): void {
  const { closed, memory } = ledger;
  if (from !== 'ring') settleInherited(ledger, events, from, SETTLED.failed);
  if (from !== 'ring' || closed) return;
  const [spooled = 0n, sent = 0n, failed = 0n] = [SPOOLED, SENT_FROM_SPOOL, FAILED_IN_SPOOL].map((one) =>
    Atomics.load(memory.counters, one),
  );
  const left = spooled - sent - failed;
  // More than that cannot be lost: the others are still on the ring and are sent from there.
  Atomics.add(memory.counters, FAILED_IN_SPOOL, left < BigInt(events) ? left : BigInt(events));
}

/** Settles a record that a dead consumer had spooled. Returns false if none had. */
export function settleAsBefore(ledger: Ledger, number: number): boolean {
  const settlement = ledger.spooledBefore.get(ordinalOf(ledger, number));
  if (settlement === undefined) return false;
  ledger.spooledBefore.delete(ordinalOf(ledger, number));
  settle(ledger, [number], settlement);
  return true;
}
