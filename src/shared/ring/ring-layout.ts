/**
 * The layout of one ring in shared memory: offsets and record framing, nothing else.
 *
 * One producer (the application's thread), one consumer (the worker), after Agrona's OneToOneRingBuffer.
 *
 *   byte 0          TAIL         producer writes: end of the last published record
 *   byte 8          totals       producer writes: what it has accepted and refused, as 64-bit floats
 *   byte 128        HEAD, READ … consumer writes: everything before HEAD has settled, its space is free;
 *                                everything before READ has been taken off the ring; WAKE_BYTES, see wake.ts
 *   byte 256        SLEEP        both write: whether the consumer sleeps, see wake.ts
 *   byte 320        DEBUG, OWNER …  producer writes, except when a consumer takes ownership: whether to report each batch,
 *                                which consumer the ring is for, flushes of a thread that blocks
 *   byte 384        TAKING …     consumer writes: its current work, for a successor should it die
 *   byte 512        counters     consumer writes: 64-bit totals that outlive a dead worker
 *   byte 1024       data         capacity bytes, a power of two
 *
 * Words that different threads write are two cache lines apart. TAIL, HEAD and READ are positions: unsigned 32-bit
 * counters that wrap; the byte they mean is position & (capacity - 1), and they are compared by difference.
 *
 *   record:  +0 length of the payload (i32)   +4 type (i32)   +8 payload   … padded to 8 bytes
 */

const WORDS_PER_GROUP = 128 / Int32Array.BYTES_PER_ELEMENT;

/** Indices into the control words (an Int32Array over the whole buffer). */
export const TAIL = 0;
export const HEAD = WORDS_PER_GROUP;
export const READ = HEAD + 1;
/** Unread bytes at which a long doze ends. See wake.ts. */
export const WAKE_BYTES = HEAD + 2;
export const SLEEP = 2 * WORDS_PER_GROUP;
/** Near SLEEP, as it is rarely written. */
export const DEBUG = SLEEP + WORDS_PER_GROUP / 2;
/** Twice the generation of the consumer that the ring is offered to, plus 1 once that owns it. See ownership.ts. */
export const OWNER = DEBUG + 1;
/** Counts the flushes that a blocking producer has requested. */
export const FLUSHES = DEBUG + 2;
/** The number of the last flush before an end, until everything that it covers has settled; 0: there is none. */
export const FLUSH_IS_LAST = DEBUG + 3;
/** Of an attached thread's ring: its number, which the owner of the consumer writes; 0: not adopted yet. */
export const NUMBER = DEBUG + 4;
/** Of a ring in a ring pool: 1, free; 2, lent to a thread. See producer/attach/ring-pool.ts. */
export const LENT = DEBUG + 5;
/**
 * Why the producer ended the last consumer; 0: that died by itself. Written before the thread is ended. The successor reads it and
 * sets it to 0.
 */
export const END_CAUSE = DEBUG + 6;
/** No record is to blame. */
export const ENDED_BY_US = 1;
/** The record at STUCK_AT, or the batch that begins there, is to blame, unless the consumer has finished it since. */
export const ENDED_AS_STUCK = 2;
export const STUCK_AT = DEBUG + 7;

/** The number of the last notice of failed events that the producer has received. See consumer/delivery/failure-notices.ts. */
export const REPORT_RECEIVED = DEBUG + 8;

