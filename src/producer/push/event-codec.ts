/**
 * Memory for events that cannot be written straight onto the ring: those that a handle keeps until it ends, those too
 * large for the place they were meant for, and those that come while another is being written.
 */

import { createEventWriter, type EventWriter } from '../../event/event-writer.js';
import { Frozen } from '../../event/frozen.js';
import { writeValue } from '../../event/value-writer.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';

/** Writes one event: `writeValue`, or what knows the event's own form. May be called twice for the same event. */
export type WriteEvent<T> = (out: EventWriter, event: T) => void;

export interface EventCodec {
  /** The largest event that can be encoded at all. */
  readonly maxBytes: number;
  /** Holds one event at a time, of any size. */
  apart: EventWriter;
  /** Holds frozen values one after the other; when it is full there is a new one, and the old one goes with its values. */
  arena: EventWriter;
  /** Whether an event is being written: a getter or toJSON in it may well push another. */
  busy: boolean;
}

const APART_BYTES = 64 * 1024;
/** A larger buffer is not kept for the next event. */
const KEEP_BYTES = 8 * 1024 * 1024;
/** Small, as one value that is kept for long keeps all of it: Node's own pool for small buffers has 8 KB. */
const ARENA_BYTES = 16 * 1024;
/** A larger value gets memory of its own. */
const MAX_ARENA_SHARE_BYTES = ARENA_BYTES / 4;

export function createEventCodec(maxBytes: number): EventCodec {
  return { maxBytes, apart: createApart(maxBytes), arena: createArena(), busy: false };
}

/** Encodes a value into memory that is kept as long as the result is. Never throws. */
export function freezeValue(codec: EventCodec, value: unknown): Frozen {
  if (codec.busy) return freezeApart(codec, value);
  const { arena } = codec;
  const start = arena.position;
  codec.busy = true;
  try {
    writeValue(arena, value);
    return new Frozen(arena.buffer, start, arena.position, arena.texts);
  } catch {
    arena.position = start;
  } finally {
    arena.texts = null;
    codec.busy = false;
  }
  return freezeApart(codec, value);
}

/** Encodes an event. The bytes are valid until the next call. Throws `NO_ROOM` where they would be too many. */
export function encodeApart<T>(
  codec: EventCodec,
  write: WriteEvent<T>,
  event: T,
  keepsTexts = false,
): Frozen {
  const out = codec.busy ? createApart(codec.maxBytes) : codec.apart;
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
    if (codec.apart.limit > KEEP_BYTES) codec.apart = createApart(codec.maxBytes);
  }
}

function freezeApart(codec: EventCodec, value: unknown): Frozen {
  let encoded: Frozen;
  try {
    encoded = encodeApart(codec, writeValue, value, true);
  } catch (error) {
    encoded = encodeApart(codec, writeValue, `[Unserializable: ${messageOf(error)}]`, true);
  }
  const { buffer, start, end, texts } = encoded;
  const bytes = buffer.subarray(start, end);
  if (codec.busy || bytes.byteLength > MAX_ARENA_SHARE_BYTES)
    return new Frozen(Buffer.from(bytes), 0, bytes.byteLength, texts);
  // There was not enough room left, else it would not have come here.
  codec.arena = createArena();
  bytes.copy(codec.arena.buffer);
  codec.arena.position = bytes.byteLength;
  return new Frozen(codec.arena.buffer, 0, bytes.byteLength, texts);
}

function createArena(): EventWriter {
  const arena = createEventWriter(Buffer.allocUnsafeSlow(ARENA_BYTES), ARENA_BYTES);
  arena.keepsTexts = true;
  return arena;
}

function createApart(maxBytes: number): EventWriter {
  return createEventWriter(Buffer.allocUnsafeSlow(APART_BYTES), APART_BYTES, maxBytes);
}
