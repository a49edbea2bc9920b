/** What happens to an event on the application's thread: encoded, copied onto the ring or beside it, or refused. */
import type { Counts, DropReason } from '../shared/counts.js';
import { EVENT, HEAD, maxRecordBytes, SIDE } from '../shared/ring-layout.js';
import { createEventCodec, type Encoded, type EventCodec, encodeEvent } from './event-codec.js';
import type { Notifier } from './notifier.js';
import { createRingWriter, hasRoomFor, type RingWriter, usedBytes, writeRecord } from './ring-writer.js';
import { createSideLane, hasRoom, hold, refer, releaseSettled, type SideLane } from './side-lane.js';

export interface Producer {
  readonly codec: EventCodec;
  readonly ring: RingWriter;
  readonly sideLane: SideLane;
  /** Larger events go beside the ring. */
  readonly maxOnRing: number;
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
  return {
    codec: createEventCodec(),
    ring,
    sideLane: createSideLane(sideLaneBytes),
    maxOnRing: maxRecordBytes(ring.capacity),
    notifier,
    postBeside,
    accepted: 0,
    dropped: { total: 0 },
    losing: false,
    closed: false,
  };
}

/** True: accepted. False: refused, and counted under its reason. */
export function push(producer: Producer, event: unknown): boolean {
  if (producer.closed) return refuse(producer, 'closed');
  let encoded: Encoded;
  try {
    encoded = encodeEvent(producer.codec, event);
  } catch {
    return refuse(producer, 'unserializable');
  }
  const { buffer, start, end } = encoded;
  if (end - start > producer.maxOnRing) {
    const reason = writeBeside(producer, buffer, start, end);
    if (reason !== undefined) return refuse(producer, reason);
  } else if (!writeRecord(producer.ring, EVENT, buffer, start, end)) {
    return refuse(producer, 'ring-full');
  }
  producer.accepted++;
  if (producer.losing) endLossOnceThereIsRoom(producer);
  return true;
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
  const record = hold(sideLane, bytes, start, end);
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
