/** Builds a span's metadata from its attributes, as a Langfuse server does. */

import { complain, type Subject, typeOfValue } from '../findings.js';
import { describeUnparsed, MAX_METADATA_VALUES, parsedOrUndefined, parseIfJson } from '../json-text.js';
import { define, type Metadata } from '../merge.js';
import type { AttributeValue } from './otlp-span.js';

/** Metadata of a span. The server treats `texts`, as they came, as strings, although `entries` has the JSON in them. */
export interface SpanMetadata {
  entries: Metadata;
  texts: Map<string, string>;
  /** Length of the texts. */
  chars: number;
}

/** Metadata is written with the observation and merged into the trace, each time as a whole. */
const MAX_METADATA_CHARS = 16 * 1024 * 1024;

/** Adds an attribute: `prefix.KEY` is one entry; `prefix` itself may be a JSON object. */
export function withMetadata(
  subject: Subject,
  into: SpanMetadata | null,
  key: string,
  value: AttributeValue,
  prefix: string,
): SpanMetadata | null {
  const chars = (into?.chars ?? 0) + (typeof value === 'string' ? value.length : 0);
  if (chars > MAX_METADATA_CHARS) {
    const rule = `must make no more than ${MAX_METADATA_CHARS} characters with the other metadata`;
    complain(subject, 'metadata-dropped', key, `${rule}: it is left out`);
    return into;
  }
  if (key.length === prefix.length) {
    const whole = wholeMetadata(subject, key, value);
    if (whole === null) return into;
    return { entries: { ...whole, ...into?.entries }, texts: into?.texts ?? new Map(), chars };
  }
  if (key[prefix.length] !== '.' || key.length === prefix.length + 1) return into;
  const target = into ?? { entries: {}, texts: new Map(), chars };
  target.chars = chars;
  const name = key.slice(prefix.length + 1);
  define(target.entries, name, typeof value === 'string' ? parseIfJson(value, MAX_METADATA_VALUES) : value);
  if (typeof value === 'string') target.texts.set(name, value);
  return target;
}

/** Langfuse's otel/OtelIngestionProcessor.ts, parseMetadataAttribute. */
function wholeMetadata(subject: Subject, key: string, value: AttributeValue): Metadata | null {
  const parsed = typeof value === 'string' ? parsedOrUndefined(value, MAX_METADATA_VALUES) : value;
  if (typeof parsed !== 'object' || parsed === null) {
    const what =
      parsed === undefined ? describeUnparsed(value as string, MAX_METADATA_VALUES) : typeOfValue(parsed);
    complain(subject, 'metadata-dropped', key, `must be a JSON object, but got ${what}: it is left out`);
    return null;
  }
  if (Array.isArray(parsed)) {
    complain(
      subject,
      'metadata-spread',
      key,
      'must be a JSON object, but got an array: it becomes an object with its indices',
    );
  }
  complainOfNulls(subject, key, parsed);
  return { ...(parsed as Metadata) };
}

export function complainOfNulls(subject: Subject, field: string, metadata: object): void {
  for (const [key, value] of Object.entries(metadata)) {
    if (value === null)
      complain(subject, 'metadata-null', `${field}.${key}`, 'must not be null: it becomes the text null');
  }
}
