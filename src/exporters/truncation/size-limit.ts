/** Keeps each event within `maxEventBytes` on the wire: cuts, counts and names larger events. */

import { message, warnBy } from '../../messages/message.js';
import { SCORE } from '../../records/kinds.js';
import { isRecord, toText } from '../../records/metadata.js';
import { FIELD } from '../../records/observation.js';
import { SCORE_FIELD } from '../../records/score.js';
import { TRACE_FIELD } from '../../records/trace.js';
import { revisePayload } from '../../revision/payload-fields.js';
import type { OpenRecord } from '../../revision/revision.js';
import type { ExporterContext } from '../../shared/contract/exporter.js';
import { truncateSpan } from './span.js';
import { cutText, MIN_CUT_BYTES } from './text.js';

export interface EncodedEvent {
  readonly id: string;
  readonly bytes: Buffer;
}

interface SizeLimit {
  /** Encodes a span. `encode` must return the same bytes for the same event each time. */
  span(event: Buffer, encode: (event: Buffer) => EncodedEvent): EncodedEvent;
  /** Does the same for an event in JSON. */
  json(what: string, event: Buffer, encode: (event: Buffer) => EncodedEvent): EncodedEvent;
}

/** Expected number of large values in a span that is too large to be encoded. */
const EXPECTED_VALUES = 16;
/** An event that is still too large is cut by at least a tenth. */
const MAX_STEP = 0.9;
/** The same where no value was as large as the last size. */
const UNCHANGED_STEP = 0.5;

/** `write` turns a record into an event. */
export function createSizeLimit(
  maxEventBytes: number,
  write: (record: OpenRecord) => Buffer,
  {
    decode,
    count,
    warning,
    stillAlive,
  }: Pick<ExporterContext, 'decode' | 'count' | 'warning' | 'stillAlive'>,
): SizeLimit {
  const tell = (what: string, id: string, bytes: string): void => {
    count('truncated');
    warnBy(warning, message('TAILRACE_EVENT_TRUNCATED', what, id, bytes, maxEventBytes));
  };
  const share = Math.floor(maxEventBytes / EXPECTED_VALUES);
  return {
    span(event, encode) {
      const encoded = tryEncoding(event, encode);
      if (encoded !== undefined && encoded.bytes.byteLength <= maxEventBytes) return encoded;
      const { id, bytes } =
        encoded ?? encode(write(shorten(decode(event) as OpenRecord, cutPayload(cutMembers), share)));
      tell('observation', id, encoded ? String(bytes.byteLength) : `from ${event.byteLength}`);
      return { id, bytes: bytes.byteLength <= maxEventBytes ? bytes : truncateSpan(bytes, maxEventBytes) };
    },
    json(what, event, encode) {
      const encoded = encode(event);
      if (encoded.bytes.byteLength <= maxEventBytes) return encoded;
      tell(what, encoded.id, String(encoded.bytes.byteLength));
      return encodeShorter(encoded, maxEventBytes, (cut, maxBytes) => {
        stillAlive();
        return encode(write(shorten(decode(event) as OpenRecord, cut, maxBytes)));
      });
    },
  };
}

/** Returns undefined if the event exceeds the size of a protobuf message or of a string in V8. */
function tryEncoding(event: Buffer, encode: (event: Buffer) => EncodedEvent): EncodedEvent | undefined {
  try {
    return encode(event);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Cuts texts of a record that take more than `maxBytes`. */
type Cut = (record: OpenRecord, maxBytes: number) => void;

function shorten(record: OpenRecord, cut: Cut, maxBytes: number): OpenRecord {
  cut(record, maxBytes);
  return record;
}

/** Each is used if the one before it was not enough. */
const CUTS: readonly Cut[] = [cutPayload(cutMembers), cutPayload(cutValue), cutAll];

/**
 * Only encoding shows how much a text grows as JSON, so the record is cut again until it fits. A cut that does not suffice at its
 * smallest is not tried at other sizes. Throws if neither values nor names are the cause.
 */
function encodeShorter(
  { id, bytes: { byteLength } }: EncodedEvent,
  maxBytes: number,
  encodeCut: (cut: Cut, maxBytes: number) => EncodedEvent,
): EncodedEvent {
  for (const cut of CUTS) {
    if (encodeCut(cut, MIN_CUT_BYTES).bytes.byteLength > maxBytes) continue;
    let share = maxBytes;
    let size = byteLength;
    while (share > MIN_CUT_BYTES) {
      const encoded = encodeCut(cut, Math.floor(share));
      const before = size;
      size = encoded.bytes.byteLength;
      if (size <= maxBytes) return encoded;
      share *= size < before ? Math.min(MAX_STEP, maxBytes / size) : UNCHANGED_STEP;
    }
    return encodeCut(cut, MIN_CUT_BYTES);
  }
  throw new Error(`${id} has ${byteLength} bytes, and cannot be cut to ${maxBytes}`);
}

function cutPayload(cut: (value: unknown, maxBytes: number) => unknown): Cut {
  return (record, maxBytes) => revisePayload(record, (value) => cut(value, maxBytes));
}

/** Cuts names and users as well, as in a span, but no ids; drops large values that a text cannot replace. */
function cutAll(record: OpenRecord, maxBytes: number): void {
  cutPayload(cutValue)(record, maxBytes);
  if (record[0] === SCORE) {
    cutTexts(record, [SCORE_FIELD.name], maxBytes);
    return;
  }
  cutTexts(record, [FIELD.name, FIELD.version, FIELD.model, FIELD.promptName], maxBytes);
  dropLarge(record, [FIELD.usageDetails, FIELD.costDetails], maxBytes);
  const trace = record[FIELD.trace];
  if (!Array.isArray(trace)) return;
  cutTexts(trace, TRACE_TEXTS, maxBytes);
  dropLarge(trace, [TRACE_FIELD.tags], maxBytes);
}

const TRACE_TEXTS = [
  TRACE_FIELD.name,
  TRACE_FIELD.userId,
  TRACE_FIELD.sessionId,
  TRACE_FIELD.release,
  TRACE_FIELD.version,
];

function cutTexts(record: OpenRecord, fields: readonly number[], maxBytes: number): void {
  for (const field of fields) {
    const text = record[field];
    if (typeof text === 'string') record[field] = cutText(text, maxBytes);
  }
}

function dropLarge(record: OpenRecord, fields: readonly number[], maxBytes: number): void {
  for (const field of fields) if (cutValue(record[field], maxBytes) !== record[field]) record[field] = null;
}

/** Cuts each member of an object by itself. */
function cutMembers(value: unknown, maxBytes: number): unknown {
  if (!isRecord(value)) return cutValue(value, maxBytes);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cutValue(member, maxBytes)]));
}

/** Cuts a text, or the JSON of another value. Returns the same value if it is small enough. */
function cutValue(value: unknown, maxBytes: number): unknown {
  const text = toText(value);
  const cut = cutText(text, maxBytes);
  return cut === text ? value : cut;
}
