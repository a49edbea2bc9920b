/** The consumer's end of the ring: takes records off in order. Their space is released by the ledger, later. */
import {
  alignedRecordBytes,
  DATA_OFFSET,
  EVENT,
  HEAD,
  HEADER_BYTES,
  PADDING,
  type RingMemory,
  ringMemory,
  SUSPECT,
  SUSPECT_DEATHS,
  TAIL,
  TAKING,
  TAKING_NOW,
} from '../shared/ring-layout.js';

export interface RingReader extends RingMemory {
  /** Where the next record starts. Starts at the head: a successor finds every unsettled record still there. */
  position: number;
  /** Position and record type of a record that is to be skipped, because it has killed two workers. */
  readonly poison: number | undefined;
}

export interface RingRecord {
  readonly type: number;
  readonly position: number;
  /** Position after the record. */
  readonly end: number;
  /** A copy on the heap of the exact length: decoding a view of shared memory is six times slower (measured). */
  readonly payload: Buffer;
}

/** Two workers died while they took the same record off the ring; the third skips it. */
const DEATHS_TO_SKIP = 2;

export function createRingReader(buffer: SharedArrayBuffer): RingReader {
  const memory = ringMemory(buffer);
  return { ...memory, position: Atomics.load(memory.words, HEAD), poison: findPoison(memory.words) };
}

export function seenTail(reader: RingReader): number {
  return Atomics.load(reader.words, TAIL);
}

/** The next record, or undefined when the ring has been read to its end. */
export function takeRecord(reader: RingReader): RingRecord | undefined {
  if (reader.position === seenTail(reader)) return undefined;
  let index = reader.position & (reader.capacity - 1);
  if (reader.headers[(index >> 2) + 1] === PADDING) {
    reader.position = (reader.position + reader.capacity - index) | 0;
    index = 0;
  }
  const position = reader.position;
  const length = reader.headers[index >> 2] as number;
  const type = reader.headers[(index >> 2) + 1] as number;
  const end = (position + alignedRecordBytes(length)) | 0;
  const payload = Buffer.allocUnsafe(length);
  payload.set(new Uint8Array(reader.data.buffer, DATA_OFFSET + index + HEADER_BYTES, length));
  reader.position = end;
  return { type, position, end, payload };
}

/** Brackets the work on one record, so that a successor knows which record the worker died of. */
export function beginTaking(reader: RingReader, position: number): void {
  reader.words[TAKING] = position;
  Atomics.store(reader.words, TAKING_NOW, 1);
}

export function endTaking(reader: RingReader): void {
  Atomics.store(reader.words, TAKING_NOW, 0);
}

export function isEvent(record: RingRecord): boolean {
  return record.type === EVENT;
}

/** Looks at what the previous worker was doing when it ended, and counts the deaths of one record. */
function findPoison(words: Int32Array): number | undefined {
  if (Atomics.load(words, TAKING_NOW) === 1) {
    const position = words[TAKING] as number;
    const sameAgain = words[SUSPECT_DEATHS] !== 0 && words[SUSPECT] === position;
    words[SUSPECT] = position;
    words[SUSPECT_DEATHS] = sameAgain ? (words[SUSPECT_DEATHS] as number) + 1 : 1;
    Atomics.store(words, TAKING_NOW, 0);
  }
  return (words[SUSPECT_DEATHS] as number) >= DEATHS_TO_SKIP ? words[SUSPECT] : undefined;
}
