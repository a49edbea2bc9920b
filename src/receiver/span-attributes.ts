/** How single values are read from a span's attributes: texts, payloads, times, metadata, OpenTelemetry's gen_ai keys. */

import { TRACE_MARKER } from '../shared/records.js';
import type { Details } from '../usage/details.js';
import { isObject, parseIfJson, payloadText, toJsonText } from './json-text.js';
import type { Attributes, AttributeValue, OtlpSpan } from './otlp-types.js';
import type { JsonText, Micros } from './rows.js';

/** The first of the keys that the span carries. */
export function firstOf({ attributes }: OtlpSpan, ...keys: string[]): AttributeValue | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

export function text(value: AttributeValue | undefined): string | null {
  return typeof value === 'string' ? value : payloadText(value);
}

export function truthy(value: AttributeValue | undefined): boolean {
  return value === true || value === 'true';
}

/** Zero is how protobuf says "not set"; beyond 2255 microseconds cease to be exact, and no clock is right. */
export function micros(unixNano: bigint): Micros | null {
  const value = Number(unixNano / 1000n);
  return value === 0 || !Number.isSafeInteger(value) ? null : value;
}

/** A value that clients send as JSON text. */
export function json(value: AttributeValue | undefined): unknown {
  return typeof value === 'string' ? parseIfJson(value) : value;
}

/** Langfuse's clients write this time as a JSON string, in double quotes; others without. */
export function timeOf(value: AttributeValue | undefined): Micros | null {
  const time = Date.parse(String(json(value) ?? '')) * 1000;
  return Number.isSafeInteger(time) ? time : null;
}

export function tagsOf(value: AttributeValue | undefined): JsonText | null {
  const list = json(value);
  if (typeof list === 'string' && list !== '') return toJsonText([list]);
  return Array.isArray(list) ? toJsonText(list.map(String)) : null;
}

export function environmentOf(span: OtlpSpan): string | null {
  const keys = ['langfuse.environment', 'deployment.environment.name', 'deployment.environment'];
  for (const key of keys) {
    const value = span.attributes.get(key) ?? span.resource.attributes.get(key);
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

/** A span's attributes by where they go; made in one pass, since this is most of the work of taking a span. */
export interface SortedAttributes {
  observationMetadata: Record<string, unknown> | null;
  traceMetadata: Record<string, unknown> | null;
  /** `gen_ai.request.temperature` and the like; the model has a column of its own. */
  requestParameters: Record<string, AttributeValue> | null;
  /** What has no place of its own in the row. */
  others: Record<string, AttributeValue> | null;
}

const observationMetadataKey = 'langfuse.observation.metadata';
const traceMetadataKey = 'langfuse.trace.metadata';
const requestPrefix = 'gen_ai.request.';
const mappedKeys = new Set([
  'user.id',
  'session.id',
  TRACE_MARKER,
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'input.value',
  'output.value',
  'ai.prompt.messages',
  'ai.prompt',
  'ai.response.text',
  'ai.response.object',
  'ai.toolCall.args',
  'ai.toolCall.result',
]);

export function sortAttributes({ attributes }: OtlpSpan): SortedAttributes {
  const sorted: SortedAttributes = {
    observationMetadata: null,
    traceMetadata: null,
    requestParameters: null,
    others: null,
  };
  for (const [key, value] of attributes) {
    if (key.startsWith('langfuse.')) {
      if (key.startsWith(observationMetadataKey)) {
        sorted.observationMetadata = withMetadata(
          sorted.observationMetadata,
          key,
          value,
          observationMetadataKey,
        );
      } else if (key.startsWith(traceMetadataKey)) {
        sorted.traceMetadata = withMetadata(sorted.traceMetadata, key, value, traceMetadataKey);
      }
      continue;
    }
    if (mappedKeys.has(key)) continue;
    sorted.others = withEntry(sorted.others, key, value);
    if (key.startsWith(requestPrefix) && key !== 'gen_ai.request.model') {
      sorted.requestParameters = withEntry(sorted.requestParameters, key.slice(requestPrefix.length), value);
    }
  }
  return sorted;
}

/** `prefix.KEY` is one entry; `prefix` itself may hold an object as JSON. */
function withMetadata(
  into: Record<string, unknown> | null,
  key: string,
  value: AttributeValue,
  prefix: string,
) {
  if (key[prefix.length] === '.') return withEntry(into, key.slice(prefix.length + 1), json(value));
  if (key.length !== prefix.length) return into;
  const whole = json(value);
  return isObject(whole) ? { ...whole, ...into } : withEntry(into, 'metadata', whole);
}

/** Defined, not assigned: `__proto__` is a key like any other. */
function withEntry<T>(into: Record<string, T> | null, key: string, value: T): Record<string, T> {
  const target = into ?? {};
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
  return target;
}

/** The observation's metadata, and under keys of their own whatever else the span carries, so that nothing is lost. */
export function metadataOf(
  span: OtlpSpan,
  { observationMetadata, others }: SortedAttributes,
  withOrigin: boolean,
): JsonText | null {
  if (
    observationMetadata === null &&
    others === null &&
    span.events.length + span.links.length === 0 &&
    !withOrigin
  )
    return null;
  const metadata: Record<string, unknown> = observationMetadata ?? {};
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

/** The specification counts cached and reasoning tokens within input and output; here each token has one key. */
export function genAiUsage({ attributes }: OtlpSpan): Details | null {
  const usage: Details = {};
  const input = numberAt(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens');
  const output = numberAt(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens');
  const total = numberAt(attributes, 'gen_ai.usage.total_tokens');
  if (input !== null) usage.input = input;
  if (output !== null) usage.output = output;
  if (total !== null) usage.total = total;
  const parts = [
    ['gen_ai.usage.cache_read.input_tokens', 'input', 'input_cache_read'],
    ['gen_ai.usage.cache_creation.input_tokens', 'input', 'input_cache_creation'],
    ['gen_ai.usage.reasoning.output_tokens', 'output', 'output_reasoning'],
  ] as const;
  for (const [key, side, name] of parts) {
    const part = numberAt(attributes, key);
    if (part === null) continue;
    usage[name] = part;
    if (usage[side] !== undefined) usage[side] = Math.max(0, usage[side] - part);
  }
  return Object.keys(usage).length === 0 ? null : usage;
}

export function genAiCost({ attributes }: OtlpSpan): Details | null {
  const total = numberAt(attributes, 'gen_ai.usage.cost');
  return total === null ? null : { total };
}

function numberAt(attributes: Attributes, ...keys: string[]): number | null {
  for (const key of keys) {
    const value = Number(attributes.get(key) ?? Number.NaN);
    if (Number.isFinite(value)) return value;
  }
  return null;
}

function isoTime(unixNano: bigint): string | null {
  const time = new Date(Number(unixNano / 1_000_000n));
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
