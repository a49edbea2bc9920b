/**
 * The layout of one ring in shared memory: offsets and record framing, nothing else.
 *
 * One producer (the application's thread), one consumer (the worker), after Agrona's OneToOneRingBuffer.
 *
 *   byte 0          TAIL         producer writes: end of the last published record
 *   byte 8          totals       producer writes: what it has accepted and refused, as 64-bit floats
 *   byte 128        HEAD, READ   consumer writes: everything before HEAD has settled, its space is free;
 *                                everything before READ has been taken off the ring
 *   byte 256        SLEEP        both write: whether the consumer sleeps, see wake.ts
 *   byte 320        DEBUG, CLAIM …  producer writes, but for the claim itself: whether each batch is to be reported, which
 *                                consumer the ring is for, what a flush asks for that cannot wait for messages
 *   byte 384        TAKING …     consumer writes: what it was doing, for its successor should it die
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
export const SLEEP = 2 * WORDS_PER_GROUP;
/** Beside SLEEP: it is written once in a blue moon. */
export const DEBUG = SLEEP + WORDS_PER_GROUP / 2;
/** Twice the number of the consumer that the ring is for, plus 1 once that has taken it. See claim.ts. */
export const CLAIM = DEBUG + 1;
/** Counts the flushes that were asked for by a producer that cannot wait for messages. */
export const FLUSHES = DEBUG + 2;
/** The number of one of them that is the last, until all that it covers has settled; 0: none is. */
export const FLUSH_IS_LAST = DEBUG + 3;
/** Of an attached thread's ring: its number among those of its owner, which writes it; 0: not there yet. */
export const NUMBER = DEBUG + 4;
/** Of a ring that its owner lends to one thread after the other: 1, free; 2, lent. See producer/attach/ring-pool.ts. */
export const LENT = DEBUG + 5;
/**
 * Why the producer ended the last consumer, for its successor, which sets it back; 0: that died by itself. Written before the
 * thread is ended.
 */
export const END_CAUSE = DEBUG + 6;
/** Nobody is to blame. */
export const ENDED_BY_US = 1;
/** The record at STUCK_AT, or the batch that begins there, is to blame, unless the consumer has come back from it since. */
export const ENDED_AS_STUCK = 2;
export const STUCK_AT = DEBUG + 7;

/** The number of the last notice of failed events that the producer has got. See consumer/delivery/failure-notices.ts. */
export const HEARD = DEBUG + 8;

/** Position of the record that is being taken off the ring; meaningful while TAKING_NOW is 1. */
export const TAKING = 3 * WORDS_PER_GROUP;
export const TAKING_NOW = TAKING + 1;
/** Position of the record that killed the last worker, and how many in a row it has killed. */
export const SUSPECT = TAKING + 2;
export const SUSPECT_DEATHS = TAKING + 3;
/** How many consumers have come so far as to take records. */
export const STARTS = TAKING + 4;
/** Counts up with the consumer's work, and while such a flush goes on: it is alive. */
export const BEAT = TAKING + 5;
/** A number that tells this engine from others of its process, given by its first consumer. */
export const ENGINE = TAKING + 6;
/** Whether a batch is being worked on: 0, none; one from the ring, whose records have the mark IN_BATCH; or one from the spool. */
export const BATCH_NOW = TAKING + 16;
export const BATCH_FROM_RING = 1;
export const BATCH_FROM_SPOOL = 2;
/** Position of the batch's first record; of one from the spool, the number of its frame. See consumer/recovery/in-progress.ts. */
export const BATCH_AT = TAKING + 17;
/** Frames of the spool, by their numbers: halves of one that workers died of; one that a worker died of; one to be halved. */
export const SUSPECT_FRAMES = TAKING + 18;
export const FRAME_IN_DEATH = TAKING + 26;
export const FRAME_TO_HALVE = TAKING + 27;
/** The number of the last notice of failed events that the consumer was about to post. See consumer/delivery/failure-notices.ts. */
export const TELLING = TAKING + 22;
/** 1: the consumer has counted what settled behind a record that has not. */
export const DRAWN_UP = TAKING + 23;
/**
 * The frame of the spool that is being settled, how many of its events are to be counted for that (below 0: as failed), and the
 * number of the notice that tells of it; 0: it was told. See consumer/spooling/frame-settlement.ts.
 */
