/**
 * The consumer's loop: takes records off the ring while there is room downstream, dozes between looks while there
 * is traffic, parks when there is none.
 */

import { decodeEvent } from '../event/event-decoder.js';
import type { EncodedRecord, Exporter } from '../shared/exporter.js';
import { readReferred } from '../shared/lane-layout.js';
import { nextImmediate, setTimeout } from '../shared/real-time.js';
import { distance, HEAD, READ, SIDE } from '../shared/ring-layout.js';
import { countLost } from '../shared/totals.js';
import { beat, tellHead } from '../shared/urgent-flush.js';
import { doze, park, wake } from '../shared/wake.js';
import { isSaturated } from './backlog.js';
import { addRecord, type Batcher, cutAll, cutBatchThatStartsWith } from './batcher.js';
import type { Delivery } from './delivery.js';
import { saidBy } from './exchange.js';
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
import type { Notices } from './notices.js';
import {
  beginTaking,
  endTaking,
  markNamed,
  type RingReader,
  type RingRecord,
  seenTail,
  takeRecord,
} from './ring-reader.js';
import { relieve, spoolAll } from './spooling.js';

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
/** Bytes taken before the event loop gets a turn: sockets must not starve. */
const TURN_BYTES = 1024 * 1024;

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
    const takenBytes = takeTurn(drainer);
    cutForFlushes(drainer);
    cutBlocker(drainer);
    relieveRing(drainer);
    looksInVain = takenBytes > 0 ? 0 : looksInVain + 1;
    if (isSaturated(delivery)) await slotFree(drainer);
    else if (takenBytes >= TURN_BYTES) await nextImmediate();
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
function takeTurn(drainer: Drainer): number {
  const { reader } = drainer;
  let bytes = 0;
  while (bytes < TURN_BYTES && !isSaturated(drainer.delivery)) {
    const record = takeRecord(reader);
    if (record === undefined) break;
    bytes += takeOne(drainer, record);
  }
  beat(reader.words);
  Atomics.store(reader.words, READ, reader.position);
  return bytes;
}

/** Turns one record into its wire format and adds it to a batch. Returns the size of its event. */
function takeOne(drainer: Drainer, record: RingRecord): number {
  const { reader, exporter, ledger, lane, notices } = drainer;
  const number = enter(ledger, record.end);
  const isBeside = record.type === SIDE;
  let { payload } = record;
  beginTaking(reader, record.position);
  try {
    if (record.poison) throw new Error('two workers have died of it');
    if (isBeside) payload = readReferred(lane, payload);
    if (!settleAsBefore(ledger, number)) addRecord(drainer.batcher, encode(exporter, payload), number);
  } catch (error) {
    if (!record.named) {
      const words = saidBy(error, [payload]);
      notices.error(
        `an event of ${payload.byteLength} bytes could not be encoded and is skipped: ${words}`,
        1,
      );
    }
    if (record.poison) markNamed(reader, record);
    settle(ledger, [number], Settled.failed);
  }
  endTaking(reader);
  return payload.byteLength;
}

function encode(exporter: Exporter, payload: Buffer): EncodedRecord {
  const record = exporter.encodeBytes?.(payload) ?? exporter.encode?.(decodeEvent(Buffer.from(payload)));
  // An exporter of the user's own may return anything; a rejection that comes before the answer would end the worker.
  if (record?.settlesAfter !== undefined) Promise.resolve(record.settlesAfter).catch(() => {});
  if (typeof record?.lane === 'string' && record.bytes instanceof Uint8Array) return record;
  throw new TypeError('encode must return {lane, id, bytes} with a string and a Uint8Array');
}

/** Flushes whose last record has been taken need not wait for their batches to fill. */
function cutForFlushes({ flushes, reader, batcher }: Drainer): void {
  let reached = false;
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
