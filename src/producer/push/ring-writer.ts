/** The producer's end of the ring: claim, write, publish. Runs on the application's thread for every event. */

import { createEventWriter, type EventWriter } from '../../event/event-writer.js';
import {
  ACCEPTED,
  alignedRecordBytes,
  DATA_OFFSET,
  distance,
  HEAD,
  HEADER_BYTES,
  maxRecordBytes,
  PADDING,
  READ,
  type RingMemory,
  ringMemory,
  TAIL,
} from '../../shared/ring/ring-layout.js';
import { wake, wakeParked } from '../../shared/ring/wake.js';

export interface RingWriter extends RingMemory {
  /** End of the last published record. The producer is the only one that moves it. */
  tail: number;
  totals: Float64Array;
  counters: BigInt64Array;
  /** Records published: each is an accepted event. */
  accepted: number;
  /** The head as last seen. It is read again only when the ring seems full, as the consumer writes its cache line. */
  cachedHead: number;
  /** The consumer's read position as last seen. */
  cachedRead: number;
  /** Unread bytes from which a dozing consumer is woken. */
  readonly highWaterBytes: number;
  /** Bytes in use from which the application is notified that room runs out. */
  readonly pressureBytes: number;
  /** Called when a record is published while there is no consumer, as it was stopped when idle. */
  onAbsent: () => void;
  /** Whether a watchdog knows that records wait. If not, the next publish calls `onPending`. */
  isWatched: boolean;
  onPending: () => void;
  /** Writes into the ring, where the next record will be. */
  readonly out: EventWriter;
}

export function createRingWriter(buffer: SharedArrayBuffer): RingWriter {
  const memory = ringMemory(buffer);
  return {
    ...memory,
    tail: 0,
    accepted: 0,
    cachedHead: 0,
    cachedRead: 0,
    highWaterBytes: memory.capacity / 4,
    pressureBytes: (memory.capacity / 4) * 3,
    onAbsent: () => {},
    isWatched: true,
    onPending: () => {},
    out: createEventWriter(Buffer.from(buffer, DATA_OFFSET), 0),
  };
}

/** Keeps the counts as they are now, as another thread may get the ring. Nothing may be written afterwards. */
export function detachCounts(ring: RingWriter): void {
  // Copies that are not shared.
  ring.totals = ring.totals.slice();
  ring.counters = ring.counters.slice();
}

/** With less room than this, the head is read again. */
const NEARLY_FULL_BYTES = 64 * 1024;

/**
 * Points `ring.out` at the space for the next record, at most up to the end of the ring. Its bytes become a record by
 * `publishRecord`.
 */
export function beginRecord(ring: RingWriter): void {
  let free = ring.capacity - distance(ring.tail, ring.cachedHead);
  if (free < NEARLY_FULL_BYTES) free = ring.capacity - usedBytes(ring);
  const index = ring.tail & (ring.capacity - 1);
  const room = Math.min(free, ring.capacity - index, HEADER_BYTES + maxRecordBytes(ring.capacity));
  ring.out.position = index + HEADER_BYTES;
  // All of these are multiples of 8, so a record that ends before the limit can be padded to 8 bytes.
  ring.out.limit = index + room;
}

/** Publishes the bytes that were written to `ring.out` as one record. */
export function publishRecord(ring: RingWriter, type: number): void {
  const index = ring.tail & (ring.capacity - 1);
  const payloadBytes = ring.out.position - index - HEADER_BYTES;
  writeHeader(ring, index, payloadBytes, type);
  publish(ring, (ring.tail + alignedRecordBytes(payloadBytes)) | 0);
}

/**
 * Copies `source[start, end)` onto the ring as one record and publishes it. The record goes into the next lap if it does not fit
 * into this one. False: there is no room, and nothing has changed.
 */
export function writeRecord(
  ring: RingWriter,
  type: number,
  source: Uint8Array,
  start: number,
  end: number,
): boolean {
  const payloadBytes = end - start;
  const position = claim(ring, alignedRecordBytes(payloadBytes));
  if (position === NO_ROOM) return false;
  const index = position & (ring.capacity - 1);
  writeHeader(ring, index, payloadBytes, type);
  ring.data.set(
    start === 0 && end === source.byteLength
      ? source
      : new Uint8Array(source.buffer, source.byteOffset + start, payloadBytes),
    index + HEADER_BYTES,
  );
  publish(ring, (position + alignedRecordBytes(payloadBytes)) | 0);
  return true;
}

/** Whether a record of this payload can be written now. */
export function hasRoomFor(ring: RingWriter, payloadBytes: number): boolean {
  return claim(ring, alignedRecordBytes(payloadBytes)) !== NO_ROOM;
}

/** Bytes in use, as of the consumer's latest release. */
export function usedBytes(ring: RingWriter): number {
  ring.cachedHead = Atomics.load(ring.words, HEAD);
  return distance(ring.tail, ring.cachedHead);
}

/** Whether room may be running out, by the head as last seen. */
export function seemsPressed({ tail, cachedHead, pressureBytes }: RingWriter): boolean {
  return distance(tail, cachedHead) > pressureBytes;
}

/** Not a position: those are 8-byte aligned. */
const NO_ROOM = 1;

/** Claims space for a record of `bytes`. Fills the end of the ring with padding if the record does not fit there. */
function claim(ring: RingWriter, bytes: number): number {
  const index = ring.tail & (ring.capacity - 1);
  const toEnd = ring.capacity - index;
  const padding = bytes > toEnd ? toEnd : 0;
  const needed = bytes + padding;
  if (distance(ring.tail, ring.cachedHead) + needed > ring.capacity) {
    if (usedBytes(ring) + needed > ring.capacity) return NO_ROOM;
  }
  if (padding > 0) {
    // toEnd is a multiple of 8 and at least 8, so the header always fits. Published together with the record.
    writeHeader(ring, index, padding - HEADER_BYTES, PADDING);
  }
  return (ring.tail + padding) | 0;
}

function writeHeader({ headers }: RingWriter, index: number, payloadBytes: number, type: number): void {
  headers[index >> 2] = payloadBytes;
  headers[(index >> 2) + 1] = type;
}

function publish(ring: RingWriter, tail: number): void {
  ring.tail = tail;
  // Before the tail: every thread that sees the record sees it counted.
  ring.totals[ACCEPTED] = ++ring.accepted;
  Atomics.store(ring.words, TAIL, tail);
  const isHigh =
    distance(tail, ring.cachedRead) > ring.highWaterBytes && unreadBytes(ring) > ring.highWaterBytes;
  if (!(isHigh ? wake(ring.words) : wakeParked(ring.words, tail))) ring.onAbsent();
  if (!ring.isWatched) ring.onPending();
}

function unreadBytes(ring: RingWriter): number {
  ring.cachedRead = Atomics.load(ring.words, READ);
  return distance(ring.tail, ring.cachedRead);
}
