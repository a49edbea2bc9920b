/**
 * The consumer's loop: takes records off the ring while there is room downstream, dozes between looks while there
 * is traffic, parks when there is none.
 */

import { decodeEvent } from '../../event/event-decoder.js';
import { message } from '../../messages/message.js';
import type { EncodedRecord, Exporter } from '../../shared/contract/exporter.js';
import { distance, HEAD, IS_SENT, READ, SIDE, TOLD_WITHHELD } from '../../shared/ring/ring-layout.js';
import { readReferred, referredBytes } from '../../shared/ring/side-lane-layout.js';
import { countLost } from '../../shared/ring/totals.js';
import { beat, tellHead } from '../../shared/ring/urgent-flush.js';
import { doze, park, wake } from '../../shared/ring/wake.js';
import { monotonicNow, nextImmediate, setTimeout } from '../../shared/runtime/real-time.js';
import { printableName } from '../../shared/untrusted-text/printable.js';
import { isSaturated } from '../delivery/backlog.js';
import { addRecord, type Batcher, cutAll, cutBatchThatStartsWith, sendCut } from '../delivery/batcher.js';
import type { Delivery } from '../delivery/delivery.js';
import { saidBy } from '../delivery/exchange.js';
import { tellFailed } from '../delivery/failure-notices.js';
import type { Notices } from '../notices.js';
import { inRecordBracket } from '../recovery/brackets.js';
import { mark } from '../recovery/marks.js';
import { relieve, spoolAll } from '../spooling/spooling.js';
import {
  closeLedger,
  enter,
  type Ledger,
  Settled,
  settle,
  settleAsBefore,
  settleDelivered,
  unreleasedBytes,
} from './ledger.js';
import { type RingReader, type RingRecord, seenTail, takeRecord } from './ring-reader.js';

export interface Drainer {
  readonly reader: RingReader;
  readonly exporter: Exporter;
  readonly ledger: Ledger;
  readonly batcher: Batcher;
  readonly delivery: Delivery;
  /** Where events lie that are too large for the ring. */
  readonly lane: SharedArrayBuffer;
  readonly notices: Notices;
  readonly flushes: Waiting[];
  /** Ends the wait for a free slot. */
  proceed: () => void;
  /** Events that had been lost for want of room when room was last released. */
  lostBefore: number;
  stopped: boolean;
}

/** A flush: everything before `tail` is to settle. */
interface Waiting {
  readonly tail: number;
  readonly resolve: () => void;
  /** Whether the batches that hold its last records have been sent on their way. */
  cut: boolean;
}

/** How often the ring is looked at while there is traffic: sooner than anybody waits for, too seldom to cost CPU. */
const DOZE_MS = 5;
/** Looks in vain before parking. */
const LOOKS_BEFORE_PARKING = 20;
/** A parked consumer looks once in this time even if nobody wakes it. */
const PARK_NET_MS = 10_000;
/** While every slot is taken, the ring may fill up and want relief, by the spool. */
const RELIEF_MS = 50;
/** Bytes and time taken before the event loop gets a turn: sockets must not starve. */
const TURN_BYTES = 1024 * 1024;
const TURN_MS = 100;

/** A suspicion by which a record is in a batch of its own. */
const ALONE = 1;

export function createDrainer(
  parts: Omit<Drainer, 'flushes' | 'proceed' | 'lostBefore' | 'stopped'>,
): Drainer {
  const lostBefore = countLost(parts.reader);
  const drainer: Drainer = { ...parts, flushes: [], proceed: () => {}, lostBefore, stopped: false };
  drainer.ledger.onRelease = () => afterRelease(drainer);
  drainer.delivery.onSlotFree = () => drainer.proceed();
  drainer.delivery.onTrouble = () => relieveRing(drainer);
  return drainer;
}

