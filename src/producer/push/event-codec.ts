/**
 * Encodes events that cannot be written straight onto the ring: values that a handle keeps until it ends, events that do not fit
 * where the next record would be, and events that come while another is being written.
 */

import { createEventWriter, type EventWriter } from '../../event/event-writer.js';
import { Frozen } from '../../event/frozen.js';
import { writeValue } from '../../event/value-writer.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';

/** Writes one event: `writeValue`, or a writer of that kind of event. May be called twice for the same event. */
export type WriteEvent<T> = (out: EventWriter, event: T) => void;

export interface EventCodec {
  /** The largest event that can be encoded at all. */
  readonly maxBytes: number;
  /** A temporary target: holds one event at a time, of any size. */
  scratch: EventWriter;
  /** Holds frozen values one after the other. A full arena is replaced, and collected with its last value. */
  arena: EventWriter;
  /** Whether an event is being written: a getter or toJSON in it may push another. */
  busy: boolean;
}

const SCRATCH_BYTES = 64 * 1024;
/** A larger scratch buffer is not kept for the next event. */
const KEEP_BYTES = 8 * 1024 * 1024;
/** Small, as one value that is kept for long keeps the whole arena. Node's own pool for small buffers has 8 KB. */
const ARENA_BYTES = 16 * 1024;
/** A larger value gets memory of its own. */
const MAX_ARENA_SHARE_BYTES = ARENA_BYTES / 4;

export function createEventCodec(maxBytes: number): EventCodec {
  return { maxBytes, scratch: createScratch(maxBytes), arena: createArena(), busy: false };
}

/** Encodes a value into memory that lives as long as the result. Never throws. */
export function freezeValue(codec: EventCodec, value: unknown): Frozen {
  if (codec.busy) return freezeByScratch(codec, value);
  const { arena } = codec;
  const start = arena.position;
  codec.busy = true;
  try {
    writeValue(arena, value);
    return new Frozen(arena.buffer, start, arena.position, arena.texts, arena.view);
  } catch {
    arena.position = start;
  } finally {
    arena.texts = null;
    codec.busy = false;
  }
  return freezeByScratch(codec, value);
}

/** Encodes an event. The bytes are valid until the next call. Throws `NO_ROOM` if the event is too large. */
export function encodeToScratch<T>(
  codec: EventCodec,
  write: WriteEvent<T>,
  event: T,
  keepsTexts = false,
): Frozen {
  const out = codec.busy ? createScratch(codec.maxBytes) : codec.scratch;
  out.position = 0;
  out.keepsTexts = keepsTexts;
  const wasBusy = codec.busy;
  codec.busy = true;
  try {
    write(out, event);
    return new Frozen(out.buffer, 0, out.position, out.texts);
  } finally {
    out.texts = null;
    codec.busy = wasBusy;
    if (codec.scratch.limit > KEEP_BYTES) codec.scratch = createScratch(codec.maxBytes);
  }
}

function freezeByScratch(codec: EventCodec, value: unknown): Frozen {
  let encoded: Frozen;
  try {
    encoded = encodeToScratch(codec, writeValue, value, true);
  } catch (error) {
    encoded = encodeToScratch(codec, writeValue, `[Unserializable: ${messageOf(error)}]`, true);
  }
  const { buffer, start, end, texts } = encoded;
  const bytes = buffer.subarray(start, end);
  if (codec.busy || bytes.byteLength > MAX_ARENA_SHARE_BYTES)
    return new Frozen(Buffer.from(bytes), 0, bytes.byteLength, texts);
  // The arena had too little room left: otherwise the value would be there.
  codec.arena = createArena();
  bytes.copy(codec.arena.buffer);
  codec.arena.position = bytes.byteLength;
  return new Frozen(codec.arena.buffer, 0, bytes.byteLength, texts, codec.arena.view);
}

function createArena(): EventWriter {
  const arena = createEventWriter(Buffer.allocUnsafeSlow(ARENA_BYTES), ARENA_BYTES);
  arena.keepsTexts = true;
  return arena;
}

function createScratch(maxBytes: number): EventWriter {
  return createEventWriter(Buffer.allocUnsafeSlow(SCRATCH_BYTES), SCRATCH_BYTES, maxBytes);
}
