/**
 * The consumer's loop: takes records off the ring while the delivery has room, polls the ring while there is traffic, parks when
 * there is none.
 */

import { message } from '../../messages/message.js';
import { distance, HEAD, IS_SENT, READ, SIDE } from '../../shared/ring/ring-layout.js';
import { referredBytes } from '../../shared/ring/side-lane-layout.js';
import { countLost } from '../../shared/ring/totals.js';
import { beat, notifyHead } from '../../shared/ring/urgent-flush.js';
import { doze, dozeLong, park, wake } from '../../shared/ring/wake.js';
import { monotonicNow, nextImmediate } from '../../shared/runtime/real-time.js';
import { cutAll, cutBatchThatStartsWith, sendCut } from '../delivery/batcher.js';
import { type Delivery, isSaturated, waitForRoom } from '../delivery/delivery.js';
import { reportFailed } from '../delivery/failure-notices.js';
import { withRecordInProgress } from '../recovery/in-progress.js';
import { relieve, spoolAll } from '../spooling/spooling.js';
import { encodeRecord, type RecordEncoder, whySkipped } from './encode-record.js';
import {
  closeLedger,
  enter,
  type Ledger,
  SETTLED,
  settle,
  settleDelivered,
  unreleasedBytes,
} from './ledger.js';
import { type RingRecord, seenTail, takeRecord } from './ring-reader.js';
import { settleAsBefore } from './spooled-records.js';

export interface Drainer extends RecordEncoder {
  readonly ledger: Ledger;
  readonly delivery: Delivery;
  readonly flushes: Flush[];
  /** How many events had been dropped because the ring was full, at the last release. */
  lostBefore: number;
  stopped: boolean;
}

/** A flush: resolves when every record before `tail` has settled. */
interface Flush {
  readonly tail: number;
  readonly resolve: () => void;
  /** Whether the open batches with its last records have been cut. */
  cut: boolean;
}

/**
 * Shortest poll interval for the ring while there is traffic. A poll costs some 200 µs of CPU beside its records (timer, wake of a thread,
 * cold caches): at 5 ms a service of 100 calls a second paid twice as much for each. A flush, and a ring that is half full, end the wait.
 */
const DOZE_MS = 20;
/** The producer ends dozes that are longer than this, when enough for a poll is on the ring. */
const UNDISTURBED_DOZE_MS = 250;
/** Longest poll interval, also if batches may wait longer: should a wake-up be lost. */
const MAX_DOZE_MS = 10_000;
/** Polls that find less are made half as often, others four times as often. */
const WORTH_A_POLL_BYTES = 64 * 1024;
/** Records of this size may fill a batch. */
const SMALL_RECORD_BYTES = 128;
/** Empty polls before parking. */
const LOOKS_BEFORE_PARKING = 5;
/** A parked consumer polls at this interval even if nobody wakes it. */
const PARK_NET_MS = 10_000;
/** With a spool: poll interval for a ring that fills up while the delivery has no room. */
const RELIEF_MS = 50;
/** Limits of the records taken at once: the event loop must not starve the sockets. */
const MAX_TAKE_BYTES = 1024 * 1024;
const MAX_TAKE_MS = 100;

export function createDrainer(parts: Omit<Drainer, 'flushes' | 'lostBefore' | 'stopped'>): Drainer {
  return { ...parts, flushes: [], lostBefore: countLost(parts.reader), stopped: false };
}

/** Runs until the drainer is stopped. */
export async function drain(drainer: Drainer): Promise<void> {
  const { reader, delivery, batcher } = drainer;
  const { words } = reader;
  const maxDozeMs = maxDozeOf(drainer);
  const wakeBytes = Math.min(WORTH_A_POLL_BYTES, batcher.limits.flushAt * SMALL_RECORD_BYTES);
  let dozeMs = DOZE_MS;
  let looksInVain = 0;
  while (!drainer.stopped) {
    const tail = seenTail(reader);
    const startedAt = monotonicNow();
    const takenBytes = takeRecords(drainer, startedAt + MAX_TAKE_MS);
    const isSlow = monotonicNow() >= startedAt + MAX_TAKE_MS;
    cutForFlushes(drainer, isSlow);
    cutBlocker(drainer);
    relieveRing(drainer);
    looksInVain = takenBytes > 0 ? 0 : looksInVain + 1;
    dozeMs =
      takenBytes < WORTH_A_POLL_BYTES ? Math.min(2 * dozeMs, maxDozeMs) : Math.max(dozeMs / 4, DOZE_MS);
    batcher.publishedAfter = undefined;
    // With a spool the wait is short: the ring may fill up meanwhile and need relief.
    if (isSaturated(delivery)) await waitForRoom(delivery, delivery.spooling && RELIEF_MS);
    else if (takenBytes >= MAX_TAKE_BYTES || isSlow) await nextImmediate();
    else if (looksInVain < LOOKS_BEFORE_PARKING) {
      await (dozeMs > UNDISTURBED_DOZE_MS ? dozeLong(words, dozeMs, wakeBytes) : doze(words, dozeMs));
      // What is found then may have come just after this look.
      batcher.publishedAfter = startedAt;
    } else await park(words, tail, PARK_NET_MS);
  }
}

/**
 * An event may wait on the ring for as long as in a batch, as its age counts from the last look at the ring. Where each event is to be
 * sent, or to be on disk, at once, the wait stays short.
 */
function maxDozeOf({ batcher: { limits }, delivery: { spooling } }: Drainer): number {
  if (limits.flushAt === 1 || spooling?.mode === 'always') return DOZE_MS;
  return Math.max(DOZE_MS, Math.min(MAX_DOZE_MS, limits.flushIntervalMs));
}

