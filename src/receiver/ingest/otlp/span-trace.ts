/** What a span says of its trace (Langfuse's otel/OtelIngestionProcessor.ts, createTraceEvent). */

import { complain, typeOfValue, type Witness } from '../../complaints/findings.js';
import { parsedOrUndefined, payloadText } from '../../json-text.js';
import { emptyState, say, sayMetadata, type TracePayload, type TraceState } from '../../store/trace-state.js';
import { judgedEnvironment } from '../server-values.js';
import type { AttributeValue, OtlpSpan } from './otlp-span.js';
import { judgedPayload, micros, type SortedAttributes, textOf, truthy } from './span-attributes.js';
import type { SpanMetadata } from './span-metadata.js';

const USER_KEYS = [
  'langfuse.user.id',
  'user.id',
  'langfuse.observation.metadata.langfuse_user_id',
  'langfuse.trace.metadata.langfuse_user_id',
  'ai.telemetry.metadata.userId',
];
const SESSION_KEYS = [
  'langfuse.session.id',
  'session.id',
  'gen_ai.conversation.id',
  'langfuse.observation.metadata.langfuse_session_id',
  'langfuse.trace.metadata.langfuse_session_id',
  'ai.telemetry.metadata.sessionId',
];
const TAG_KEYS = [
  'langfuse.trace.tags',
  'langfuse.tags',
  'langfuse.observation.metadata.langfuse_tags',
  'langfuse.trace.metadata.langfuse_tags',
  'ai.telemetry.metadata.tags',
  'tag.tags',
];
const MAX_TRACE_NAME_CHARS = 1000;

/** The server's conversion of the span throws: the whole request is lost. */
export class ConversionFails extends Error {}

export interface SpanPayloads {
  input: string | null;
  output: string | null;
}

export interface TraceEventOptions {
  /** Without a parent, or said to be the root. */
  isRoot: boolean;
  /** tailrace's trace record. */
  isRecord: boolean;
  /** Where it is none, its payloads are stored with the trace. */
  isObservation: boolean;
  environment: string;
  version: AttributeValue | null;
  payloads: SpanPayloads;
}

export function traceStateOf(
  span: OtlpSpan,
  sorted: SortedAttributes,
  witness: Witness,
  { isRoot, isRecord, isObservation, environment, version, payloads }: TraceEventOptions,
): TraceState {
  const { attributes, resource } = span;
  const timeMs = eventTime(span);
  const state = emptyState(span.traceId);
  state.hasRecord = isRecord;
  if (isRecord) {
    state.ownStartUs = micros(span.startTimeUnixNano);
    state.ownEndUs = micros(span.endTimeUnixNano);
  }
  const said = attributes.get('langfuse.trace.name');
  const name = said ?? (isRoot ? span.name : null);
  const release = attributes.get('langfuse.release') ?? resource.attributes.get('langfuse.release') ?? null;
  const userId = textOf(witness, span, USER_KEYS);
  const sessionId = textOf(witness, span, SESSION_KEYS);
  const isPublic = publicOf(span, witness);
  const tags = tagsOf(span, witness);
  state.arrived = {
    name: asColumn(said),
    rootName: span.parentSpanId === '' ? span.name : null,
    userId,
    sessionId,
    release: asColumn(release),
    version: asColumn(version),
    tags,
    public: isPublic === true ? 1 : 0,
  };
  if (!isRoot && !sorted.isTraceUpdate) {
    state.shallowMs = timeMs;
    state.environment = environment;
    return state;
  }
  // Both are looked at: one refused field does not hide another.
  const isNameRight = isTraceName(witness, name);
  const isReleaseRight = isTextOrNothing(witness, 'langfuse.release', release);
  if (!isNameRight || !isReleaseRight || !(version === null || typeof version === 'string')) return state;

  state.environment = environment;
  state.eventMs = timeMs;
  if (name !== null) say(state, 'name', name as string, timeMs);
  say(state, 'release', release as string | null, timeMs);
  say(state, 'version', version, timeMs);
  say(state, 'public', isPublic === true ? 1 : 0, timeMs);
  if (userId !== null) say(state, 'userId', userId, timeMs);
  if (sessionId !== null) say(state, 'sessionId', sessionId, timeMs);
  state.tags = [...new Set(tags)].sort();
  const { traceMetadata, observationMetadata } = sorted;
  const metadata = isRoot ? joined(traceMetadata, observationMetadata) : traceMetadata;
  if (metadata !== null) sayMetadata(state, metadata.entries, timeMs, metadata.texts);
  if (isRoot && isObservation) say(state, 'rootId', span.spanId, timeMs);
  for (const side of ['input', 'output'] as const) {
    const payload = payloadOf(span, witness, side, isRoot ? payloads[side] : null, isObservation);
    if (payload !== null) say(state, side, payload, timeMs);
  }
  return state;
}

