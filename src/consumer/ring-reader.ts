/** The consumer's end of the ring: takes records off in order. Their space is released by the ledger, later. */
import {
  alignedRecordBytes,
  DATA_OFFSET,
  END_CAUSE,
  ENDED_AS_STUCK,
  ENDED_BY_US,
  HEAD,
  HEADER_BYTES,
  HOPELESS,
  NAMED,
  PADDING,
  POISON,
  type RingMemory,
  ringMemory,
  STARTS,
  STUCK,
  STUCK_AT,
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
  /** Whether its payloads are not to be touched: it has killed two workers, or one is `stuck` at it. */
  readonly poison: boolean;
  readonly stuck: boolean;
  /** Whether even so a worker has not come to an end with it: it is to be given up. */
  readonly hopeless: boolean;
  /** Whether the application knows. */
  readonly named: boolean;
  readonly position: number;
  /** Position after the record. */
  readonly end: number;
  /** In shared memory, where it stands until the record is released. */
  readonly payload: Buffer;
}

/** In the type word, beside the type. */
const FLAGS = POISON | NAMED | HOPELESS | STUCK;

/** Two workers died while they took the same record off the ring; the third keeps away from its payloads. */
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
    type: typeWord & ~FLAGS,
    poison: (typeWord & POISON) !== 0,
    stuck: (typeWord & STUCK) !== 0,
    hopeless: (typeWord & HOPELESS) !== 0,
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

/** Leaves the bracket for work that has nothing to do with the record. */
export function apartFromTaking<T>({ words }: RingReader, work: () => T): T {
  const before = Atomics.exchange(words, TAKING_NOW, 0);
  try {
    return work();
  } finally {
    Atomics.store(words, TAKING_NOW, before);
  }
}

/**
 * Looks at what the previous worker was doing when it ended, and counts the deaths of one record. The mark is on the
 * record itself: several may be poison, and each successor reads all that has not settled.
 */
function markPoison(memory: RingMemory): void {
  const { words } = memory;
  const cause = Atomics.exchange(words, END_CAUSE, 0);
  if (Atomics.exchange(words, TAKING_NOW, 0) === 0 || cause === ENDED_BY_US) return;
  const position = words[TAKING] as number;
  if (cause === ENDED_AS_STUCK) {
    if (position === words[STUCK_AT]) convict(memory, position, STUCK);
    return;
  }
  const deaths = words[SUSPECT] === position ? (words[SUSPECT_DEATHS] as number) + 1 : 1;
  words[SUSPECT] = position;
  words[SUSPECT_DEATHS] = deaths;
  if (deaths >= DEATHS_TO_SKIP) convict(memory, position);
}

/** Nobody touches its payloads any more; where that has been tried, it is given up. */
function convict(memory: RingMemory, position: number, flag = 0): void {
  const typeWord = memory.headers[typeIndexOf(memory, position)] as number;
  mark(memory, position, (typeWord & POISON) === 0 ? POISON | flag : HOPELESS);
}

/** The application has been told of the poison record. */
export function markNamed(reader: RingReader, { position }: RingRecord): void {
  mark(reader, position, NAMED);
}

function mark(memory: RingMemory, position: number, flags: number): void {
  const index = typeIndexOf(memory, position);
  memory.headers[index] = (memory.headers[index] as number) | flags;
}

function typeIndexOf({ capacity }: RingMemory, position: number): number {
  return ((position & (capacity - 1)) >> 2) + 1;
}
