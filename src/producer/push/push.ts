/** Takes events on the application's thread: writes each onto the ring or into the side lane, or refuses it. */

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
import { wake } from '../../shared/ring/wake.js';
import type { Notifier } from '../messages/notifier.js';
import {
  createEventCodec,
  type EventCodec,
  encodeToScratch,
  freezeValue,
  type WriteEvent,
} from './event-codec.js';
import { beginLoss, endLoss, type LossState } from './loss.js';
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
import { createSideLane, freeSettled, type Held, hold, type SideLane } from './side-lane.js';

export interface Producer extends LossState {
  readonly codec: EventCodec;
  readonly ring: RingWriter;
  readonly sideLane: SideLane;
  /** Larger events go into the side lane. */
  readonly maxOnRing: number;
  /** Events that came while another was being written, from a getter or toJSON in it. */
  readonly nested: (Buffer | Held)[];
  /** The bytes that they will take on the ring. */
  nestedRingBytes: number;
  readonly notifier: Notifier;
  /** Whether the application was notified that room runs out. */
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

/** The memory that the consumer shares. */
export function sharedRingOf({ ring, sideLane }: Producer): SharedRing {
  return { ring: ring.data.buffer as SharedArrayBuffer, lane: sideLane.memory };
}

/**
 * Takes an event that `write` turns into bytes. True: accepted. False: refused, and counted under its reason.
 *
 * The event is written where its record will be on the ring, without another copy. An event that does not fit there (the lap
 * ends, the ring is full or the event is large) is encoded again, into scratch memory, so its getters are called again.
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
    written = pushByScratch(producer, write, event);
  }
  if (producer.nested.length > 0) putNested(producer);
  return written;
}

/** Encodes a value for a later event. A getter in it may push events as well. */
export function freeze(producer: Producer, value: unknown): Frozen {
  const frozen = freezeValue(producer.codec, value);
  if (producer.nested.length > 0 && !producer.codec.busy) putNested(producer);
  return frozen;
}

function pushByScratch<T>(producer: Producer, write: WriteEvent<T>, event: T): boolean {
  const encoded = encodeOrRefuse(producer, write, event);
  return encoded !== undefined && put(producer, encoded);
}

/** Undefined: the event has been refused. */
function encodeOrRefuse<T>(producer: Producer, write: WriteEvent<T>, event: T): Frozen | undefined {
  try {
    return encodeToScratch(producer.codec, write, event);
  } catch (error) {
    refuse(producer, error === NO_ROOM ? 'too-large' : 'unserializable');
    return undefined;
  }
}

/** Puts an encoded event onto the ring, or into the side lane. */
function put(producer: Producer, { buffer, start, end }: Pick<Frozen, 'buffer' | 'start' | 'end'>): boolean {
  if (end - start > producer.maxOnRing) {
    // Checked first: space in the side lane is freed through its reference on the ring.
    if (!hasRoomFor(producer.ring, REFERENCE_BYTES)) return refuse(producer, 'ring-full');
    const held = holdInSideLane(producer, buffer, start, end);
    if (typeof held === 'string') return refuse(producer, held);
    referTo(producer, held);
  } else if (!writeRecord(producer.ring, EVENT, buffer, start, end)) {
    return refuse(producer, 'ring-full');
  }
  watchRoom(producer);
  return true;
}

/**
 * Takes an event that comes while another is being written, and keeps it until that one is complete. It is accepted only if there
 * is room for both, whatever size the other will have.
 */
function pushNested<T>(producer: Producer, write: WriteEvent<T>, event: T): boolean {
  const { ring, maxOnRing } = producer;
  const encoded = encodeOrRefuse(producer, write, event);
  if (encoded === undefined) return false;
  const { buffer, start, end } = encoded;
  const isInSideLane = end - start > maxOnRing;
  const ringBytes =
    producer.nestedRingBytes + alignedRecordBytes(isInSideLane ? REFERENCE_BYTES : end - start);
  // The other may have the largest size, and padding at the end of the lap may cost as much again.
  if (usedBytes(ring) + ringBytes + 3 * maxOnRing > ring.capacity) return refuse(producer, 'ring-full');
  const nested = isInSideLane
    ? holdInSideLane(producer, buffer, start, end)
    : Buffer.from(buffer.subarray(start, end));
  if (typeof nested === 'string') return refuse(producer, nested);
  producer.nested.push(nested);
  producer.nestedRingBytes = ringBytes;
  return true;
}

function putNested(producer: Producer): void {
  const nested = producer.nested.splice(0);
  producer.nestedRingBytes = 0;
  for (const one of nested) {
    if (Buffer.isBuffer(one)) put(producer, { buffer: one, start: 0, end: one.byteLength });
    else if (!referTo(producer, one)) refuse(producer, 'ring-full');
  }
}

/** Copies an event into the side lane, or returns why it cannot. */
function holdInSideLane(
  producer: Producer,
  bytes: Uint8Array,
  start: number,
  end: number,
): Held | 'too-large' | 'side-lane-full' {
  const { sideLane } = producer;
  if (end - start > sideLane.maxBytes) return 'too-large';
  freeSideLane(producer);
  return hold(sideLane, bytes, start, end) ?? 'side-lane-full';
}

const reference = new Uint8Array(REFERENCE_BYTES);
const referenceView = new DataView(reference.buffer);

/** False: there is no room for the reference, so the event is lost. */
function referTo({ ring }: Producer, held: Held): boolean {
  writeReference(referenceView, held.start, held.bytes);
  const isWritten = writeRecord(ring, SIDE, reference, 0, REFERENCE_BYTES);
  held.end = ring.tail;
  // A long doze ends by the bytes on the ring, and the reference has few. To copy the event took a hundred times as long.
  if (isWritten) wake(ring.words);
  return isWritten;
}

/** Frees the space of settled events in the side lane. */
function freeSideLane({ sideLane, ring }: Producer): void {
  freeSettled(sideLane, Atomics.load(ring.words, HEAD));
}

/** The position that must settle before at most half of the ring and of the side lane is in use. Undefined: there is room now. */
export function roomAfter(producer: Producer): { position: number; isInSideLane: boolean } | undefined {
  const { ring, sideLane } = producer;
  const isFull = usedBytes(ring) > ring.capacity / 2;
  freeSettled(sideLane, ring.cachedHead);
  const isInSideLane = sideLane.usedBytes > sideLane.maxBytes / 2;
  return isFull || isInSideLane ? { position: (ring.tail - ring.capacity / 2) | 0, isInSideLane } : undefined;
}

/** Counts a refused event. `notifier` gets the message. */
export function refuse(
  producer: Producer,
  reason: DropReason,
  notifier: Notifier = producer.notifier,
): false {
  const { ring } = producer;
  countDropped(ring.totals, reason);
  if (reason === 'closed') {
    notifier.warnOnce(message('TAILRACE_CLOSED', 'an event'));
  } else if (beginLoss(producer)) {
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

/** Notifies the application when the room for events runs out, and when loss has ended. */
function watchRoom(producer: Producer): void {
  const { ring, sideLane, notifier } = producer;
  const used = usedBytes(ring);
  freeSettled(sideLane, ring.cachedHead);
  const isPressed = used > ring.pressureBytes || sideLane.usedBytes > (sideLane.maxBytes / 4) * 3;
  if (isPressed && !producer.pressed) {
    producer.pressed = true;
    notifier.highWater(message('TAILRACE_HIGH_WATER'), {
      ringUsedBytes: used,
      sideLaneUsedBytes: sideLane.usedBytes,
    });
  }
  const hasRoom = used <= ring.capacity / 2 && sideLane.usedBytes <= sideLane.maxBytes / 2;
  if (hasRoom) producer.pressed = false;
  if (!endLoss(producer, hasRoom)) return;
  const dropped = readDropped(ring.totals).total;
  notifier.drop(message('TAILRACE_ACCEPTING_AGAIN', dropped), { dropped });
}