/** Position of the record that is being taken off the ring; valid while TAKING_NOW is 1. */
export const TAKING = 3 * WORDS_PER_GROUP;
export const TAKING_NOW = TAKING + 1;
/** Position of the record that killed the last worker, and how many in a row it has killed. */
export const SUSPECT = TAKING + 2;
export const SUSPECT_DEATHS = TAKING + 3;
/** Counts the consumers that got as far as taking records. */
export const STARTS = TAKING + 4;
/** Counts up with the consumer's work, and during a flush: shows that it is alive. */
export const BEAT = TAKING + 5;
/** Distinguishes this engine from others of its process. Set by its first consumer. */
export const ENGINE = TAKING + 6;
/** The batch that is being worked on: 0, none; from the ring, with the mark IN_BATCH on its records; or from the spool. */
export const BATCH_NOW = TAKING + 16;
export const BATCH_FROM_RING = 1;
export const BATCH_FROM_SPOOL = 2;
/** Position of the batch's first record; of one from the spool, the number of its frame. See consumer/recovery/in-progress.ts. */
export const BATCH_AT = TAKING + 17;
/** Numbers of frames in the spool: halves of a frame that workers died of; a frame that a worker died of; a frame to be halved. */
export const SUSPECT_FRAMES = TAKING + 18;
export const FRAME_IN_DEATH = TAKING + 26;
export const FRAME_TO_HALVE = TAKING + 27;
/** The number of the last notice of failed events that the consumer was about to post. See consumer/delivery/failure-notices.ts. */
export const REPORTING = TAKING + 22;
/** 1: the counts are final, and include the records that settled behind one that has not. */
export const COUNTS_ARE_FINAL = TAKING + 23;
/**
 * The frame of the spool that is being settled, how many of its events to count (below 0: as failed), and the number of the notice
 * that reports it; 0: it was reported. See consumer/spooling/frame-settlement.ts.
 */
export const SETTLING_FRAME = TAKING + 24;
export const SETTLING_COUNT = TAKING + 25;
export const SETTLING_REPORT = TAKING + 29;
/** While a module of the application is being loaded: 1, its exporter; 2, a module that the exporter loads. */
export const LOADING = TAKING + 20;
/** How many workers in a row have died while loading each. */
export const EXPORTER_DEATHS = TAKING + 21;
export const MODULE_DEATHS = TAKING + 28;
/** Instead of such a count: a worker was ended because it was stuck while loading. */
export const DID_NOT_COME_BACK = 1000;
/** Of a consumer's own ring: the generation whose thread has ended by itself, and the thread's number (ownership.ts). */
export const ENDED = TAKING + 30;
export const THREAD = TAKING + 31;

/** Indices into the totals (a Float64Array over the whole buffer). */
export const ACCEPTED = 1;
/** Accepted, and undelivered when the engine was shut down. */
export const ABANDONED = 2;
/** The first of as many as there are `DROP_REASONS`. */
export const DROPPED = 3;

/** Indices into the counters (a BigInt64Array over the whole buffer). */
const COUNTERS = 512 / BigInt64Array.BYTES_PER_ELEMENT;
export const SENT = COUNTERS;
export const FAILED = COUNTERS + 1;
export const RETRIED = COUNTERS + 2;
export const BYTES_SENT = COUNTERS + 3;
export const TRUNCATED = COUNTERS + 4;
export const MEDIA_FAILED = COUNTERS + 5;
/**
 * Events settled by being spooled, and how many of those were sent or failed since. All three only grow, so that sums are right
 * whenever they are read. Events that an attached thread has left on disk are in the first counter of its ring, and in the
 * second or third of its client's ring, which sends them.
 */
export const SPOOLED = COUNTERS + 6;
export const SENT_FROM_SPOOL = COUNTERS + 7;
export const FAILED_IN_SPOOL = COUNTERS + 8;
/** Events of earlier processes that were sent from the spool. */
export const RECOVERED = COUNTERS + 9;
/** Events of earlier processes that are lost. */
export const UNRECOVERED = COUNTERS + 10;

export const DATA_OFFSET = 1024;
export const HEADER_BYTES = 8;
const ALIGNMENT = 8;

