/** Maps a span to an observation; null if the server's schema refuses it (Langfuse's ingestion/types.ts). */

import { levelOfName } from '../../records/vocabulary.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import { complain, nameOrType, type Subject } from '../findings.js';
import { payloadText, toJsonText } from '../json-text.js';
import type { Metadata } from '../merge.js';
import type { JsonText, Level, Micros, ObservationRow, ObservationType } from '../rows.js';
import { guessedType } from './gen-ai-attributes.js';
import { type AttributeValue, type OtlpSpan, STATUS_CODE_ERROR } from './otlp-span.js';
import {
  firstOf,
  isLangfuseScope,
  type Judged,
  judgedPayload,
  micros,
  REFUSED,
  type SortedAttributes,
  textOrRefused,
} from './span-attributes.js';
import { generationFields } from './span-generation.js';
import type { SpanPayloads } from './span-trace.js';

export function observationOf(
  span: OtlpSpan,
  sorted: SortedAttributes,
  subject: Subject,
  given: { environment: string; version: AttributeValue | null; payloads: SpanPayloads },
): ObservationRow | null {
  const type = typeOf(span, subject);
  // All are checked: one refused field does not hide another.
  const version = textOrRefused(subject, 'langfuse.version', given.version);
  const statusMessage = statusMessageOf(span, subject);
  const generation = generationFields(span, type, sorted, subject);
  if (generation === null || version === REFUSED || statusMessage === REFUSED) return null;
  return {
    id: span.spanId,
    traceId: span.traceId,
    parentId: span.parentSpanId === '' ? null : span.parentSpanId,
    type,
    level: levelOf(span, subject),
    ...timesOf(span, type, subject),
    name: span.name,
    statusMessage,
    version,
    environment: given.environment,
    ...generation,
    metadata: orNull(metadataOf(span, sorted)),
    ...given.payloads,
  };
}

/** Scope and resource of Langfuse's clients, including tailrace, say nothing about the application. */
function isOwnScope(span: OtlpSpan): boolean {
  return isLangfuseScope(span) || span.scope.name === 'tailrace';
}

/** Keys of Langfuse, OpenTelemetry, OpenInference and the Vercel AI SDK. */
const INPUT_KEYS = [
  'langfuse.observation.input',
  'gen_ai.input.messages',
  'input.value',
  'ai.prompt.messages',
  'ai.prompt',
  'ai.toolCall.args',
];
const OUTPUT_KEYS = [
  'langfuse.observation.output',
  'gen_ai.output.messages',
  'output.value',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.toolCall.result',
];

export function payloadsOf(span: OtlpSpan, subject: Subject): SpanPayloads {
  const judged = (keys: readonly string[]) =>
    judgedPayload(subject, keys[0] as string, firstOf(span, ...keys));
  return { input: judged(INPUT_KEYS), output: judged(OUTPUT_KEYS) };
}

const OBSERVATION_TYPE_NAMES: Record<string, ObservationType> = {
  span: 'SPAN',
  generation: 'GENERATION',
  event: 'EVENT',
  agent: 'AGENT',
  tool: 'TOOL',
  chain: 'CHAIN',
  retriever: 'RETRIEVER',
  evaluator: 'EVALUATOR',
  embedding: 'EMBEDDING',
  guardrail: 'GUARDRAIL',
};
const TYPE_KEY = 'langfuse.observation.type';

function typeOf(span: OtlpSpan, subject: Subject): ObservationType {
  const said = span.attributes.get(TYPE_KEY);
  if (said === undefined) return guessedType(span);
  if (typeof said === 'string' && Object.hasOwn(OBSERVATION_TYPE_NAMES, said))
    return OBSERVATION_TYPE_NAMES[said] as ObservationType;
  const guess = guessedType(span);
  const rule = `must be one of ${Object.keys(OBSERVATION_TYPE_NAMES).join(', ')}`;
  complain(
    subject,
    'observation-type-unknown',
    TYPE_KEY,
    `${rule}, but got ${nameOrType(said)}: it becomes ${guess}`,
  );
  return guess;
}

const LEVEL_KEY = 'langfuse.observation.level';

function levelOf({ attributes, status }: OtlpSpan, subject: Subject): Level {
  const said = attributes.get(LEVEL_KEY);
  const byStatus = status.code === STATUS_CODE_ERROR ? 'ERROR' : 'DEFAULT';
  if (said === undefined) return byStatus;
  const known = typeof said === 'string' ? levelOfName(said) : undefined;
  if (said === known) return known as Level;
  const code = known === undefined ? 'level-unknown' : 'level-renamed';
  const level = known ?? byStatus;
  complain(
    subject,
    code,
    LEVEL_KEY,
    `must be DEBUG, DEFAULT, WARNING or ERROR, but got ${nameOrType(said)}: it becomes ${level}`,
  );
  return level;
}

/** A failed span without a status message usually has the exception as an event. */
function statusMessageOf({ attributes, status, events }: OtlpSpan, subject: Subject): Judged<string> {
  const said = attributes.get('langfuse.observation.status_message');
  if (said !== undefined) return textOrRefused(subject, 'langfuse.observation.status_message', said);
  if (status.message !== '') return status.message;
  if (status.code !== STATUS_CODE_ERROR) return null;
  return payloadText(events.find(({ name }) => name === 'exception')?.attributes.get('exception.message'));
}

/** Events have no end time. */
function timesOf(
  span: OtlpSpan,
  type: ObservationType,
  subject: Subject,
): { startUs: Micros; endUs: Micros | null } {
  const times = judgedTimes(span, subject);
  if (type !== 'EVENT') return times;
  if (Math.floor(times.endUs / 1000) !== Math.floor(times.startUs / 1000)) {
    complain(subject, 'field-ignored', 'endTimeUnixNano', 'must be the start of an event: it is left out');
  }
  return { startUs: times.startUs, endUs: null };
}

function judgedTimes(span: OtlpSpan, subject: Subject): { startUs: Micros; endUs: Micros } {
  const start = micros(span.startTimeUnixNano);
  const end = micros(span.endTimeUnixNano);
  if (start !== null && end !== null) {
    if (start <= end) return { startUs: start, endUs: end };
    complain(
      subject,
      'end-before-start',
      'endTimeUnixNano',
      'must not be before startTimeUnixNano: it becomes the start',
    );
    return { startUs: start, endUs: start };
  }
  const fallback = start ?? end ?? systemNow() * 1000;
  const source = start === null && end === null ? 'the clock' : start === null ? 'the end' : 'the start';
  for (const [field, time] of [
    ['startTimeUnixNano', start],
    ['endTimeUnixNano', end],
  ] as const) {
    if (time === null)
      complain(subject, 'time-missing', field, `must be a time before 2255: it is taken from ${source}`);
  }
  return { startUs: start ?? fallback, endUs: end ?? fallback };
}

function orNull(metadata: Metadata | null): JsonText | null {
  return metadata && toJsonText(metadata);
}

/** The observation's metadata. Everything else on the span goes under keys of its own, so that nothing is lost. */
export function metadataOf(
  span: OtlpSpan,
  { observationMetadata, others }: SortedAttributes,
): Metadata | null {
  const withOrigin = !isOwnScope(span);
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
  return metadata;
}

function isoTime(unixNano: bigint): string | null {
  const time = new Date(Number(unixNano / 1_000_000n));
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
