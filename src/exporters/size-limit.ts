/** Keeps each event within `maxEventBytes` on the wire: cuts, counts and names what is larger. */

import { revisePayload } from '../revision/payload-fields.js';
import type { OpenRecord } from '../revision/revision.js';
import type { ExporterContext } from '../shared/exporter.js';
import { isRecord, toText } from '../shared/metadata.js';
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
    warning(
      'truncated',
      `${what} ${id} takes ${bytes} bytes, more than maxEventBytes (${maxEventBytes}): its largest values were cut`,
    );
  };
  const share = Math.floor(maxEventBytes / EXPECTED_VALUES);
  const cutToShare = (value: unknown): unknown => cutMembers(value, share);
  return {
    span(event, encode) {
      const encoded = tryEncoding(event, encode);
      if (encoded !== undefined && encoded.bytes.byteLength <= maxEventBytes) return encoded;
      const { id, bytes } = encoded ?? encode(write(shorten(decode(event) as OpenRecord, cutToShare)));
      tell('observation', id, encoded ? String(bytes.byteLength) : `from ${event.byteLength}`);
      return { id, bytes: bytes.byteLength <= maxEventBytes ? bytes : truncateSpan(bytes, maxEventBytes) };
    },
    json(what, event, encode) {
      const encoded = encode(event);
      if (encoded.bytes.byteLength <= maxEventBytes) return encoded;
      tell(what, encoded.id, String(encoded.bytes.byteLength));
      return encodeShorter(encoded, maxEventBytes, (cut) =>
        encode(write(shorten(decode(event) as OpenRecord, cut))),
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

function shorten(record: OpenRecord, cut: (value: unknown) => unknown): OpenRecord {
  revisePayload(record, cut);
  return record;
}

/**
 * How much a text grows as JSON shows only there, so it is cut again until it fits: each member of an object by itself, and
 * where that is not enough each value as a whole. Throws where it is not the values that are too large.
 */
function encodeShorter(
  { id, bytes: { byteLength } }: EncodedEvent,
  maxBytes: number,
  encodeCut: (cut: (value: unknown) => unknown) => EncodedEvent,
): EncodedEvent {
  for (const cut of [cutMembers, cutValue]) {
    let share = maxBytes;
    for (let size = byteLength; share >= MIN_CUT_BYTES; share *= Math.min(MAX_STEP, maxBytes / size)) {
      const encoded = encodeCut((value) => cut(value, Math.floor(share)));
      size = encoded.bytes.byteLength;
      if (size <= maxBytes) return encoded;
    }
  }
  throw new Error(`${id} has ${byteLength} bytes, and cannot be cut to ${maxBytes}`);
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
