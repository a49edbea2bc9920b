/** Keeps each event within `maxEventBytes` on the wire: cuts, counts and names what is larger. */
import type { ExporterContext } from '../shared/exporter.js';
import { ScoreField, type ScoreRecord } from '../shared/records.js';
import { isRecord, toText } from './langfuse-metadata.js';
import { revisePayload } from './payload-fields.js';
import type { OpenRecord } from './revision.js';
import { truncateSpan } from './span-truncation.js';
import { cutText, MIN_CUT_BYTES } from './truncation.js';

export interface EncodedEvent {
  readonly id: string;
  readonly bytes: Buffer;
}

export interface SizeLimit {
  /** Encodes a span; what `encode` makes of any one event is the same each time. */
  span(event: Buffer, encode: (event: Buffer) => EncodedEvent): EncodedEvent;
  score(record: ScoreRecord, encode: (record: ScoreRecord) => Buffer): Buffer;
}

/** Values of a span that cannot be encoded as it is: more of them than this is not to be expected. */
const EXPECTED_VALUES = 16;

/** `write` turns a record into an event. */
export function createSizeLimit(
  maxEventBytes: number,
  write: (record: OpenRecord) => Buffer,
  { decode, count, warning }: Pick<ExporterContext, 'decode' | 'count' | 'warning'>,
): SizeLimit {
  const tell = (what: string, id: string, bytes: string): void => {
    count('truncated');
    warning(
      'truncated',
      `${what} ${id} takes ${bytes} bytes, more than maxEventBytes (${maxEventBytes}): its largest values were cut`,
    );
  };
  return {
    span(event, encode) {
      const encoded = tryEncoding(event, encode);
      if (encoded !== undefined && encoded.bytes.byteLength <= maxEventBytes) return encoded;
      const { id, bytes } = encoded ?? encode(write(shorten(decode(event) as OpenRecord, maxEventBytes)));
      tell('observation', id, encoded ? String(bytes.byteLength) : `from ${event.byteLength}`);
      return { id, bytes: bytes.byteLength <= maxEventBytes ? bytes : truncateSpan(bytes, maxEventBytes) };
    },
    score(record, encode) {
      const bytes = encode(record);
      if (bytes.byteLength <= maxEventBytes) return bytes;
      tell('score', record[ScoreField.id], String(bytes.byteLength));
      return encodeShorter(record, encode, maxEventBytes);
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

function shorten(record: OpenRecord, maxBytes: number): OpenRecord {
  const share = Math.floor(maxBytes / EXPECTED_VALUES);
  revisePayload(record, (value) => cutMembers(value, share));
  return record;
}

/** How much a text grows in JSON shows only there: half as much is tried as long as it is too large. */
function encodeShorter(
  record: ScoreRecord,
  encode: (record: ScoreRecord) => Buffer,
  maxBytes: number,
): Buffer {
  let bytes = encode(record);
  for (const cut of [cutMembers, cutValue]) {
    for (let share = maxBytes; bytes.byteLength > maxBytes && share >= MIN_CUT_BYTES; share /= 2) {
      bytes = encode(withCut(record, (value) => cut(value, Math.floor(share))));
    }
  }
  return bytes;
}

function withCut(record: ScoreRecord, cut: (value: unknown) => unknown): ScoreRecord {
  const shorter: unknown[] = [...record];
  for (const index of [ScoreField.comment, ScoreField.metadata]) shorter[index] = cut(shorter[index]);
  return shorter as unknown as ScoreRecord;
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
