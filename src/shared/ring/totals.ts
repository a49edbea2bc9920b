/** The counts of a ring, from its shared memory alone: whoever sees the ring can read them. */
import { type Counts, DROP_REASONS, type DropReason } from '../contract/counts.js';
import {
  ABANDONED,
  ACCEPTED,
  BYTES_SENT,
  DRAWN_UP,
  DROPPED,
  FAILED,
  FAILED_IN_SPOOL,
  IS_TOLD,
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
  const givenUp = total(FAILED) + failedInSpool;
  // Read after what is taken from it, which is never more.
  const spooled = total(SPOOLED) - sentFromSpool - failedInSpool;
  const accepted = totals[ACCEPTED] as number;
  // A thread may give up on its owner, which delivers after all: what it has abandoned and the server has counts as sent.
  const open = accepted - sent - givenUp - spooled;
  const abandoned = Math.min(totals[ABANDONED] as number, open);
  return {
    accepted,
    sent,
    failed: givenUp + abandoned,
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
 * Counts what is pending as failed: nobody delivers it any more. Returns how much of that the application has not been told of.
 */
export function abandonPending(memory: RingMemory): number {
  const { pending } = readCounts(memory);
  const before = memory.totals[ABANDONED] as number;
  memory.totals[ABANDONED] = before + pending;
  // Those that it had been told of by then are among the first that are given up.
  return before > 0 || pending === 0 ? pending : pending - countTold(memory);
}

/** Records that have failed, as was told, but are counted no sooner than what is before them. */
function countTold(memory: RingMemory): number {
  const { words, headers } = memory;
  let told = 0;
  if (Atomics.load(words, DRAWN_UP) === 1) return told;
  for (const position of unreleasedRecords(memory)) {
    if (((headers[typeIndexOf(memory, position)] as number) & IS_TOLD) !== 0) told++;
  }
  return told;
}

export function countDropped(totals: Float64Array, reason: DropReason): void {
  const index = DROPPED + DROP_REASONS.indexOf(reason);
  totals[index] = (totals[index] as number) + 1;
}

/** How many events were dropped for want of room. */
export function countLost({ totals }: Pick<RingMemory, 'totals'>): number {
  const { 'ring-full': onRing = 0, 'side-lane-full': besideIt = 0 } = readDropped(totals);
  return onRing + besideIt;
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

/** The counts of several rings as one. */
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
