/** A span's metadata as a server makes it of the attributes, and where everything goes that has no place of its own. */

import { complain, typeOfValue, type Witness } from '../complaints/complaints.js';
import type { JsonText } from '../store/rows.js';
import {
  isObject,
  maxMetadataValues,
  parsedOrUndefined,
  parseIfJson,
  toJsonText,
  unparsedWords,
} from './json-text.js';
import type { AttributeValue, OtlpSpan } from './otlp-types.js';
import { define } from './server-values.js';
import type { SortedAttributes } from './span-attributes.js';

export type Metadata = Record<string, unknown>;

/** Of a span: its entries, and which of them are text to the server, although they are shown as the JSON that they hold. */
export interface SpanMetadata {
  entries: Metadata;
  texts: Set<string>;
  /** Of the texts. */
  chars: number;
}

/** Metadata are written with the observation and merged into the trace, each time as a whole. */
const maxMetadataChars = 16 * 1024 * 1024;

/** `prefix.KEY` is one entry; `prefix` itself may hold an object as JSON. */
export function withMetadata(
  witness: Witness,
  into: SpanMetadata | null,
  key: string,
  value: AttributeValue,
  prefix: string,
): SpanMetadata | null {
  const chars = (into?.chars ?? 0) + (typeof value === 'string' ? value.length : 0);
  if (chars > maxMetadataChars) {
    const rule = `must make no more than ${maxMetadataChars} characters with the other metadata`;
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
  define(target.entries, name, typeof value === 'string' ? parseIfJson(value, maxMetadataValues) : value);
  if (typeof value === 'string') target.texts.add(name);
  return target;
}

/** Langfuse's otel/OtelIngestionProcessor.ts, parseMetadataAttribute. */
function wholeMetadata(witness: Witness, key: string, value: AttributeValue): Metadata | null {
  const parsed = typeof value === 'string' ? parsedOrUndefined(value, maxMetadataValues) : value;
  if (typeof parsed !== 'object' || parsed === null) {
    const what =
      parsed === undefined ? unparsedWords(value as string, maxMetadataValues) : typeOfValue(parsed);
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

/** The observation's metadata, and under keys of their own whatever else the span carries, so that nothing is lost. */
export function metadataOf(
  span: OtlpSpan,
  { observationMetadata, others }: SortedAttributes,
  withOrigin: boolean,
): JsonText | null {
  const hasMore = others !== null || span.events.length + span.links.length > 0 || withOrigin;
  if (observationMetadata === null && !hasMore) return null;
  const metadata: Metadata = { ...observationMetadata?.entries };
  if (others !== null) metadata.attributes = others;
  if (span.events.length > 0) {
    metadata.events = span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      time: isoTime(timeUnixNano),
      attributes: Object.fromEntries(attributes),
    }));
  }
  if (span.links.length > 0) {
    metadata.links = span.links.map((link) => ({ ...link, attributes: Object.fromEntries(link.attributes) }));
  }
  if (withOrigin) {
    metadata.resourceAttributes = Object.fromEntries(span.resource.attributes);
    metadata.scope = { ...span.scope, attributes: Object.fromEntries(span.scope.attributes) };
  }
  return toJsonText(metadata);
}

/**
 * Metadata as lodash's `merge` joins them, `over` above `under`: objects and lists member by member, null wins.
 * `under` is changed, at any depth: what a thousand events say of one key is not a thousand copies.
 */
export function mergeDeep(under: Metadata, over: Metadata): Metadata {
  for (const [key, value] of Object.entries(over)) {
    define(under, key, mergedValue(Object.hasOwn(under, key) ? under[key] : undefined, value));
  }
  return under;
}

/** The same for one value that stands below another; where both are objects `over` is changed, and else `under`. */
export function mergeBelow(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return mergedValue(under, over);
  for (const [key, value] of Object.entries(under)) {
    define(over, key, Object.hasOwn(over, key) ? mergeBelow(value, over[key]) : value);
  }
  return over;
}

export function mergedValue(under: unknown, over: unknown): unknown {
  if (Array.isArray(over)) {
    return mergeDeep((Array.isArray(under) ? under : []) as unknown as Metadata, over as unknown as Metadata);
  }
  if (!isObject(over)) return over;
  if (!Array.isArray(under)) return mergeDeep(isObject(under) ? under : {}, over);
  return mergeDeep(under as unknown as Metadata, itemsOf(over));
}

/** A list shows no keys but its indices when it is written as JSON; and one key may not make it four billion items long. */
function itemsOf(over: Metadata): Metadata {
  return Object.fromEntries(Object.entries(over).filter(([key]) => /^(?:0|[1-9]\d{0,3})$/.test(key)));
}

function isoTime(unixNano: bigint): string | null {
  const time = new Date(Number(unixNano / 1_000_000n));
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
