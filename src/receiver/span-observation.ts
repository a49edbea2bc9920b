/** A span as an observation, or null where the server's schema refuses it (Langfuse's ingestion/types.ts). */

import { type Details, totalOf } from '../usage/details.js';
import { complain, typeOfValue, type Witness, wordOrType } from './complaints.js';
import { genAiCost, genAiUsage, guessedType } from './gen-ai-attributes.js';
import { isObject, payloadText, toJsonText } from './json-text.js';
import { type AttributeValue, type OtlpSpan, statusCodeError } from './otlp-types.js';
import type { Level, Micros, ObservationRow, ObservationType } from './rows.js';
import { judgedCost, judgedUsage } from './server-usage.js';
import { isIsoTime, judgedModelParameters, microsOfIso, parsedOrUndefined } from './server-values.js';
import { firstOf, isLangfuseScope, micros, type SortedAttributes, textOf } from './span-attributes.js';
import { metadataOf } from './span-metadata.js';
import type { SpanPayloads } from './span-trace.js';

/** Null where the span says none; `refused` where the server's schema has no such value. */
type Judged<T> = T | null | typeof refused;
const refused = Symbol('refused');

export function observationOf(
  span: OtlpSpan,
  sorted: SortedAttributes,
  witness: Witness,
  given: { environment: string; version: AttributeValue | null; payloads: SpanPayloads },
): ObservationRow | null {
  const { attributes } = span;
  const type = typeOf(span, witness);
  const usageDetails = usageOf(span, witness);
  const costDetails = costOf(span, witness);
  const parameters = judgedModelParameters(witness, attributes.get('langfuse.observation.model.parameters'));
  // All are looked at: one that is refused does not hide another.
  const version = textOrRefused(witness, 'langfuse.version', given.version);
  const statusMessage = statusMessageOf(span, witness);
  const completionStartUs = completionStartOf(attributes.get(completionKey), witness);
  const prompt = promptOf(span, type, witness);
  if (parameters === null || version === refused || statusMessage === refused) return null;
  if (completionStartUs === refused || prompt === refused) return null;
  return {
    id: span.spanId,
    traceId: span.traceId,
    parentId: span.parentSpanId === '' ? null : span.parentSpanId,
    type,
    level: levelOf(span, witness),
    ...timesOf(span, witness),
    totalTokens: totalOf(usageDetails),
    totalCost: totalOf(costDetails),
    name: span.name,
    completionStartUs,
    statusMessage,
    version,
    environment: given.environment,
    model: textOf(witness, span, modelKeys),
    modelParameters: payloadText(parameters ?? sorted.requestParameters),
    usageDetails: usageDetails && toJsonText(usageDetails),
    costDetails: costDetails && toJsonText(costDetails),
    promptName: prompt?.name ?? null,
    promptVersion: prompt?.version ?? null,
    metadata: metadataOf(span, sorted, !isOwnScope(span)),
    ...given.payloads,
  };
}

const modelKeys = ['langfuse.observation.model.name', 'gen_ai.response.model', 'gen_ai.request.model'];

/** The scope and the resource of Langfuse's clients, tailrace among them, tell nothing about an application. */
function isOwnScope(span: OtlpSpan): boolean {
  return isLangfuseScope(span) || span.scope.name === 'tailrace';
}

/** Langfuse's own, OpenTelemetry's, OpenInference's, those of the Vercel AI SDK. */
const inputKeys = [
  'langfuse.observation.input',
  'gen_ai.input.messages',
  'input.value',
  'ai.prompt.messages',
  'ai.prompt',
  'ai.toolCall.args',
];
const outputKeys = [
  'langfuse.observation.output',
  'gen_ai.output.messages',
  'output.value',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.toolCall.result',
];

/** An empty text counts as none (Langfuse's worker/src/services/IngestionService/index.ts, processObservationEventList). */
export function payloadsOf(span: OtlpSpan): SpanPayloads {
  return {
    input: payloadText(firstOf(span, ...inputKeys)) || null,
    output: payloadText(firstOf(span, ...outputKeys)) || null,
  };
}