export const SETTLING_FRAME = TAKING + 24;
export const SETTLING_COUNT = TAKING + 25;
export const SETTLING_TELLING = TAKING + 29;
/** While what the application names is being loaded: 1, its exporter; 2, a module of that. */
export const LOADING = TAKING + 20;
/** How many workers in a row have died of each. */
export const EXPORTER_DEATHS = TAKING + 21;
export const MODULE_DEATHS = TAKING + 28;
/** In their place: one was ended as it did not come back from it. */
export const DID_NOT_COME_BACK = 1000;
/** Of a consumer's own ring: the number of the consumer whose thread has ended of itself, and which thread it is (thread-word.ts). */
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
 * Events settled by being spooled, and how many of those have been sent or given up since. All three only grow, so that
 * what a reader makes of them adds up whenever it reads them. What a thread has left on disk is sent by the ring of its
 * client: there it is only in the second or third, and in the first of the ring that the thread had.
 */
export const SPOOLED = COUNTERS + 6;
export const SENT_FROM_SPOOL = COUNTERS + 7;
export const FAILED_IN_SPOOL = COUNTERS + 8;
/** Events of processes that are gone, sent from the spool. */
export const RECOVERED = COUNTERS + 9;
/** The same, given up. */
export const UNRECOVERED = COUNTERS + 10;

export const DATA_OFFSET = 1024;
export const HEADER_BYTES = 8;
const ALIGNMENT = 8;

/** Record types. */
export const EVENT = 1;
/** Fills the end of the ring when the next record does not fit there; carries nothing. */
export const PADDING = 2;
/** An event beside the ring: the payload says where it lies, see lane-layout.ts. */
export const SIDE = 3;
/** Marks that a consumer sets on the type of a record, for its successor. Workers have died of it: its payloads are left alone. */
export const POISON = 0x100;
/** Set with POISON where it is to blame once more, though it was taken without its payloads: it is given up. */
export const HOPELESS = 0x400;
/** Set with POISON where no worker has died of the record, but one did not come back from it. */
export const STUCK = 0x800;
/** It is in the batch that is being worked on. */
export const IN_BATCH = 0x1000;
/** It has settled, and a record before it has not: the server has it; or it has failed. */
export const IS_SENT = 0x2000;
export const IS_FAILED = 0x4000;
/** A worker has died while it worked on a batch with this record. */
export const WAS_IN_DEATH = 0x8000;
/** Several have: 1 more than the exponent of 2 that bounds the size of its batches. */
export const SUSPICION_SHIFT = 16;
export const SUSPICION_MASK = 0x1f << SUSPICION_SHIFT;
/** With IS_FAILED: the application has been told. */
export const IS_TOLD = 1 << 21;
/** The application has been told that it goes without its payloads. */
export const TOLD_WITHHELD = 1 << 22;
const TYPE_MASK = 0xff;

/** A smaller ring could not hold one event of ordinary size. */
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

/** Of a type with marks on it. */
export function typeOf(typeWord: number): number {
  return typeWord & TYPE_MASK;
}

/** How far position a is ahead of position b; right across the wrap of the 32-bit counters. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}

/** Where the record at a position has its type, among the headers. */
export function typeIndexOf({ capacity }: Pick<RingMemory, 'capacity'>, position: number): number {
  return ((position & (capacity - 1)) >> 2) + 1;
}

/** The positions of the records from the head to the tail, as they are now; where others move both, it may end too soon. */
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

/** What a producer shares with its consumer. */
export interface SharedRing {
  readonly ring: SharedArrayBuffer;
  /** Beside it, for large events. */
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
