/** The consumer's end of the ring: takes records off in order. The ledger releases their space later. */
import {
  alignedRecordBytes,
  COUNTS_ARE_FINAL,
  DATA_OFFSET,
  HEAD,
  HEADER_BYTES,
  HOPELESS,
  IS_FAILED,
  IS_SENT,
  PADDING,
  POISON,
  type RingMemory,
  ringMemory,
  STARTS,
  STUCK,
  SUSPICION_MASK,
  SUSPICION_SHIFT,
  TAIL,
  typeOf,
  WITHHOLDING_REPORTED,
} from '../../shared/ring/ring-layout.js';
import { examineDeath } from '../recovery/post-mortem.js';

export interface RingReader extends RingMemory {
  /** Where the next record starts. Begins at the head: a successor finds every unsettled record still there. */
  position: number;
}

export interface RingRecord {
  /** EVENT or SIDE. */
  readonly type: number;
  /** Whether its payloads must not be touched: workers have died of it, or one was `stuck` at it. */
  readonly poison: boolean;
  readonly stuck: boolean;
  /** Whether a worker died of it even without its payloads: it is not sent at all. */
  readonly hopeless: boolean;
  /** Whether the application knows that it is sent without its payloads. */
  readonly isWithheldReported: boolean;
  /** How it had settled when an earlier worker died. */
  readonly fate: typeof IS_SENT | typeof IS_FAILED | undefined;
  /** Above 0: workers have died of batches with it; it may only be in batches of at most 2 ** (suspicion - 1) records. */
  readonly suspicion: number;
  readonly position: number;
  /** Position after the record. */
  readonly end: number;
  /** In shared memory; valid until the record is released. */
  readonly payload: Buffer;
}

export function createRingReader(buffer: SharedArrayBuffer): RingReader {
  const memory = ringMemory(buffer);
  examineDeath(memory);
  Atomics.add(memory.words, STARTS, 1);
  // Once the final counts are written, all records are counted, even those behind the head.
  const hasFinalCounts = Atomics.load(memory.words, COUNTS_ARE_FINAL) === 1;
  return { ...memory, position: Atomics.load(memory.words, hasFinalCounts ? TAIL : HEAD) };
}

export function seenTail(reader: RingReader): number {
  return Atomics.load(reader.words, TAIL);
}

/** The next record, or undefined when the ring has been read to its end. */
export function takeRecord(reader: RingReader): RingRecord | undefined {
  if (reader.position === seenTail(reader)) return undefined;
  let index = reader.position & (reader.capacity - 1);
  if (typeOf(reader.headers[(index >> 2) + 1] as number) === PADDING) {
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
    type: typeOf(typeWord),
    poison: (typeWord & POISON) !== 0,
    stuck: (typeWord & STUCK) !== 0,
    hopeless: (typeWord & HOPELESS) !== 0,
    isWithheldReported: (typeWord & WITHHOLDING_REPORTED) !== 0,
    fate: fateOf(typeWord),
    suspicion: (typeWord & SUSPICION_MASK) >>> SUSPICION_SHIFT,
    position,
    end,
    payload,
  };
}

/** The number of records on the ring that have not been taken. */
export function countUntaken({ position, ...memory }: RingReader): number {
  const ahead: RingReader = { ...memory, position };
  let count = 0;
  while (takeRecord(ahead) !== undefined) count++;
  return count;
}

function fateOf(typeWord: number): RingRecord['fate'] {
  if ((typeWord & IS_FAILED) !== 0) return IS_FAILED;
  return (typeWord & IS_SENT) !== 0 ? IS_SENT : undefined;
}
