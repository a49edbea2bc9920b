/** The producer's end of the ring: claim, copy, publish. Runs on the application's thread for every event. */
import {
  alignedRecordBytes,
  distance,
  HEAD,
  HEADER_BYTES,
  PADDING,
  READ,
  type RingMemory,
  ringMemory,
  TAIL,
} from '../shared/ring-layout.js';
import { wake, wakeParked } from '../shared/wake.js';

export interface RingWriter extends RingMemory {
  /** End of the last published record. The producer is the only one that moves it. */
  tail: number;
  /** The head as last seen. Read again only when the ring seems full: that word's cache line is the consumer's. */
  cachedHead: number;
  /** How far the consumer has read, as last seen. */
  cachedRead: number;
  /** Unread bytes from which a dozing consumer is woken. */
  readonly highWaterBytes: number;
}

export function createRingWriter(buffer: SharedArrayBuffer): RingWriter {
  const memory = ringMemory(buffer);
  return { ...memory, tail: 0, cachedHead: 0, cachedRead: 0, highWaterBytes: memory.capacity / 4 };
}

/**
 * Copies `source[start, end)` onto the ring as one record and publishes it.
 * False: there is no room, and nothing has changed.
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
  ring.headers[index >> 2] = payloadBytes;
  ring.headers[(index >> 2) + 1] = type;
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

/** Not a position: those are 8-byte aligned. */
const NO_ROOM = 1;

/** Finds room for a record of `bytes`, filling the end of the ring with padding if it does not fit there. */
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
    ring.headers[index >> 2] = padding - HEADER_BYTES;
    ring.headers[(index >> 2) + 1] = PADDING;
  }
  return (ring.tail + padding) | 0;
}

function publish(ring: RingWriter, tail: number): void {
  ring.tail = tail;
  Atomics.store(ring.words, TAIL, tail);
  if (distance(tail, ring.cachedRead) > ring.highWaterBytes && unreadBytes(ring) > ring.highWaterBytes) {
    wake(ring.words);
  } else {
    wakeParked(ring.words);
  }
}

function unreadBytes(ring: RingWriter): number {
  ring.cachedRead = Atomics.load(ring.words, READ);
  return distance(ring.tail, ring.cachedRead);
}
