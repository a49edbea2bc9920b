/**
 * Which of the records taken off the ring have settled, and how.
 *
 * Batches settle in any order; space on the ring is released in order. So behind the head there is always
 * everything that has not settled, which is what the successor of a dead worker starts with.
 */
import {
  ACCEPTED,
  DRAWN_UP,
  distance,
  FAILED,
  FAILED_IN_SPOOL,
  HEAD,
  IS_SENT,
  RECOVERED,
  type RingMemory,
  SENT,
  SENT_FROM_SPOOL,
  SETTLING_FRAME,
  SPOOLED,
  TAIL,
  UNRECOVERED,
  unreleasedRecords,
} from '../../shared/ring/ring-layout.js';
import type { Origin } from '../../spool/disk/segments.js';
import { mark } from '../recovery/record-marks.js';
import type { RingRecord } from './ring-reader.js';

const PENDING = 0;
/** The server has it, but what belongs to it is still on its way: it has not settled until then. */
const DELIVERED = 1;
const WAS_SENT = 2;
const HAS_FAILED = 3;
const IS_SPOOLED = 4;
export type Settlement = typeof WAS_SENT | typeof HAS_FAILED | typeof IS_SPOOLED;
export const Settled = { sent: WAS_SENT, failed: HAS_FAILED, spooled: IS_SPOOLED } as const;

export interface Ledger {
  readonly memory: RingMemory;
  /** How many records earlier consumers have released: with a record's number, how many were accepted before it. */
  readonly released: number;
  /** By ordinal: records that are still on the ring, and what became of them since a dead consumer spooled them. */
  readonly spooledBefore: Map<number, Settlement>;
  /** Numbers of the oldest record that has not settled, and of the next record to be taken. */
  oldest: number;
  next: number;
  /** By record number modulo their length, a power of two: where the record begins and ends, and what became of it. */
  starts: Int32Array;
  ends: Int32Array;
  settlements: Uint8Array;
  /** Called after each release. */
  onRelease: () => void;
  /** After its end a consumer counts nothing any more: the producer has drawn up the account. */
  closed: boolean;
}

export function createLedger(memory: RingMemory): Ledger {
  return {
    memory,
    released: countReleasedBefore(memory),
    spooledBefore: new Map(),
    oldest: 0,
    next: 0,
    starts: new Int32Array(1024),
    ends: new Int32Array(1024),
    settlements: new Uint8Array(1024),
    onRelease: () => {},
    closed: false,
  };
}

function countReleasedBefore({ words, totals, counters }: RingMemory): number {
  // A ring whose account is drawn up is read no more: all on it is as good as released.
  if (Atomics.load(words, DRAWN_UP) === 1) return totals[ACCEPTED] as number;
  return [SENT, FAILED, SPOOLED].reduce((sum, one) => sum + Number(Atomics.load(counters, one)), 0);
}

/** Enters a record; the number by which it is settled later. */
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
    // A record settles once: an earlier number's place may be taken by a later record by now.
    if (number >= oldest && isOpen(settlements[number & mask])) settlements[number & mask] = settlement;
  }
  release(ledger);
  if (settlement === WAS_SENT) markSent(ledger, numbers);
}

/** Those that stay on the ring behind one that has not settled: a successor does not send them again. */
export function markSent(ledger: Ledger, numbers: readonly number[]): void {
  for (const number of numbers) {
    if (isUnreleased(ledger, number)) mark(ledger.memory, positionOf(ledger, number), IS_SENT);
  }
}

export function isUnreleased({ oldest }: Ledger, number: number): boolean {
  return number >= oldest;
}

/** Where an unreleased record begins. */
export function positionOf({ starts, next, oldest, memory }: Ledger, number: number): number {
  if (number < next) return starts[number & (starts.length - 1)] as number;
  // Not taken yet: a dead consumer has spooled it.
  let index = oldest;
  for (const position of unreleasedRecords(memory)) if (index++ === number) return position;
  throw new RangeError(`no record ${number} on the ring`);
}

/** How many records the engine had accepted before this one. No other record of the engine has this ordinal. */
export function ordinalOf({ released }: Ledger, number: number): number {
  return released + number;
}

/** How many of these have been released, as spooled. */
export function countReleased(ledger: Ledger, ordinals: readonly number[]): number {
  return ordinals.filter((ordinal) => !isUnreleased(ledger, ordinal - ledger.released)).length;
}

/** What became of a record that settled as spooled, by its ordinal: it may have been released since, or not yet. */
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
  const counter = settlement === WAS_SENT ? SENT_FROM_SPOOL : FAILED_IN_SPOOL;
  const count = BigInt(released);
  // Without a call or a loop between: a successor would count it again.
  Atomics.add(memory.counters, counter, count);
  Atomics.store(memory.words, SETTLING_FRAME, 0);
  release(ledger);
}

/** Events that threads or earlier processes have spooled were sent, or given up. */
export function settleInherited(
  { closed, memory }: Ledger,
  events: number,
  from: Origin,
  settlement: Settlement,
): void {
  if (closed) return;
  const isSent = settlement === WAS_SENT;
  // A thread's are in the counts of the ring that it had: of its client's they are a part.
  const counter =
    from === 'thread' ? (isSent ? SENT_FROM_SPOOL : FAILED_IN_SPOOL) : isSent ? RECOVERED : UNRECOVERED;
  Atomics.add(memory.counters, counter, BigInt(events));
}

/** Spooled events of which nobody knows any more which they were. */
export function failSpooled(ledger: Ledger, events: number, from: Origin): void {
  const { closed, memory } = ledger;
  if (from !== 'ring') settleInherited(ledger, events, from, HAS_FAILED);
  if (from !== 'ring' || closed) return;
  const [spooled = 0n, sent = 0n, failed = 0n] = [SPOOLED, SENT_FROM_SPOOL, FAILED_IN_SPOOL].map((one) =>
    Atomics.load(memory.counters, one),
  );
  const left = spooled - sent - failed;
  // The others are on the ring still, from where they are sent.
  Atomics.add(memory.counters, FAILED_IN_SPOOL, left < BigInt(events) ? left : BigInt(events));
}

/** Settles a record that a dead consumer has spooled. False: none has. */
export function settleAsBefore(ledger: Ledger, number: number): boolean {
  const settlement = ledger.spooledBefore.get(ordinalOf(ledger, number));
  if (settlement === undefined) return false;
  ledger.spooledBefore.delete(ordinalOf(ledger, number));
  settle(ledger, [number], settlement);
  return true;
}

/** From here on a record counts as sent even if the consumer ends before it settles. */
export function markDelivered({ settlements, oldest }: Ledger, number: number): void {
  const slot = number & (settlements.length - 1);
  if (number >= oldest && settlements[slot] === PENDING) settlements[slot] = DELIVERED;
}

/** Settles the oldest records where only what belongs to them is still on its way. */
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

/** Draws up the account: what has settled behind a record that has not is counted too. Nothing is after this. */
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
  Atomics.store(memory.words, DRAWN_UP, 1);
}

/** Bytes between the head and the tail. */
export function unreleasedBytes({ memory }: Ledger): number {
  return distance(Atomics.load(memory.words, TAIL), Atomics.load(memory.words, HEAD));
}

function release(ledger: Ledger): void {
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
  // Counted where released, and without a call or a loop between: a thread is terminated at calls and loops, and
  // a record that was counted but not released would be delivered and counted again by the successor.
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
