/** What happens to an event on the application's thread: written onto the ring or beside it, or refused. */

import { NO_ROOM } from '../../event/event-writer.js';
import type { Frozen } from '../../event/frozen.js';
import { message, type WarningMessage } from '../../messages/message.js';
import type { DropReason } from '../../shared/contract/counts.js';
import {
  alignedRecordBytes,
  EVENT,
  HEAD,
  maxRecordBytes,
  type SharedRing,
  SIDE,
} from '../../shared/ring/ring-layout.js';
import { REFERENCE_BYTES, writeReference } from '../../shared/ring/side-lane-layout.js';
import { countDropped, readDropped } from '../../shared/ring/totals.js';
import type { Notifier } from '../messages/notifier.js';
import {
  createEventCodec,
  type EventCodec,
  encodeApart,
  freezeValue,
  type WriteEvent,
} from './event-codec.js';
import {
  beginRecord,
  createRingWriter,
  hasRoomFor,
  publishRecord,
  type RingWriter,
  seemsPressed,
  usedBytes,
  writeRecord,
} from './ring-writer.js';
import { createSideLane, type Held, hold, releaseSettled, type SideLane } from './side-lane.js';

export interface Producer {
  readonly codec: EventCodec;
  readonly ring: RingWriter;
  readonly sideLane: SideLane;
  /** Larger events go beside the ring. */
  readonly maxOnRing: number;
  /** Events that came while another was being written: pushed by a getter or toJSON in it. */
  readonly nested: (Buffer | Held)[];
  /** What they will take on the ring. */
  nestedRingBytes: number;
  readonly notifier: Notifier;
  /** Whether events are being refused for want of room: since when the application has been told so. */
  losing: boolean;
  /** Whether the application has been told that room runs out. */
  pressed: boolean;
  closed: boolean;
}

export function createProducer({ ring: buffer, lane }: SharedRing, notifier: Notifier): Producer {
  const ring = createRingWriter(buffer);
  const sideLane = createSideLane(lane);
  const maxOnRing = maxRecordBytes(ring.capacity);
  return {
    codec: createEventCodec(Math.max(sideLane.maxBytes, maxOnRing)),
    ring,
    sideLane,
    maxOnRing,
    nested: [],
    nestedRingBytes: 0,
    notifier,
    losing: false,
    pressed: false,
    closed: false,
  };
}

/** The memory that a consumer has to see. */
export function sharedRingOf({ ring, sideLane }: Producer): SharedRing {
  return { ring: ring.data.buffer as SharedArrayBuffer, lane: sideLane.memory };
}

/**
 * Takes an event that `write` turns into bytes. True: accepted. False: refused, and counted under its reason.
 *
 * It is written where its record will be on the ring: no other copy is made of it. Only what does not fit there,
 * because the lap ends, the ring is full or the event is large, is encoded apart first: a getter in it is then called
 * again.
 */
export function push<T>(producer: Producer, write: WriteEvent<T>, event: T): boolean {
  const { codec, ring } = producer;
  if (producer.closed) return refuse(producer, 'closed');
  if (codec.busy) return pushNested(producer, write, event);
  beginRecord(ring);
  codec.busy = true;
  let written = true;
  try {
    write(ring.out, event);
  } catch {
    written = false;
  } finally {
    codec.busy = false;
  }
  if (written) {
    publishRecord(ring, EVENT);
    if (producer.losing || seemsPressed(ring)) watchRoom(producer);
  } else {
    written = pushApart(producer, write, event);
  }
  if (producer.nested.length > 0) placeNested(producer);
  return written;
}

/** Encodes a value for a later event. A getter in it may push events as well. */
export function freeze(producer: Producer, value: unknown): Frozen {
  const frozen = freezeValue(producer.codec, value);
  if (producer.nested.length > 0 && !producer.codec.busy) placeNested(producer);
  return frozen;
}

function pushApart<T>(producer: Producer, write: WriteEvent<T>, event: T): boolean {
  const encoded = encodeOrRefuse(producer, write, event);
  return encoded !== undefined && place(producer, encoded);
}

/** Undefined: the event has been refused. */
function encodeOrRefuse<T>(producer: Producer, write: WriteEvent<T>, event: T): Frozen | undefined {
  try {
    return encodeApart(producer.codec, write, event);
  } catch (error) {
    refuse(producer, error === NO_ROOM ? 'too-large' : 'unserializable');
    return undefined;
  }
}

/** Puts an encoded event onto the ring, or beside it. */
function place(
  producer: Producer,
  { buffer, start, end }: Pick<Frozen, 'buffer' | 'start' | 'end'>,
): boolean {
  if (end - start > producer.maxOnRing) {
    // Looked at first: nobody would ever ask for one without a reference.
    if (!hasRoomFor(producer.ring, REFERENCE_BYTES)) return refuse(producer, 'ring-full');
    const held = holdBeside(producer, buffer, start, end);
    if (typeof held === 'string') return refuse(producer, held);
    referTo(producer, held);
  } else if (!writeRecord(producer.ring, EVENT, buffer, start, end)) {
    return refuse(producer, 'ring-full');
  }
  watchRoom(producer);
  return true;
}

