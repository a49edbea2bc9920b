/** The consumer's end of the ring: takes records off in order. Their space is released by the ledger, later. */
import {
  alignedRecordBytes,
  DATA_OFFSET,
  HEAD,
  HEADER_BYTES,
  NAMED,
  PADDING,
  POISON,
  type RingMemory,
  ringMemory,
  STARTS,
  SUSPECT,
  SUSPECT_DEATHS,
  TAIL,
  TAKING,
  TAKING_NOW,
} from '../shared/ring-layout.js';

export interface RingReader extends RingMemory {
  /** Where the next record starts. Starts at the head: a successor finds every unsettled record still there. */
  position: number;
}

export interface RingRecord {
  /** EVENT or SIDE. */
  readonly type: number;
  /** Whether it is to be skipped, having killed two workers; and whether the application knows. */
  readonly poison: boolean;
  readonly named: boolean;
  readonly position: number;
  /** Position after the record. */
  readonly end: number;
  /** In shared memory, where it stands until the record is released. */
  readonly payload: Buffer;
}

/** Two workers died while they took the same record off the ring; the third skips it. */
const DEATHS_TO_SKIP = 2;

export function createRingReader(buffer: SharedArrayBuffer): RingReader {
  const memory = ringMemory(buffer);
  markPoison(memory);
  Atomics.add(memory.words, STARTS, 1);
  return { ...memory, position: Atomics.load(memory.words, HEAD) };
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
  const typeWord = reader.headers[(index >> 2) + 1] as number;
  const end = (position + alignedRecordBytes(length)) | 0;
  const payload = Buffer.from(reader.data.buffer, DATA_OFFSET + index + HEADER_BYTES, length);
  reader.position = end;
  return {
    type: typeWord & ~(POISON | NAMED),
    poison: (typeWord & POISON) !== 0,
    named: (typeWord & NAMED) !== 0,
    position,
    end,
    payload,
  };
}

/** How many records wait on the ring to be taken. */
export function countUntaken({ position, ...memory }: RingReader): number {
  const ahead: RingReader = { ...memory, position };
  let count = 0;
  while (takeRecord(ahead) !== undefined) count++;
  return count;
}

/** Brackets the work on one record, so that a successor knows which record the worker died of. */
export function beginTaking(reader: RingReader, position: number): void {
  reader.words[TAKING] = position;
  Atomics.store(reader.words, TAKING_NOW, 1);
}

export function endTaking(reader: RingReader): void {
  Atomics.store(reader.words, TAKING_NOW, 0);
}

/**
 * Looks at what the previous worker was doing when it ended, and counts the deaths of one record. The mark is on the
 * record itself: several may be poison, and each successor reads all that has not settled.
 */
function markPoison({ words, headers, capacity }: RingMemory): void {
  if (Atomics.exchange(words, TAKING_NOW, 0) === 0) return;
  const position = words[TAKING] as number;
  const deaths = words[SUSPECT] === position ? (words[SUSPECT_DEATHS] as number) + 1 : 1;
  words[SUSPECT] = position;
  words[SUSPECT_DEATHS] = deaths;
  if (deaths >= DEATHS_TO_SKIP) mark({ headers, capacity }, position, POISON);
}

/** The application has been told of the poison record. */
export function markNamed(reader: RingReader, { position }: RingRecord): void {
  mark(reader, position, NAMED);
}

function mark(
  { headers, capacity }: Pick<RingMemory, 'headers' | 'capacity'>,
  position: number,
  flag: number,
): void {
  const typeIndex = ((position & (capacity - 1)) >> 2) + 1;
  headers[typeIndex] = (headers[typeIndex] as number) | flag;
}