const observationTypeNames: Record<string, ObservationType> = {
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
const typeKey = 'langfuse.observation.type';

function typeOf(span: OtlpSpan, witness: Witness): ObservationType {
  const said = span.attributes.get(typeKey);
  if (said === undefined) return guessedType(span);
  if (typeof said === 'string' && Object.hasOwn(observationTypeNames, said))
    return observationTypeNames[said] as ObservationType;
  const guess = guessedType(span);
  const rule = `must be one of ${Object.keys(observationTypeNames).join(', ')}`;
  complain(
    witness,
    'observation-type-unknown',
    typeKey,
    `${rule}, but got ${wordOrType(said)}: it becomes ${guess}`,
  );
  return guess;
}

/** Words of other vocabularies that the server understands, and its own. */
const levelOfWord: Record<string, Level> = {
  DEBUG: 'DEBUG',
  TRACE: 'DEBUG',
  VERBOSE: 'DEBUG',
  DEFAULT: 'DEFAULT',
  INFO: 'DEFAULT',
  LOG: 'DEFAULT',
  NOTICE: 'DEFAULT',
  OK: 'DEFAULT',
  SUCCESS: 'DEFAULT',
  WARNING: 'WARNING',
  WARN: 'WARNING',
  ERROR: 'ERROR',
  FATAL: 'ERROR',
  CRITICAL: 'ERROR',
};
const levelKey = 'langfuse.observation.level';

function levelOf({ attributes, status }: OtlpSpan, witness: Witness): Level {
  const said = attributes.get(levelKey);
  const byStatus = status.code === statusCodeError ? 'ERROR' : 'DEFAULT';
  if (said === undefined) return byStatus;
  const word = typeof said === 'string' ? said.trim().toUpperCase() : '';
  const known = Object.hasOwn(levelOfWord, word) ? levelOfWord[word] : undefined;
  if (said === known) return known as Level;
  const code = known === undefined ? 'level-unknown' : 'level-renamed';
  const level = known ?? byStatus;
  complain(
    witness,
    code,
    levelKey,
    `must be DEBUG, DEFAULT, WARNING or ERROR, but got ${wordOrType(said)}: it becomes ${level}`,
  );
  return level;
}

/** A failed span without a message of its own mostly carries the exception as an event. */
function statusMessageOf({ attributes, status, events }: OtlpSpan, witness: Witness): Judged<string> {
  const said = attributes.get('langfuse.observation.status_message');
  if (said !== undefined) return textOrRefused(witness, 'langfuse.observation.status_message', said);
  if (status.message !== '') return status.message;
  if (status.code !== statusCodeError) return null;
  return payloadText(events.find(({ name }) => name === 'exception')?.attributes.get('exception.message'));
}

function textOrRefused(witness: Witness, field: string, value: AttributeValue | null): Judged<string> {
  if (value === null || typeof value === 'string') return value;
  complain(witness, 'field-type', field, `must be a string, but got ${typeOfValue(value)}`);
  return refused;
}

const completionKey = 'langfuse.observation.completion_start_time';

/** Langfuse's clients write this time as a JSON string, in double quotes; others without. */
function completionStartOf(value: AttributeValue | undefined, witness: Witness): Judged<Micros> {
  if (value === undefined) return null;
  const candidates = [value, typeof value === 'string' ? parsedOrUndefined(value) : value];
  const time = candidates.find(isTimeOfJavaScript);
  if (isIsoTime(time)) return microsOfIso(time);
  if (time !== undefined) {
    complain(
      witness,
      'time-format',
      completionKey,
      `must be an ISO 8601 time with an offset, but got ${typeOfValue(time)} of another form`,
    );
    return refused;
  }
  complain(
    witness,
    'time-ignored',
    completionKey,
    `must be an ISO 8601 time, but got ${typeOfValue(value)}: it is left out`,
  );
  return null;
}

function isTimeOfJavaScript(value: unknown): boolean {
  const isReadable = ['string', 'number', 'boolean'].includes(typeof value);
  return isReadable && !Number.isNaN(new Date(value as string | number).getTime());
}

function timesOf(span: OtlpSpan, witness: Witness): { startUs: Micros; endUs: Micros } {
  const start = micros(span.startTimeUnixNano);
  const end = micros(span.endTimeUnixNano);
  if (start !== null && end !== null) {
    if (start <= end) return { startUs: start, endUs: end };
    complain(
      witness,
      'end-before-start',
      'endTimeUnixNano',
      'must not be before startTimeUnixNano: it becomes the start',
    );
    return { startUs: start, endUs: start };
  }
  const fallback = start ?? end ?? Date.now() * 1000;
  const source = start === null && end === null ? 'the clock' : start === null ? 'the end' : 'the start';
  for (const [field, time] of [
    ['startTimeUnixNano', start],
    ['endTimeUnixNano', end],
  ] as const) {
    if (time === null)
      complain(witness, 'time-missing', field, `must be a time before 2255: it is taken from ${source}`);
  }
  return { startUs: start ?? fallback, endUs: end ?? fallback };
}

const usageKey = 'langfuse.observation.usage_details';
const costKey = 'langfuse.observation.cost_details';

function usageOf(span: OtlpSpan, witness: Witness): Details | null {
  const details = jsonObjectAt(span, usageKey, 'usage-ignored', witness);
  if (details === undefined) return genAiUsage(span);
  return details && judgedUsage(witness, usageKey, details);
}

function costOf(span: OtlpSpan, witness: Witness): Details | null {
  const details = jsonObjectAt(span, costKey, 'cost-ignored', witness);
  if (details === undefined) return genAiCost(span);
  return details && judgedCost(witness, costKey, details);
}

/** `undefined`: other attributes are asked; `null`: there is none (Langfuse's parseJsonObjectAttribute). */
function jsonObjectAt(
  { attributes }: OtlpSpan,
  key: string,
  code: 'usage-ignored' | 'cost-ignored',
  witness: Witness,
): Record<string, unknown> | null | undefined {
  const value = attributes.get(key);
  if (value === undefined || value === null) return undefined;
  const parsed = typeof value === 'string' ? parsedOrUndefined(value) : value;
  if (typeof value === 'string' && isObject(parsed)) return parsed;
  const what = parsed === undefined ? 'a string that is not JSON' : typeOfValue(parsed);
  complain(witness, code, key, `must be the JSON of an object, but got ${what}: it is left out`);
  return value && parsed !== undefined ? null : undefined;
}

const promptNameKey = 'langfuse.observation.prompt.name';
const promptVersionKey = 'langfuse.observation.prompt.version';

function promptOf(
  span: OtlpSpan,
  type: ObservationType,
  witness: Witness,
): Judged<{ name: string; version: number }> {
  const name = firstOf(span, promptNameKey, 'langfuse.prompt.name');
  const version = firstOf(span, promptVersionKey, 'langfuse.prompt.version');
  if (name === undefined && version === undefined) return null;
  if (type !== 'GENERATION') {
    const field = name === undefined ? promptVersionKey : promptNameKey;
    complain(
      witness,
      'prompt-ignored',
      field,
      `must be on a generation, but this is of the type ${type}: it is left out`,
    );
    return null;
  }
  if (name !== undefined && typeof name !== 'string')
    return textOrRefused(witness, promptNameKey, name) as typeof refused;
  if (version !== undefined && !Number.isSafeInteger(version)) {
    complain(
      witness,
      'prompt-version-type',
      promptVersionKey,
      `must be an integer, but got ${typeOfValue(version)}`,
    );
    return refused;
  }
  if (!name && !version) return null;
  if (name && version) return { name, version: version as number };
  const [given, missing] = name ? [promptNameKey, promptVersionKey] : [promptVersionKey, promptNameKey];
  const problem = name && version === 0 ? 'and version 0 is none' : `but ${missing} is missing`;
  complain(witness, 'prompt-incomplete', given, `must come with ${missing}, ${problem}`);
  return refused;
}