/**
 * An event that comes while another is being written has to wait for the other's end. It is accepted only where there
 * is room for both, whatever size the other will be.
 */
function pushNested<T>(producer: Producer, write: WriteEvent<T>, event: T): boolean {
  const { ring, maxOnRing } = producer;
  const encoded = encodeOrRefuse(producer, write, event);
  if (encoded === undefined) return false;
  const { buffer, start, end } = encoded;
  const isBeside = end - start > maxOnRing;
  const ringBytes = producer.nestedRingBytes + alignedRecordBytes(isBeside ? REFERENCE_BYTES : end - start);
  // The other may be as large as any, and the end of the lap may cost as much again.
  if (usedBytes(ring) + ringBytes + 3 * maxOnRing > ring.capacity) return refuse(producer, 'ring-full');
  const nested = isBeside
    ? holdBeside(producer, buffer, start, end)
    : Buffer.from(buffer.subarray(start, end));
  if (typeof nested === 'string') return refuse(producer, nested);
  producer.nested.push(nested);
  producer.nestedRingBytes = ringBytes;
  return true;
}

function placeNested(producer: Producer): void {
  const nested = producer.nested.splice(0);
  producer.nestedRingBytes = 0;
  for (const one of nested) {
    if (Buffer.isBuffer(one)) place(producer, { buffer: one, start: 0, end: one.byteLength });
    else if (!referTo(producer, one)) refuse(producer, 'ring-full');
  }
}

/** Copies an event into the lane, or says why it cannot. */
function holdBeside(
  producer: Producer,
  bytes: Uint8Array,
  start: number,
  end: number,
): Held | 'too-large' | 'side-lane-full' {
  const { sideLane } = producer;
  if (end - start > sideLane.maxBytes) return 'too-large';
  releaseBeside(producer);
  return hold(sideLane, bytes, start, end) ?? 'side-lane-full';
}

const reference = new Uint8Array(REFERENCE_BYTES);
const referenceView = new DataView(reference.buffer);

/** False: there is no room for the reference, and the event goes. */
function referTo({ ring }: Producer, held: Held): boolean {
  writeReference(referenceView, held.start, held.bytes);
  const isWritten = writeRecord(ring, SIDE, reference, 0, REFERENCE_BYTES);
  held.end = ring.tail;
  return isWritten;
}

/** Frees the room of the events beside the ring that have settled. */
function releaseBeside({ sideLane, ring }: Producer): void {
  releaseSettled(sideLane, Atomics.load(ring.words, HEAD));
}

/** What has to settle until at most half of the ring, and of what is beside it, is in use. Undefined: nothing. */
export function roomAfter(producer: Producer): { position: number; isBeside: boolean } | undefined {
  const { ring, sideLane } = producer;
  const isFull = usedBytes(ring) > ring.capacity / 2;
  releaseSettled(sideLane, ring.cachedHead);
  const isBeside = sideLane.usedBytes > sideLane.maxBytes / 2;
  return isFull || isBeside ? { position: (ring.tail - ring.capacity / 2) | 0, isBeside } : undefined;
}

/** `notifier` gets the message. */
export function refuse(
  producer: Producer,
  reason: DropReason,
  notifier: Notifier = producer.notifier,
): false {
  const { ring } = producer;
  countDropped(ring.totals, reason);
  if (reason === 'closed') {
    notifier.warnOnce(message('TAILRACE_CLOSED', 'an event'));
  } else if (!producer.losing) {
    producer.losing = true;
    const dropped = readDropped(ring.totals).total;
    notifier.drop(lossOf(producer, reason), { reason, dropped });
  }
  return false;
}

/** Says why loss starts. */
function lossOf({ ring, sideLane }: Producer, reason: DropReason): WarningMessage {
  switch (reason) {
    case 'ring-full':
      return message('TAILRACE_RING_FULL', ring.capacity);
    case 'side-lane-full':
      return message('TAILRACE_SIDE_LANE_FULL', sideLane.maxBytes);
    case 'too-large':
      return message('TAILRACE_EVENT_TOO_LARGE', sideLane.maxBytes);
    default:
      return message('TAILRACE_EVENT_UNSERIALIZABLE');
  }
}

/** Tells a program when the room for its events runs out, and when loss has ended. */
function watchRoom(producer: Producer): void {
  const { ring, sideLane, notifier } = producer;
  const used = usedBytes(ring);
  releaseSettled(sideLane, ring.cachedHead);
  const isPressed = used > ring.pressureBytes || sideLane.usedBytes > (sideLane.maxBytes / 4) * 3;
  if (isPressed && !producer.pressed) {
    producer.pressed = true;
    notifier.highWater(message('TAILRACE_HIGH_WATER'), {
      ringUsedBytes: used,
      sideLaneUsedBytes: sideLane.usedBytes,
    });
  }
  if (used > ring.capacity / 2 || sideLane.usedBytes > sideLane.maxBytes / 2) return;
  producer.pressed = false;
  if (!producer.losing) return;
  // At the brim, refused and accepted events alternate: that is one loss, not many.
  producer.losing = false;
  const dropped = readDropped(ring.totals).total;
  notifier.drop(message('TAILRACE_ACCEPTING_AGAIN', dropped), { dropped });
}
