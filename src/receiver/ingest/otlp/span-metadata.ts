/** A span's metadata as a server makes it of the attributes, and where everything goes that has no place of its own. */

import { complain, typeOfValue, type Witness } from '../../complaints/findings.js';
import { MAX_METADATA_VALUES, parsedOrUndefined, parseIfJson, unparsedWords } from '../../json-text.js';
import { define, type Metadata } from '../../store/merge.js';
import type { AttributeValue } from './otlp-span.js';

/** Of a span: its entries, and which of them are text to the server, although they are shown as the JSON that they hold. */
export interface SpanMetadata {
  entries: Metadata;
  texts: Set<string>;
  /** Of the texts. */
  chars: number;
}

/** Metadata are written with the observation and merged into the trace, each time as a whole. */
const MAX_METADATA_CHARS = 16 * 1024 * 1024;

/** `prefix.KEY` is one entry; `prefix` itself may hold an object as JSON. */
export function withMetadata(
  witness: Witness,
  into: SpanMetadata | null,
  key: string,
  value: AttributeValue,
  prefix: string,
): SpanMetadata | null {
  const chars = (into?.chars ?? 0) + (typeof value === 'string' ? value.length : 0);
  if (chars > MAX_METADATA_CHARS) {
    const rule = `must make no more than ${MAX_METADATA_CHARS} characters with the other metadata`;
    complain(witness, 'metadata-dropped', key, `${rule}: it is left out`);
    return into;
  }
  if (key.length === prefix.length) {
    const whole = wholeMetadata(witness, key, value);
    if (whole === null) return into;
    return { entries: { ...whole, ...into?.entries }, texts: into?.texts ?? new Set(), chars };
  }
  if (key[prefix.length] !== '.' || key.length === prefix.length + 1) return into;
  const target = into ?? { entries: {}, texts: new Set(), chars };
  target.chars = chars;
  const name = key.slice(prefix.length + 1);
  define(target.entries, name, typeof value === 'string' ? parseIfJson(value, MAX_METADATA_VALUES) : value);
  if (typeof value === 'string') target.texts.add(name);
  return target;
}

/** Langfuse's otel/OtelIngestionProcessor.ts, parseMetadataAttribute. */
function wholeMetadata(witness: Witness, key: string, value: AttributeValue): Metadata | null {
  const parsed = typeof value === 'string' ? parsedOrUndefined(value, MAX_METADATA_VALUES) : value;
  if (typeof parsed !== 'object' || parsed === null) {
    const what =
      parsed === undefined ? unparsedWords(value as string, MAX_METADATA_VALUES) : typeOfValue(parsed);
    complain(witness, 'metadata-dropped', key, `must be a JSON object, but got ${what}: it is left out`);
    return null;
  }
  if (Array.isArray(parsed)) {
    complain(
      witness,
      'metadata-spread',
      key,
      'must be a JSON object, but got an array: it becomes an object with its indices',
    );
  }
  complainOfNulls(witness, key, parsed);
  return { ...(parsed as Metadata) };
}

export function complainOfNulls(witness: Witness, field: string, metadata: object): void {
  for (const [key, value] of Object.entries(metadata)) {
    if (value === null)
      complain(witness, 'metadata-null', `${field}.${key}`, 'must not be null: it becomes the text null');
  }
}
