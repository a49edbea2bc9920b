/** Reads the counts of a ring from its shared memory, so that any thread with the ring can. */
import { type Counts, DROP_REASONS, type DropReason } from '../contract/counts.js';
import {
  ABANDONED,
  ACCEPTED,
  BYTES_SENT,
  COUNTS_ARE_FINAL,
  DROPPED,
  FAILED,
  FAILED_IN_SPOOL,
  IS_REPORTED,
  MEDIA_FAILED,
  RECOVERED,
  RETRIED,
  type RingMemory,
  SENT,
  SENT_FROM_SPOOL,
  SPOOLED,
  TRUNCATED,
  typeIndexOf,
  UNRECOVERED,
  unreleasedRecords,
} from './ring-layout.js';

export function noCounts(): Counts {
  return {
    accepted: 0,
    sent: 0,
    failed: 0,
    dropped: { total: 0 },
    retried: 0,
    spooled: 0,
    recovered: 0,
    unrecovered: 0,
    pending: 0,
    bytes: 0,
    truncated: 0,
    mediaFailed: 0,
  };
}

export function readCounts({ counters, totals }: Pick<RingMemory, 'counters' | 'totals'>): Counts {
  const total = (counter: number): number => Number(Atomics.load(counters, counter));
  const sentFromSpool = total(SENT_FROM_SPOOL);
  const failedInSpool = total(FAILED_IN_SPOOL);
  const sent = total(SENT) + sentFromSpool;
  const failed = total(FAILED) + failedInSpool;
  // Read after the two that are subtracted from it, so that the difference is never negative.
  const spooled = total(SPOOLED) - sentFromSpool - failedInSpool;
  const accepted = totals[ACCEPTED] as number;
  // A thread may abandon events that its owner delivers after all: they count as sent.
  const open = accepted - sent - failed - spooled;
  const abandoned = Math.min(totals[ABANDONED] as number, open);
  return {
    accepted,
    sent,
    failed: failed + abandoned,
    dropped: readDropped(totals),
    retried: total(RETRIED),
    spooled,
    recovered: total(RECOVERED),
    unrecovered: total(UNRECOVERED),
    pending: open - abandoned,
    bytes: total(BYTES_SENT),
    truncated: total(TRUNCATED),
    mediaFailed: total(MEDIA_FAILED),
  };
}

/**
 * Counts pending events as failed, as nobody delivers them any more. Returns how many of them have not been reported to the
 * application.
 */
export function abandonPending(memory: RingMemory): number {
  const { pending } = readCounts(memory);
  const before = memory.totals[ABANDONED] as number;
  memory.totals[ABANDONED] = before + pending;
  // The reported ones are among the first that were abandoned.
  return before > 0 || pending === 0 ? pending : pending - countReported(memory);
}

/** Records that were reported as failed, but are not counted before the records in front of them. */
function countReported(memory: RingMemory): number {
  const { words, headers } = memory;
  let reported = 0;
  if (Atomics.load(words, COUNTS_ARE_FINAL) === 1) return reported;
  for (const position of unreleasedRecords(memory)) {
    if (((headers[typeIndexOf(memory, position)] as number) & IS_REPORTED) !== 0) reported++;
  }
  return reported;
}

export function countDropped(totals: Float64Array, reason: DropReason): void {
  const index = DROPPED + DROP_REASONS.indexOf(reason);
  totals[index] = (totals[index] as number) + 1;
}

/** How many events were dropped because the ring or the side lane was full. */
export function countLost({ totals }: Pick<RingMemory, 'totals'>): number {
  const { 'ring-full': onRing = 0, 'side-lane-full': inSideLane = 0 } = readDropped(totals);
  return onRing + inSideLane;
}

export function readDropped(totals: Float64Array): Counts['dropped'] {
  const dropped: Counts['dropped'] = { total: 0 };
  for (const [index, reason] of DROP_REASONS.entries()) {
    const count = totals[DROPPED + index] as number;
    if (count === 0) continue;
    dropped.total += count;
    dropped[reason] = count;
  }
  return dropped;
}

/** Adds up the counts of several rings. */
export function sumCounts(all: readonly Counts[]): Counts {
  const sum = noCounts();
  for (const { dropped: _, ...numbers } of all) {
    for (const [name, count] of Object.entries(numbers)) sum[name as keyof typeof numbers] += count;
  }
  return { ...sum, dropped: sumDropped(all.map(({ dropped }) => dropped)) };
}

export function sumDropped(all: readonly Counts['dropped'][]): Counts['dropped'] {
  const sum: Counts['dropped'] = { total: 0 };
  for (const dropped of all) {
    for (const [reason, count] of Object.entries(dropped)) {
      sum[reason as DropReason] = (sum[reason as DropReason] ?? 0) + count;
    }
  }
  return sum;
}
