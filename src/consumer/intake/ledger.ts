/**
 * The ledger of one ring: which of the records taken off the ring have settled, and how.
 *
 * Batches settle in any order, but space on the ring is released in order. So every record that has not settled is still on
 * the ring, behind the head, and the successor of a dead worker starts with these.
 *
 *   head            position
 *    │ sent │ pending │ failed │ spooled │ … not taken yet      the records behind `pending` are released after it
 *    oldest                              next
 */
import {
  ACCEPTED,
  COUNTS_ARE_FINAL,
  distance,
  FAILED,
  HEAD,
  IS_SENT,
  RETRIED,
  type RingMemory,
  SENT,
  SPOOLED,
  TAIL,
  unreleasedRecords,
} from '../../shared/ring/ring-layout.js';
import { mark } from '../recovery/record-marks.js';
import type { RingRecord } from './ring-reader.js';

const PENDING = 0;
/** The server has the record, but what belongs to it (media) is still being sent: the record settles after that. */
const DELIVERED = 1;
const WAS_SENT = 2;
const HAS_FAILED = 3;
const IS_SPOOLED = 4;
export type Settlement = typeof WAS_SENT | typeof HAS_FAILED | typeof IS_SPOOLED;
export const SETTLED = { sent: WAS_SENT, failed: HAS_FAILED, spooled: IS_SPOOLED } as const;

export interface Ledger {
  readonly memory: RingMemory;
  /** Records that earlier consumers have released. Added to a record's number, it gives the record's ordinal. */
  readonly released: number;
  /** By ordinal: records on the ring that a dead consumer had spooled, and how they have settled since. */
  readonly spooledBefore: Map<number, Settlement>;
  /** Numbers of the oldest record that has not settled, and of the next record to be taken. */
  oldest: number;
  next: number;
  /** By record number modulo their length, a power of two: where the record begins and ends, and its settlement. */
  starts: Int32Array;
  ends: Int32Array;
  settlements: Uint8Array;
  /** Called after each release. */
  readonly onRelease: () => void;
  /** Nothing is counted any more: the final counts are written, or are the successor's. */
  closed: boolean;
}

export function createLedger(memory: RingMemory, onRelease: () => void = () => {}): Ledger {
  return {
    memory,
    released: countReleasedBefore(memory),
    spooledBefore: new Map(),
    oldest: 0,
    next: 0,
    starts: new Int32Array(1024),
    ends: new Int32Array(1024),
    settlements: new Uint8Array(1024),
    onRelease,
    closed: false,
  };
}

function countReleasedBefore({ words, totals, counters }: RingMemory): number {
  // Once the final counts are written, the ring is not read any more: all its records count as released.
  if (Atomics.load(words, COUNTS_ARE_FINAL) === 1) return totals[ACCEPTED] as number;
  return [SENT, FAILED, SPOOLED].reduce((sum, one) => sum + Number(Atomics.load(counters, one)), 0);
}

/** Enters a record. Returns the number by which it is settled later. */
export function enter(ledger: Ledger, { position, end }: Pick<RingRecord, 'position' | 'end'>): number {
  if (ledger.next - ledger.oldest === ledger.ends.length) grow(ledger);
  const number = ledger.next++;
  const slot = number & (ledger.ends.length - 1);
  ledger.starts[slot] = position;
  ledger.ends[slot] = end;
  ledger.settlements[slot] = PENDING;
  return number;
}

export function settle(ledger: Ledger, numbers: readonly number[], settlement: Settlement): void {
  if (ledger.closed) return;
  const { settlements, oldest } = ledger;
  const mask = settlements.length - 1;
  for (const number of numbers) {
    // A record settles once: the slot of a released record may belong to a later one.
    if (number >= oldest && isOpen(settlements[number & mask])) settlements[number & mask] = settlement;
  }
  release(ledger);
  if (settlement === WAS_SENT) markSent(ledger, numbers);
}

/** Marks sent records that are not released yet, so that a successor does not send them again. */
export function markSent(ledger: Ledger, numbers: readonly number[]): void {
  for (const number of numbers) {
    if (isUnreleased(ledger, number)) mark(ledger.memory, positionOf(ledger, number), IS_SENT);
  }
}

export function isUnreleased({ oldest }: Ledger, number: number): boolean {
  return number >= oldest;
}