/** Langfuse 4 judges by no schema: its column of texts takes numbers, booleans and lists as well. */
function asColumn(value: AttributeValue | undefined): string | null {
  return typeof value === 'string' ? value : payloadText(value);
}

/** The start in whole milliseconds; where there is none the end, or now. */
function eventTime({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan): number {
  const nano = startTimeUnixNano === 0n ? endTimeUnixNano : startTimeUnixNano;
  return nano === 0n ? Date.now() : Number(nano / 1_000_000n);
}

function payloadOf(
  span: OtlpSpan,
  witness: Witness,
  side: 'input' | 'output',
  ofRoot: string | null,
  isObservation: boolean,
): TracePayload | null {
  const key = `langfuse.trace.${side}`;
  const own = judgedPayload(witness, key, span.attributes.get(key));
  if (own !== null) return { text: own };
  if (!ofRoot) return null;
  return isObservation ? { of: span.spanId } : { text: ofRoot };
}

function joined(under: SpanMetadata | null, over: SpanMetadata | null): SpanMetadata | null {
  if (under === null || over === null) return under ?? over;
  const kept = [...under.texts].filter((key) => !Object.hasOwn(over.entries, key));
  return {
    entries: { ...under.entries, ...over.entries },
    texts: new Set([...kept, ...over.texts]),
    chars: under.chars + over.chars,
  };
}

function isTraceName(witness: Witness, name: AttributeValue | null): boolean {
  if (!isTextOrNothing(witness, 'langfuse.trace.name', name)) return false;
  if (name === null || (name as string).length <= MAX_TRACE_NAME_CHARS) return true;
  const got = `but got ${(name as string).length}`;
  complain(
    witness,
    'trace-name-too-long',
    'langfuse.trace.name',
    `must have at most ${MAX_TRACE_NAME_CHARS} characters, ${got}`,
  );
  return false;
}

function isTextOrNothing(witness: Witness, field: string, value: AttributeValue | null): boolean {
  if (value === null || typeof value === 'string') return true;
  complain(
    witness,
    'trace-field-type',
    field,
    `must be a string, but got ${typeOfValue(value)}: the trace event is lost`,
  );
  return false;
}

/** Undefined: not said. */
function publicOf({ attributes }: OtlpSpan, witness: Witness): boolean | undefined {
  const key = attributes.has('langfuse.trace.public') ? 'langfuse.trace.public' : 'langfuse.public';
  const value = attributes.get(key);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean' && value !== 'true' && value !== 'false') {
    complain(
      witness,
      'public-not-boolean',
      key,
      `must be true or false, but got ${typeOfValue(value)}: the trace is not public`,
    );
  }
  return truthy(value);
}

function tagsOf({ attributes }: OtlpSpan, witness: Witness): string[] {
  const key = TAG_KEYS.find((candidate) => attributes.get(candidate));
  if (key === undefined) return [];
  const value = attributes.get(key);
  const isJsonList = typeof value === 'string' && value.trim().startsWith('[');
  const list = isJsonList ? parsedOrUndefined(value) : value;
  if (Array.isArray(list)) return tagTexts(witness, key, list as unknown[]);
  if (typeof value === 'string') {
    if (!value.includes(',')) return [value];
    complain(
      witness,
      'tags-changed',
      key,
      'must be an array of strings, but got a string: it is split at its commas',
    );
    return value.split(',').map((tag) => tag.trim());
  }
  complain(
    witness,
    'tags-ignored',
    key,
    `must be an array of strings, but got ${typeOfValue(value)}: they are left out`,
  );
  return [];
}

function tagTexts(witness: Witness, key: string, list: unknown[]): string[] {
  if (list.every((tag) => typeof tag === 'string')) return list as string[];
  const wrong = list.find((tag) => typeof tag !== 'string');
  try {
    const texts = list.map(String);
    complain(
      witness,
      'tags-changed',
      key,
      `must be an array of strings, but one is ${typeOfValue(wrong)}: each becomes text`,
    );
    return texts;
  } catch {
    // An object with a toString that is no function.
    complain(
      witness,
      'conversion-fails',
      key,
      'must be an array of strings, but holds an object that no text can be made of: the whole request is lost',
    );
    throw new ConversionFails();
  }
}

const ENVIRONMENT_KEYS = ['langfuse.environment', 'deployment.environment.name', 'deployment.environment'];

export function environmentOf({ attributes, resource }: OtlpSpan, witness: Witness): string {
  for (const key of ENVIRONMENT_KEYS) {
    const value = attributes.get(key) || resource.attributes.get(key);
    if (value) return judgedEnvironment(witness, key, value);
  }
  return 'default';
}