/** Resolves once every record before `tail` has settled, or the drainer is stopped. */
export function flush(drainer: Drainer, tail: number): Promise<void> {
  return new Promise((resolve) => {
    if (drainer.stopped) return resolve();
    drainer.flushes.push({ tail, resolve, cut: false });
    afterRelease(drainer);
    wake(drainer.reader.words);
  });
}

/** At shutdown: writes all undelivered records to the spool, including those that are still on the ring. */
export function spoolRest(drainer: Drainer): void {
  const { reader, delivery, batcher } = drainer;
  delivery.stopped = true;
  for (let record = takeRecord(reader); record !== undefined; record = takeRecord(reader)) {
    takeOne(drainer, record);
  }
  cutAll(batcher);
  spoolAll(delivery);
}

/** Takes no more records and sends no more batches. Batches under way come to their end but are not counted any more. */
export function stop(drainer: Drainer): void {
  drainer.stopped = true;
  drainer.delivery.stopped = true;
  closeLedger(drainer.ledger);
  drainer.delivery.endWaitForRoom();
  wake(drainer.reader.words);
}

/** Resolves flushes that would wait forever. */
export function endFlushes({ flushes }: Drainer): void {
  for (const { resolve } of flushes.splice(0)) resolve();
}

/** Takes records until the ring is empty, the delivery has no room, or one of the limits is reached. Returns their bytes. */
function takeRecords(drainer: Drainer, deadline: number): number {
  const { reader } = drainer;
  let bytes = 0;
  while (bytes < MAX_TAKE_BYTES && !isSaturated(drainer.delivery)) {
    const record = takeRecord(reader);
    if (record === undefined) break;
    bytes += takeOne(drainer, record);
    // Reading the clock takes 40 ns, taking a record 25 µs.
    if (monotonicNow() >= deadline) break;
  }
  Atomics.store(reader.words, READ, reader.position);
  return bytes;
}

/** Encodes one record and adds it to a batch, or settles it at once. Returns the size of its payload. */
function takeOne(drainer: Drainer, record: RingRecord): number {
  const { reader, ledger, batcher } = drainer;
  const number = enter(ledger, record);
  beat(reader.words);
  // The record is in the spool as well, which decides what becomes of it.
  if (settleAsBefore(ledger, number)) return record.payload.byteLength;
  if (record.fate !== undefined) {
    settle(ledger, [number], record.fate === IS_SENT ? SETTLED.sent : SETTLED.failed);
  } else {
    const failure =
      whySkipped(drainer, record) ??
      withRecordInProgress(reader, record.position, () => encodeRecord(drainer, record, number));
    // Outside of the marker: once the record is released, another one may lie in its place.
    if (failure !== undefined) failRecord(drainer, record, number, failure);
  }
  // Outside of the marker too: a worker that dies now died of the batch, not of the record that filled it.
  sendCut(batcher);
  return record.payload.byteLength;
}

function failRecord(drainer: Drainer, { type, payload }: RingRecord, number: number, reason: string): void {
  const bytes = type === SIDE ? referredBytes(payload) : payload.byteLength;
  reportFailed(drainer, [number], message('TAILRACE_NOT_ENCODED', bytes, reason));
  settle(drainer.ledger, [number], SETTLED.failed);
}

/**
 * Cuts the open batches once the last record of a flush has been taken. If records take long, it cuts them before that: the
 * flush may have a deadline.
 */
function cutForFlushes({ flushes, reader, batcher }: Drainer, isSlow: boolean): void {
  let reached = isSlow && flushes.length > 0;
  for (const one of flushes) {
    if (one.cut || distance(reader.position, one.tail) < 0) continue;
    one.cut = true;
    reached = true;
  }
  if (reached) cutAll(batcher);
}

/**
 * Space is released in order, so a batch that fills slowly (a score now and then among many spans) would hold up all records
 * after it. When the ring is half full, that batch is cut, and a delivered record no longer waits for what belongs to it
 * (media, whose storage may be down).
 */
function cutBlocker({ reader, ledger, batcher }: Drainer): void {
  if (unreleasedBytes(ledger) <= reader.capacity / 2) return;
  settleDelivered(ledger);
  cutBatchThatStartsWith(batcher, ledger.oldest);
}

/** Called after the ledger has released space on the ring. */
export function afterRelease(drainer: Drainer): void {
  const { reader, flushes } = drainer;
  notifyHead(reader.words);
  drainer.lostBefore = countLost(reader);
  const head = Atomics.load(reader.words, HEAD);
  for (let i = flushes.length - 1; i >= 0; i--) {
    if (distance(head, (flushes[i] as Flush).tail) >= 0) flushes.splice(i, 1)[0]?.resolve();
  }
  cutBlocker(drainer);
}

/** Whether events are about to be dropped, or a flush waits. */
export function isUrgent({ reader, ledger, flushes, lostBefore }: Drainer): boolean {
  const isPressed = unreleasedBytes(ledger) > reader.capacity / 2;
  // The side lane may be full before the ring is.
  return flushes.length > 0 || isPressed || countLost(reader) > lostBefore;
}

/** With a spool: spools stuck batches while the ring is more than half full or a flush waits. */
export function relieveRing({ reader, ledger, delivery, flushes }: Drainer): void {
  if (delivery.spooling === undefined) return;
  const pressed = unreleasedBytes(ledger) > reader.capacity / 2;
  relieve(delivery, { pressed, flushing: flushes.length > 0 });
}