/** Record types. */
export const EVENT = 1;
/** Fills the end of the ring when the next record does not fit there; carries nothing. */
export const PADDING = 2;
/** An event in the side lane: the payload says where it lies, see side-lane-layout.ts. */
export const SIDE = 3;
/** Marks that a consumer sets on a record's type, for its successor. Workers have died of it: send it without its payloads. */
export const POISON = 0x100;
/** Set with POISON if it is to blame again although it was taken without its payloads: it fails. */
export const HOPELESS = 0x400;
/** Set with POISON if no worker has died of the record, but one was stuck at it. */
export const STUCK = 0x800;
/** It is in the batch that is being worked on. */
export const IN_BATCH = 0x1000;
/** It has settled although a record before it has not: as sent, or as failed. */
export const IS_SENT = 0x2000;
export const IS_FAILED = 0x4000;
/** A worker has died while working on a batch with this record. */
export const WAS_IN_DEATH = 0x8000;
/** Set if several have: 1 more than the exponent of 2 that bounds the size of its batches. */
export const SUSPICION_SHIFT = 16;
export const SUSPICION_MASK = 0x1f << SUSPICION_SHIFT;
/** With IS_FAILED: it has been reported to the application. */
export const IS_REPORTED = 1 << 21;
/** It has been reported to the application that the record is sent without its payloads. */
export const WITHHOLDING_REPORTED = 1 << 22;
const TYPE_MASK = 0xff;

/** A smaller ring could not hold a single event of ordinary size. */
export const MIN_RING_BYTES = 4096;
/** Positions are compared by their signed 32-bit difference. */
export const MAX_RING_BYTES = 2 ** 30;

/** A record larger than this takes the side lane: it would monopolise the ring. */
export function maxRecordBytes(capacity: number): number {
  return capacity / 8;
}

export function alignedRecordBytes(payloadBytes: number): number {
  return (HEADER_BYTES + payloadBytes + (ALIGNMENT - 1)) & ~(ALIGNMENT - 1);
}

/** The type without its marks. */
export function typeOf(typeWord: number): number {
  return typeWord & TYPE_MASK;
}

/** How far position a is ahead of position b, also across the wrap of the 32-bit counters. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** The index, into the headers, of the type of the record at this position. */
export function typeIndexOf({ capacity }: Pick<RingMemory, 'capacity'>, position: number): number {
  return ((position & (capacity - 1)) >> 2) + 1;
}

/** The positions of the records from the head to the tail. It may end too soon while other threads move both. */
export function* unreleasedRecords({ words, headers, capacity }: RingMemory): Iterable<number> {
  const tail = Atomics.load(words, TAIL);
  for (let position = Atomics.load(words, HEAD); distance(tail, position) > 0; ) {
    const index = position & (capacity - 1);
    const isPadding = typeOf(headers[(index >> 2) + 1] as number) === PADDING;
    if (!isPadding) yield position;
    const bytes = isPadding ? capacity - index : alignedRecordBytes(headers[index >> 2] as number);
    if (bytes <= 0) return;
    position = (position + bytes) | 0;
  }
}

/** The memory that a producer shares with its consumer. */
export interface SharedRing {
  readonly ring: SharedArrayBuffer;
  /** The side lane, for large events. */
  readonly lane: SharedArrayBuffer;
}

/** The views over a ring's memory that both ends use. */
export interface RingMemory {
  readonly capacity: number;
  /** Control words. */
  readonly words: Int32Array;
  readonly counters: BigInt64Array;
  readonly totals: Float64Array;
  /** Record headers, at (position & mask) >> 2. */
  readonly headers: Int32Array;
  readonly data: Uint8Array;
}

export function allocateRing(capacity: number): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA_OFFSET + capacity);
}

export function ringMemory(buffer: SharedArrayBuffer): RingMemory {
  return {
    capacity: buffer.byteLength - DATA_OFFSET,
    words: new Int32Array(buffer, 0, DATA_OFFSET / Int32Array.BYTES_PER_ELEMENT),
    counters: new BigInt64Array(buffer, 0, DATA_OFFSET / BigInt64Array.BYTES_PER_ELEMENT),
    totals: new Float64Array(buffer, 0, DATA_OFFSET / Float64Array.BYTES_PER_ELEMENT),
    headers: new Int32Array(buffer, DATA_OFFSET),
    data: new Uint8Array(buffer, DATA_OFFSET),
  };
}
