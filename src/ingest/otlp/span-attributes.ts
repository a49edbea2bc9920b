/** Sorts a span's attributes by where a Langfuse server puts them, and reads single values from them. */

import { TRACE_MARKER } from '../../records/trace.js';
import { complain, type Subject, typeOfValue } from '../findings.js';
import { parseIfJson, payloadText } from '../json-text.js';
import { define } from '../merge.js';
import type { Micros } from '../rows.js';
import { judgedPlainValue } from '../server-values.js';
import type { AttributeValue, OtlpSpan } from './otlp-span.js';
import { type SpanMetadata, withMetadata } from './span-metadata.js';

/** The value of the first key that the span has. */
export function firstOf({ attributes }: OtlpSpan, ...keys: string[]): AttributeValue | undefined {
  for (const key of keys) {
    const value = attributes.get(key);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** The first value that is truthy in JavaScript, as a string. Other types become their JSON text. */
export function textOf(subject: Subject, { attributes }: OtlpSpan, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = attributes.get(key);
    if (!value) continue;
    if (typeof value === 'string') return value;
    complain(
      subject,
      'text-from-value',
      key,
      `must be a string, but got ${typeOfValue(value)}: it becomes its JSON text`,
    );
    return payloadText(value);
  }
  return null;
}

/** Only values that are truthy in JavaScript count (Langfuse's worker/src/services/IngestionService/index.ts). */
export function judgedPayload(
  subject: Subject,
  key: string,
  value: AttributeValue | undefined,
): string | null {
  if (value) return payloadText(value);
  if (value === 0 || value === false) {
    complain(subject, 'payload-falsy', key, `must not be ${typeOfValue(value)}: it counts as none`);
  }
  return null;
}

/** Null if the span has no value; `REFUSED` if the server's schema refuses the value. */
export type Judged<T> = T | null | typeof REFUSED;
export const REFUSED = Symbol('refused');

export function textOrRefused(subject: Subject, field: string, value: AttributeValue | null): Judged<string> {
  if (value === null || typeof value === 'string') return value;
  complain(subject, 'field-type', field, `must be a string, but got ${typeOfValue(value)}`);
  return REFUSED;
}

export function truthy(value: AttributeValue | undefined): boolean {
  return value === true || value === 'true';
}

/** 0 means "not set" in protobuf. From 2255 on microseconds are no longer exact. */
export function micros(unixNano: bigint): Micros | null {
  const value = Number(unixNano / 1000n);
  return value === 0 || !Number.isSafeInteger(value) ? null : value;
}

/** Reads a value that clients send as JSON text. */
export function json(value: AttributeValue | undefined): unknown {
  return typeof value === 'string' ? parseIfJson(value) : value;
}

/** Built in one pass, as this is most of the work of ingesting a span. */
export interface SortedAttributes {
  observationMetadata: SpanMetadata | null;
  traceMetadata: SpanMetadata | null;
  /** `gen_ai.request.temperature` and the like; the model has a column of its own. */
  requestParameters: Record<string, AttributeValue> | null;
  /** Attributes that have no column. */
  others: Record<string, AttributeValue> | null;
  /** Whether the span has observation attributes of Langfuse. Span processors put trace attributes on foreign spans as well. */
  isLangfuseSpan: boolean;
  /** Whether it updates its trace (Langfuse's otel/OtelIngestionProcessor.ts, hasTraceUpdates). */
  isTraceUpdate: boolean;
}

const OBSERVATION_METADATA_KEY = 'langfuse.observation.metadata';
const TRACE_METADATA_KEY = 'langfuse.trace.metadata';
/** These two apply to observation and trace. */
const COMMON_METADATA_KEY = 'langfuse.metadata';
const AI_METADATA_KEY = 'ai.telemetry.metadata';
const REQUEST_PREFIX = 'gen_ai.request.';

/** Attributes of OpenTelemetry and other instrumentations that have a column. */
const MAPPED_KEYS = new Set([
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

/** A span with a truthy value of one of these, or with any trace metadata, updates its trace. */
const TRACE_UPDATE_KEYS = new Set([
  'langfuse.trace.name',
  'langfuse.trace.input',
  'langfuse.trace.output',
  'langfuse.trace.public',
  'langfuse.trace.tags',
  'user.id',
  'session.id',
  'langfuse.user.id',
  'langfuse.session.id',
  `${OBSERVATION_METADATA_KEY}.langfuse_user_id`,
  `${OBSERVATION_METADATA_KEY}.langfuse_session_id`,
  `${OBSERVATION_METADATA_KEY}.langfuse_tags`,
  'ai.telemetry.metadata.sessionId',
  'ai.telemetry.metadata.userId',
  'ai.telemetry.metadata.tags',
  'tag.tags',
]);

/** Among the AI SDK's metadata these are fields of the trace or of the prompt. */
const AI_FIELDS = new Set(
  ['userId', 'sessionId', 'tags', 'langfusePrompt'].map((name) => `${AI_METADATA_KEY}.${name}`),
);

/** The server reads these in spans of any scope. */
const READ_BY_SOME_SERVER = /^(gen_ai|ai|llm|openinference|input|output|tag)\./;

export function isLangfuseScope({ scope }: OtlpSpan): boolean {
  return scope.name.startsWith('langfuse-sdk');
}

/** Replaces the values of Langfuse's own attributes with what a server would read. */
export function sortAttributes(span: OtlpSpan, subject: Subject): SortedAttributes {
  const sorted: SortedAttributes = {
    observationMetadata: null,
    traceMetadata: null,
    requestParameters: null,
    others: null,
    isLangfuseSpan: false,
    isTraceUpdate: false,
  };
  const keepsOthers = !isLangfuseScope(span);
  for (const [key, raw] of span.attributes) {
    const isOwn = key.startsWith('langfuse.');
    if (!isOwn && key !== 'user.id' && key !== 'session.id') {
      sortForeign(subject, sorted, key, raw, keepsOthers);
      if (raw && TRACE_UPDATE_KEYS.has(key)) sorted.isTraceUpdate = true;
      continue;
    }
    const value = judgedPlainValue(subject, key, raw);
    if (value !== raw) span.attributes.set(key, value);
    if (value && TRACE_UPDATE_KEYS.has(key)) sorted.isTraceUpdate = true;
    if (isOwn) sortOwn(subject, sorted, key, value, keepsOthers);
  }
  return sorted;
}

function sortOwn(
  subject: Subject,
  sorted: SortedAttributes,
  key: string,
  value: AttributeValue,
  keepsOthers: boolean,
): void {
  if (key.startsWith('langfuse.observation.')) sorted.isLangfuseSpan = true;
  if (key.startsWith(OBSERVATION_METADATA_KEY)) {
    sorted.observationMetadata = withMetadata(
      subject,
      sorted.observationMetadata,
      key,
      value,
      OBSERVATION_METADATA_KEY,
    );
  } else if (key.startsWith(TRACE_METADATA_KEY)) {
    sorted.isTraceUpdate = true;
    sorted.traceMetadata = withMetadata(subject, sorted.traceMetadata, key, value, TRACE_METADATA_KEY);
  } else if (key === COMMON_METADATA_KEY || key.startsWith(`${COMMON_METADATA_KEY}.`)) {
    addToBoth(subject, sorted, key, value, COMMON_METADATA_KEY);
  } else if (keepsOthers && !/^langfuse\.(trace|observation)\.(input|output)$/.test(key)) {
    sorted.others = withEntry(sorted.others, key, value);
  }
}

function sortForeign(
  subject: Subject,
  sorted: SortedAttributes,
  key: string,
  value: AttributeValue,
  keepsOthers: boolean,
): void {
  if (MAPPED_KEYS.has(key)) return;
  if (key.startsWith(`${AI_METADATA_KEY}.`)) {
    if (!AI_FIELDS.has(key)) addToBoth(subject, sorted, key, value, AI_METADATA_KEY);
    return;
  }
  if (keepsOthers) sorted.others = withEntry(sorted.others, key, value);
  else if (!READ_BY_SOME_SERVER.test(key)) {
    complain(
      subject,
      'attribute-not-kept',
      key,
      'is lost: a span of a langfuse-sdk scope keeps no attributes but those of Langfuse',
    );
  }
  if (key.startsWith(REQUEST_PREFIX) && key !== 'gen_ai.request.model') {
    sorted.requestParameters = withEntry(sorted.requestParameters, key.slice(REQUEST_PREFIX.length), value);
  }
}

function addToBoth(
  subject: Subject,
  sorted: SortedAttributes,
  key: string,
  value: AttributeValue,
  prefix: string,
): void {
  sorted.observationMetadata = withMetadata(subject, sorted.observationMetadata, key, value, prefix);
  sorted.traceMetadata = withMetadata(subject, sorted.traceMetadata, key, value, prefix);
}

function withEntry<T>(into: Record<string, T> | null, key: string, value: T): Record<string, T> {
  const target = into ?? {};
  define(target, key, value);
  return target;
}