/** The position of an unreleased record. */
export function positionOf({ starts, next, oldest, memory }: Ledger, number: number): number {
  if (number < next) return starts[number & (starts.length - 1)] as number;
  // This consumer has not taken it yet: a dead one had spooled it.
  let index = oldest;
  for (const position of unreleasedRecords(memory)) if (index++ === number) return position;
  throw new RangeError(`no record ${number} on the ring`);
}

/** The number of records that the engine had accepted before this one. Unique within the engine. */
export function ordinalOf({ released }: Ledger, number: number): number {
  return released + number;
}

/** From here on the record counts as sent even if the consumer ends before it settles. */
export function markDelivered({ settlements, oldest }: Ledger, number: number): void {
  const slot = number & (settlements.length - 1);
  if (number >= oldest && settlements[slot] === PENDING) settlements[slot] = DELIVERED;
}

/** Settles the oldest delivered records, without waiting for what belongs to them. */
export function settleDelivered(ledger: Ledger): void {
  const { settlements, next } = ledger;
  const mask = settlements.length - 1;
  if (ledger.closed) return;
  let { oldest } = ledger;
  for (; oldest < next && settlements[oldest & mask] !== PENDING; oldest++) {
    if (settlements[oldest & mask] === DELIVERED) settlements[oldest & mask] = WAS_SENT;
  }
  release(ledger);
}

/** Writes the final counts, including records that have settled behind one that has not. Nothing is counted after this. */
export function closeLedger(ledger: Ledger): void {
  const { settlements, oldest, next, memory } = ledger;
  if (ledger.closed) return;
  ledger.closed = true;
  let sent = 0n;
  let failed = 0n;
  let spooled = 0n;
  for (let number = oldest; number < next; number++) {
    const settlement = settlements[number & (settlements.length - 1)];
    if (settlement === WAS_SENT || settlement === DELIVERED) sent++;
    if (settlement === HAS_FAILED) failed++;
    if (settlement === IS_SPOOLED) spooled++;
  }
  Atomics.add(memory.counters, SENT, sent);
  Atomics.add(memory.counters, FAILED, failed);
  Atomics.add(memory.counters, SPOOLED, spooled);
  Atomics.store(memory.words, COUNTS_ARE_FINAL, 1);
}

/** Bytes between the head and the tail. */
export function unreleasedBytes({ memory }: Ledger): number {
  return distance(Atomics.load(memory.words, TAIL), Atomics.load(memory.words, HEAD));
}

/** Counts an attempt that failed and will be repeated. */
export function countRetry({ memory, closed }: Ledger): void {
  if (!closed) Atomics.add(memory.counters, RETRIED, 1n);
}

/** Releases the settled records at the head of the ring, and counts them. */
export function release(ledger: Ledger): void {
  const { memory, settlements, ends } = ledger;
  const mask = ends.length - 1;
  let sent = 0n;
  let failed = 0n;
  let spooled = 0n;
  let { oldest } = ledger;
  for (; oldest < ledger.next && !isOpen(settlements[oldest & mask]); oldest++) {
    const settlement = settlements[oldest & mask];
    if (settlement === WAS_SENT) sent++;
    else if (settlement === IS_SPOOLED) spooled++;
    else failed++;
  }
  if (oldest === ledger.oldest) return;
  const head = ends[(oldest - 1) & mask] as number;
  // No call or loop between counting and releasing: a thread is terminated at calls and loops, and a successor would deliver
  // and count a record again that was counted but not released.
  ledger.oldest = oldest;
  Atomics.add(memory.counters, SENT, sent);
  Atomics.add(memory.counters, FAILED, failed);
  Atomics.add(memory.counters, SPOOLED, spooled);
  Atomics.store(memory.words, HEAD, head);
  ledger.onRelease();
}

function isOpen(settlement: number | undefined): boolean {
  return settlement === PENDING || settlement === DELIVERED;
}

function grow(ledger: Ledger): void {
  const length = ledger.ends.length * 2;
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  const settlements = new Uint8Array(length);
  for (let number = ledger.oldest; number < ledger.next; number++) {
    const from = number & (ledger.ends.length - 1);
    starts[number & (length - 1)] = ledger.starts[from] as number;
    ends[number & (length - 1)] = ledger.ends[from] as number;
    settlements[number & (length - 1)] = ledger.settlements[from] as number;
  }
  ledger.starts = starts;
  ledger.ends = ends;
  ledger.settlements = settlements;
}
