/** Names a record on a ring, for a message: by its kind and id, never by its payload. */
import { type EventReader, type Range, readArrayHeader, readNumber } from '../../event/event-reader.js';
import { OBSERVATION, OTEL_SPAN, TRACE, TRACE_UPDATE } from '../../records/kinds.js';
import { OBSERVATION_FIELD_COUNT, readObservationHead } from '../../records/observation.js';
import { readSpan, SPAN_FIELD_COUNT } from '../../records/span.js';
import { OBSERVATION_TYPES } from '../../records/vocabulary.js';
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
  if (kind === OTEL_SPAN && fields === SPAN_FIELD_COUNT) {
    reader.position = 0;
    return `the span ${hexOf(reader, readSpan(reader).id, SPAN_ID_BYTES)}`;
  }
  if (fields !== OBSERVATION_FIELD_COUNT) return 'an event';
  reader.position = 0;
  const head = readObservationHead(reader);
  const type = OBSERVATION_TYPES[head.type];
  const traceId = hexOf(reader, head.traceId, TRACE_ID_BYTES);
  if (kind === TRACE || kind === TRACE_UPDATE) return `the trace ${traceId}`;
  const id = hexOf(reader, head.id, SPAN_ID_BYTES);
  return kind === OBSERVATION && type !== undefined ? `the ${type} ${id}` : 'an event';
}

/** Throws where there is no id: then it is another kind of event. */
function hexOf({ bytes }: EventReader, { start, end }: Range, expectedBytes: number): string {
  if (end - start !== expectedBytes) throw new Error('no id');
  return bytes.toString('hex', start, end);
}
