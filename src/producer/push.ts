/** What happens to an event on the application's thread: written onto the ring or beside it, or refused. */

import { NO_ROOM } from '../event/event-writer.js';
import type { Frozen } from '../event/frozen.js';
import type { SideRecord } from '../shared/control.js';
import type { Counts, DropReason } from '../shared/counts.js';
import { alignedRecordBytes, EVENT, HEAD, maxRecordBytes, SIDE } from '../shared/ring-layout.js';
import {
  createEventCodec,
  type EventCodec,
  encodeApart,
  freezeValue,
  type WriteEvent,
} from './event-codec.js';
import type { Notifier } from './notifier.js';
import {
  beginRecord,
  createRingWriter,
  hasRoomFor,
  publishRecord,
  type RingWriter,
  usedBytes,
  writeRecord,
} from './ring-writer.js';
import { createSideLane, hasRoom, hold, refer, releaseSettled, type SideLane } from './side-lane.js';

export interface Producer {
  readonly codec: EventCodec;
  readonly ring: RingWriter;
  readonly sideLane: SideLane;
  /** Larger events go beside the ring. */
  readonly maxOnRing: number;
  /** Events that came while another was being written: pushed by a getter or toJSON in it. */
  readonly nested: Buffer[];
  /** What they will take on the ring, and beside it. */
  nestedRingBytes: number;
  nestedBesideBytes: number;
  readonly notifier: Notifier;
  /** Posts an event that is beside the ring to the consumer. */
  readonly postBeside: (message: unknown) => void;
  accepted: number;
  readonly dropped: Counts['dropped'];
  /** Whether events are being refused for want of room: since when the application has been told so. */
  losing: boolean;
  closed: boolean;
}

export function createProducer(
  buffer: SharedArrayBuffer,
  sideLaneBytes: number,
  notifier: Notifier,
  postBeside: (message: unknown) => void,
): Producer {
  const ring = createRingWriter(buffer);
  const maxOnRing = maxRecordBytes(ring.capacity);
  return {
    codec: createEventCodec(Math.max(sideLaneBytes, maxOnRing)),
    ring,
    sideLane: createSideLane(sideLaneBytes),
    maxOnRing,
    nested: [],
    nestedRingBytes: 0,
    nestedBesideBytes: 0,
    notifier,
    postBeside,
    accepted: 0,
    dropped: { total: 0 },
    losing: false,
    closed: false,
  };
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
    accept(producer);
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
    const reason = writeBeside(producer, buffer, start, end);
    if (reason !== undefined) return refuse(producer, reason);
  } else if (!writeRecord(producer.ring, EVENT, buffer, start, end)) {
    return refuse(producer, 'ring-full');
  }
  accept(producer);
  return true;
}

/**
 * An event that comes while another is being written has to wait for the other's end. It is accepted only where there
 * is room for both, whatever size the other will be.
 */
function pushNested<T>(producer: Producer, write: WriteEvent<T>, event: T): boolean {
  const { ring, sideLane, maxOnRing } = producer;
  releaseBeside(producer);
  const encoded = encodeOrRefuse(producer, write, event);
  if (encoded === undefined) return false;
  const bytes = Buffer.from(encoded.buffer.subarray(encoded.start, encoded.end));
  const isBeside = bytes.byteLength > maxOnRing;
  const besideBytes = producer.nestedBesideBytes + (isBeside ? bytes.byteLength : 0);
  const ringBytes =
    producer.nestedRingBytes + alignedRecordBytes(isBeside ? reference.byteLength : bytes.byteLength);
  if (isBeside && !hasRoom(sideLane, 2 * besideBytes)) return refuse(producer, 'side-lane-full');
  // The other may be as large as any, and the end of the lap may cost as much again.
  if (usedBytes(ring) + ringBytes + 3 * maxOnRing > ring.capacity) return refuse(producer, 'ring-full');
  producer.nested.push(bytes);
  producer.nestedRingBytes = ringBytes;
  producer.nestedBesideBytes = besideBytes;
  return true;
}

function placeNested(producer: Producer): void {
  const nested = producer.nested.splice(0);
  producer.nestedRingBytes = 0;
  producer.nestedBesideBytes = 0;
  for (const buffer of nested) place(producer, { buffer, start: 0, end: buffer.byteLength });
}

function accept(producer: Producer): void {
  producer.accepted++;
  if (producer.losing) endLossOnceThereIsRoom(producer);
}

const reference = Buffer.alloc(4);

function writeBeside(
  producer: Producer,
  bytes: Uint8Array,
  start: number,
  end: number,
): DropReason | undefined {
  const { sideLane, ring, postBeside } = producer;
  if (end - start > sideLane.maxBytes) return 'too-large';
  if (!hasRoom(sideLane, end - start)) {
    releaseBeside(producer);
    if (!hasRoom(sideLane, end - start)) return 'side-lane-full';
  }
  // Looked at before the event is posted: nobody would ever ask for one without a reference.
  if (!hasRoomFor(ring, reference.byteLength)) return 'ring-full';
  let record: SideRecord;
  try {
    record = hold(sideLane, bytes, start, end);
  } catch {
    // The system has no more memory to share.
    return 'side-lane-full';
  }
  reference.writeUInt32LE(record.id);
  // The event goes first: the consumer must find it when it reads the reference.
  postBeside(record);
  writeRecord(ring, SIDE, reference, 0, reference.byteLength);
  refer(sideLane, record.id, ring.tail);
  return undefined;
}

/** Lets go of the events beside the ring that have settled. */
export function releaseBeside({ sideLane, ring }: Producer): void {
  releaseSettled(sideLane, Atomics.load(ring.words, HEAD));
}

function refuse(producer: Producer, reason: DropReason): false {
  const { dropped, notifier } = producer;
  dropped.total++;
  dropped[reason] = (dropped[reason] ?? 0) + 1;
  if (reason === 'closed') {
    notifier.warnOnce('closed', 'an event came after shutdown(); it and later ones are not sent');
  } else if (!producer.losing) {
    producer.losing = true;
    notifier.drop(`events are being lost, the first one for: ${reason}`, { reason, dropped: dropped.total });
  }
  return false;
}

/** At the brim, refused and accepted events alternate: that is one loss, not many. */
function endLossOnceThereIsRoom(producer: Producer): void {
  const { ring, dropped, notifier } = producer;
  if (usedBytes(ring) > ring.capacity / 2) return;
  producer.losing = false;
  notifier.drop(`events are accepted again; lost so far: ${dropped.total}`, { dropped: dropped.total });
}
