/** Keeps each event within `maxEventBytes` on the wire: cuts, counts and names what is larger. */

import { message, warnBy } from '../../messages/message.js';
import { isRecord, toText } from '../../records/metadata.js';
import { Field, SCORE, ScoreField, TraceField } from '../../records/records.js';
import { revisePayload } from '../../revision/payload-fields.js';
import type { OpenRecord } from '../../revision/revision.js';
import type { ExporterContext } from '../../shared/contract/exporter.js';
import { truncateSpan } from './span-truncation.js';
import { cutText, MIN_CUT_BYTES } from './truncation.js';

export interface EncodedEvent {
  readonly id: string;
  readonly bytes: Buffer;
}

export interface SizeLimit {
  /** Encodes a span; what `encode` makes of any one event is the same each time. */
  span(event: Buffer, encode: (event: Buffer) => EncodedEvent): EncodedEvent;
  /** The same for an event of JSON. */
  json(what: string, event: Buffer, encode: (event: Buffer) => EncodedEvent): EncodedEvent;
}

/** Values of a span that cannot be encoded as it is: more of them than this is not to be expected. */
const EXPECTED_VALUES = 16;
/** What is still too large is cut by a tenth at least. */
const MAX_STEP = 0.9;

/** `write` turns a record into an event. */
export function createSizeLimit(
  maxEventBytes: number,
  write: (record: OpenRecord) => Buffer,
  { decode, count, warning }: Pick<ExporterContext, 'decode' | 'count' | 'warning'>,
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
      return encodeShorter(encoded, maxEventBytes, (cut, maxBytes) =>
        encode(write(shorten(decode(event) as OpenRecord, cut, maxBytes))),
      );
    },
  };
}

/** Undefined: it is larger than a message of protobuf, or a string of V8, can be. */
function tryEncoding(event: Buffer, encode: (event: Buffer) => EncodedEvent): EncodedEvent | undefined {
  try {
    return encode(event);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Cuts texts of a record that take more than this. */
type Cut = (record: OpenRecord, maxBytes: number) => void;

function shorten(record: OpenRecord, cut: Cut, maxBytes: number): OpenRecord {
  cut(record, maxBytes);
  return record;
}

/** One after the other, where the one before is not enough. */
const CUTS: readonly Cut[] = [cutPayload(cutMembers), cutPayload(cutValue), cutAll];

/**
 * How much a text grows as JSON shows only there, so it is cut again until it fits. Throws where it is neither the values
 * nor the names that are too large.
 */
function encodeShorter(
  { id, bytes: { byteLength } }: EncodedEvent,
  maxBytes: number,
  encodeCut: (cut: Cut, maxBytes: number) => EncodedEvent,
): EncodedEvent {
  for (const cut of CUTS) {
    let share = maxBytes;
    for (let size = byteLength; share >= MIN_CUT_BYTES; share *= Math.min(MAX_STEP, maxBytes / size)) {
      const encoded = encodeCut(cut, Math.floor(share));
      size = encoded.bytes.byteLength;
      if (size <= maxBytes) return encoded;
    }
  }
  throw new Error(`${id} has ${byteLength} bytes, and cannot be cut to ${maxBytes}`);
}

function cutPayload(cut: (value: unknown, maxBytes: number) => unknown): Cut {
  return (record, maxBytes) => revisePayload(record, (value) => cut(value, maxBytes));
}

/** Names and users as well, as in a span; ids are not cut, and what a text cannot stand for goes as a whole. */
function cutAll(record: OpenRecord, maxBytes: number): void {
  cutPayload(cutValue)(record, maxBytes);
  if (record[0] === SCORE) {
    cutTexts(record, [ScoreField.name], maxBytes);
    return;
  }
  cutTexts(record, [Field.name, Field.version, Field.model, Field.promptName], maxBytes);
  dropLarge(record, [Field.usageDetails, Field.costDetails], maxBytes);
  const trace = record[Field.trace];
  if (!Array.isArray(trace)) return;
  cutTexts(trace, TRACE_TEXTS, maxBytes);
  dropLarge(trace, [TraceField.tags], maxBytes);
}

const TRACE_TEXTS = [
  TraceField.name,
  TraceField.userId,
  TraceField.sessionId,
  TraceField.release,
  TraceField.version,
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

/** Each member of an object by itself. */
function cutMembers(value: unknown, maxBytes: number): unknown {
  if (!isRecord(value)) return cutValue(value, maxBytes);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cutValue(member, maxBytes)]));
}

/** Text as it is, anything else as its JSON. What is small enough stays what it is. */
function cutValue(value: unknown, maxBytes: number): unknown {
  const text = toText(value);
  const cut = cutText(text, maxBytes);
  return cut === text ? value : cut;
}