/** Runs until the drainer is stopped. */
export async function drain(drainer: Drainer): Promise<void> {
  const { reader, delivery } = drainer;
  const { words } = reader;
  let looksInVain = 0;
  while (!drainer.stopped) {
    const tail = seenTail(reader);
    const startedAt = monotonicNow();
    const takenBytes = takeTurn(drainer, startedAt + TURN_MS);
    const isSlow = monotonicNow() >= startedAt + TURN_MS;
    cutForFlushes(drainer, isSlow);
    cutBlocker(drainer);
    relieveRing(drainer);
    looksInVain = takenBytes > 0 ? 0 : looksInVain + 1;
    if (isSaturated(delivery)) await slotFree(drainer);
    else if (takenBytes >= TURN_BYTES || isSlow) await nextImmediate();
    else if (looksInVain < LOOKS_BEFORE_PARKING) await doze(words, DOZE_MS);
    else await park(words, tail, PARK_NET_MS);
  }
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

/** Writes all that is undelivered to the spool, what is still on the ring as well. */
export function spoolRest(drainer: Drainer): void {
  const { reader, delivery, batcher } = drainer;
  delivery.stopped = true;
  for (let record = takeRecord(reader); record !== undefined; record = takeRecord(reader)) {
    takeOne(drainer, record);
  }
  cutAll(batcher);
  spoolAll(delivery);
}

/** Takes no more records, and sends no more batches. What is under way comes to its end, and is not counted any more. */
export function stop(drainer: Drainer): void {
  drainer.stopped = true;
  drainer.delivery.stopped = true;
  closeLedger(drainer.ledger);
  drainer.proceed();
  wake(drainer.reader.words);
}

/** Answers flushes that wait for what does not come any more. */
export function endFlushes({ flushes }: Drainer): void {
  for (const { resolve } of flushes.splice(0)) resolve();
}

/** Takes records until the ring is empty, the turn is over or the slots downstream are full. */
function takeTurn(drainer: Drainer, deadline: number): number {
  const { reader } = drainer;
  let bytes = 0;
  while (bytes < TURN_BYTES && !isSaturated(drainer.delivery)) {
    const record = takeRecord(reader);
    if (record === undefined) break;
    bytes += takeOne(drainer, record);
    // A clock is read in 40 ns, and a record taken in 25 µs.
    if (monotonicNow() >= deadline) break;
  }
  Atomics.store(reader.words, READ, reader.position);
  return bytes;
}

/** Turns one record into its wire format and adds it to a batch. Returns the size of its event. */
function takeOne(drainer: Drainer, record: RingRecord): number {
  const { reader, ledger, batcher } = drainer;
  const number = enter(ledger, record);
  beat(reader.words);
  // What is in the spool as well, the spool decides about.
  if (settleAsBefore(ledger, number)) return record.payload.byteLength;
  if (record.fate !== undefined) {
    settle(ledger, [number], record.fate === IS_SENT ? Settled.sent : Settled.failed);
  } else {
    const failure = isGivenUp(drainer, record)
      ? whyPoison(record)
      : inRecordBracket(reader, record.position, () => encodeOne(drainer, record, number));
    // After the bracket: once it is released, another record may lie in its place.
    if (failure !== undefined) giveUpRecord(drainer, record, number, failure);
  }
  // So that what a worker dies of is the batch, and not the record that filled it.
  sendCut(batcher);
  return record.payload.byteLength;
}

/** Returns why it cannot be encoded, if it cannot. */
function encodeOne(drainer: Drainer, record: RingRecord, number: number): string | undefined {
  const { exporter, lane, batcher } = drainer;
  let { payload } = record;
  try {
    if (record.type === SIDE) payload = readReferred(lane, payload);
    if (record.poison) addRecord(batcher, encodeWithheld(drainer, record, payload), number, ALONE);
    else addRecord(batcher, encode(exporter, payload), number, record.suspicion);
    return undefined;
  } catch (error) {
    return saidBy(error, [payload]);
  }
}

function giveUpRecord(drainer: Drainer, { type, payload }: RingRecord, number: number, reason: string): void {
  const bytes = type === SIDE ? referredBytes(payload) : payload.byteLength;
  tellFailed(drainer, [number], message('TAILRACE_NOT_ENCODED', bytes, reason));
  settle(drainer.ledger, [number], Settled.failed);
}

/** Whether no more can be done for it. */
function isGivenUp({ exporter }: Drainer, { poison, hopeless }: RingRecord): boolean {
  return poison && (hopeless || exporter.encodeWithheld === undefined);
}

function whyPoison({ stuck }: RingRecord): string {
  return stuck ? 'a worker hung on it' : 'it has crashed workers';
}

function encodeWithheld(
  { exporter, reader, notices }: Drainer,
  record: RingRecord,
  payload: Buffer,
): EncodedRecord {
  const encoded = checked(exporter.encodeWithheld?.(payload));
  if (!record.isToldWithheld) {
    const { lane, id } = encoded;
    notices.tell(
      message(
        'TAILRACE_PAYLOADS_WITHHELD',
        printableName(lane),
        printableName(String(id)),
        payload.byteLength,
        whyPoison(record),
      ),
    );
    mark(reader, record.position, TOLD_WITHHELD);
  }
  return encoded;
}

function encode(exporter: Exporter, payload: Buffer): EncodedRecord {
  return checked(exporter.encodeBytes?.(payload) ?? exporter.encode?.(decodeEvent(Buffer.from(payload))));
}

function checked(record: EncodedRecord | undefined): EncodedRecord {
  // An exporter of the user's own may return anything; a rejection that comes before the answer would end the worker.
  if (record?.settlesAfter !== undefined) Promise.resolve(record.settlesAfter).catch(() => {});
  if (typeof record?.lane === 'string' && record.bytes instanceof Uint8Array) return record;
  throw new TypeError('encode must return {lane, id, bytes} with a string and a Uint8Array');
}

/**
 * Flushes whose last record has been taken need not wait for their batches to fill. Where records take long, what is ready
 * goes before the last one is: the flush may have a deadline.
 */
function cutForFlushes({ flushes, reader, batcher }: Drainer, isSlow: boolean): void {
  let reached = isSlow && flushes.length > 0;
  for (const waiting of flushes) {
    if (waiting.cut || distance(reader.position, waiting.tail) < 0) continue;
    waiting.cut = true;
    reached = true;
  }
  if (reached) cutAll(batcher);
}

/**
 * Space is released in order, so a batch that is slow to fill (a score now and then among many spans) would hold all
 * that came after it. When the ring is half full it is sent on its way as it is; and what belongs to a record that the
 * server has (media, whose storage may be out of order) is not waited for.
 */
function cutBlocker({ reader, ledger, batcher }: Drainer): void {
  if (unreleasedBytes(ledger) <= reader.capacity / 2) return;
  settleDelivered(ledger);
  cutBatchThatStartsWith(batcher, ledger.oldest);
}

function afterRelease(drainer: Drainer): void {
  const { reader, flushes } = drainer;
  tellHead(reader.words);
  drainer.lostBefore = countLost(reader);
  const head = Atomics.load(reader.words, HEAD);
  for (let i = flushes.length - 1; i >= 0; i--) {
    if (distance(head, (flushes[i] as Waiting).tail) >= 0) flushes.splice(i, 1)[0]?.resolve();
  }
  cutBlocker(drainer);
}

/** Whether events are about to be lost, or somebody waits for them. */
export function isUrgent({ reader, ledger, flushes, lostBefore }: Drainer): boolean {
  const isPressed = unreleasedBytes(ledger) > reader.capacity / 2;
  // The lane for large events may be full before the ring is.
  return flushes.length > 0 || isPressed || countLost(reader) > lostBefore;
}

function relieveRing({ reader, ledger, delivery, flushes }: Drainer): void {
  if (delivery.spooling === undefined) return;
  const pressed = unreleasedBytes(ledger) > reader.capacity / 2;
  relieve(delivery, { pressed, flushing: flushes.length > 0 });
}

function slotFree(drainer: Drainer): Promise<void> {
  return new Promise((resolve) => {
    drainer.proceed = resolve;
    if (drainer.delivery.spooling !== undefined) setTimeout(resolve, RELIEF_MS).unref();
  });
}
