/** Names a record on a ring, for a message: by its kind and id, never by its payload. */
import {
  type EventReader,
  type Range,
  readArrayHeader,
  readBytes,
  readNumber,
} from '../../event/event-reader.js';
import {
  OBSERVATION,
  OBSERVATION_FIELDS,
  OBSERVATION_TYPES,
  TRACE,
  TRACE_UPDATE,
} from '../../records/records.js';
import { readSpan } from '../../records/span-reader.js';
import { OTEL_SPAN, SPAN_FIELDS } from '../../records/span-records.js';
import {
  DATA_OFFSET,
  HEADER_BYTES,
  ringMemory,
  type SharedRing,
  SIDE,
} from '../../shared/ring/ring-layout.js';

/** The ids of an event in the side lane are within this, also those of a span: its resource comes before them. */
const MAX_READ_BYTES = 64 * 1024;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const TYPE_MASK = 0xff;

/** The record's space must not have been released. */
export function nameOfRecord({ ring, lane }: SharedRing, position: number): string {
  const { headers, capacity } = ringMemory(ring);
  const index = position & (capacity - 1);
  const length = headers[index >> 2] as number;
  const payload = Buffer.from(ring, DATA_OFFSET + index + HEADER_BYTES, length);
  const isInSideLane = ((headers[(index >> 2) + 1] as number) & TYPE_MASK) === SIDE;
  const bytes = isInSideLane ? payload.readUInt32LE(4) : length;
  return `${kindOf(isInSideLane ? sideLaneEvent(lane, payload) : payload)} (${bytes} bytes)`;
}

function sideLaneEvent(lane: SharedArrayBuffer, reference: Buffer): Buffer {
  const bytes = Math.min(reference.readUInt32LE(4), MAX_READ_BYTES);
  return Buffer.from(new Uint8Array(lane, reference.readUInt32LE(0), bytes));
}

function kindOf(event: Buffer): string {
  try {
    return readKind({ bytes: event, position: 0 });
  } catch {
    // An engine without a client takes events of any form.
    return 'an event';
  }
}

function readKind(reader: EventReader): string {
  const fields = readArrayHeader(reader);
  const kind = readNumber(reader);
  if (kind === OTEL_SPAN && fields === SPAN_FIELDS) {
    reader.position = 0;
    return `the span ${hexOf(reader, readSpan(reader).id, SPAN_ID_BYTES)}`;
  }
  if (fields !== OBSERVATION_FIELDS) return 'an event';
  const type = OBSERVATION_TYPES[readNumber(reader)];
  const traceId = hexOf(reader, readBytes(reader), TRACE_ID_BYTES);
  if (kind === TRACE || kind === TRACE_UPDATE) return `the trace ${traceId}`;
  const id = hexOf(reader, readBytes(reader), SPAN_ID_BYTES);
  return kind === OBSERVATION && type !== undefined ? `the ${type} ${id}` : 'an event';
}

/** Throws where there is no id: then it is another kind of event. */
function hexOf({ bytes }: EventReader, { start, end }: Range, expectedBytes: number): string {
  if (end - start !== expectedBytes) throw new Error('no id');
  return bytes.toString('hex', start, end);
}
