/** Maps a span to an update of its trace (Langfuse's otel/OtelIngestionProcessor.ts, createTraceEvent). */

import { systemNow } from '../../shared/runtime/real-time.js';
import { complain, type Subject, typeOfValue } from '../findings.js';
import { payloadText } from '../json-text.js';
import { judgedEnvironment } from '../server-values.js';
import { emptyState, setField, setMetadata, type TracePayload, type TraceState } from '../trace-state.js';
import type { AttributeValue, OtlpSpan } from './otlp-span.js';
import { judgedPayload, micros, type SortedAttributes, textOf, truthy } from './span-attributes.js';
import type { SpanMetadata } from './span-metadata.js';
import { tagsOf } from './span-tags.js';

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
const MAX_TRACE_NAME_CHARS = 1000;

export interface SpanPayloads {
  input: string | null;
  output: string | null;
}

interface TraceEventOptions {
  /** Without a parent, or marked as the root. */
  isRoot: boolean;
  /** Whether the span is tailrace's trace record. */
  isRecord: boolean;
  /** If it is no observation, its payloads are stored with the trace. */
  isObservation: boolean;
  environment: string;
  version: AttributeValue | null;
  payloads: SpanPayloads;
}

export function traceStateOf(
  span: OtlpSpan,
  sorted: SortedAttributes,
  subject: Subject,
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
  const userId = textOf(subject, span, USER_KEYS);
  const sessionId = textOf(subject, span, SESSION_KEYS);
  const isPublic = publicOf(span, subject);
  const tags = tagsOf(span, subject);
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
  // Both are checked: one refused field does not hide another.
  const isNameRight = isTraceName(subject, name);
  const isReleaseRight = isTextOrNothing(subject, 'langfuse.release', release);
  if (!isNameRight || !isReleaseRight || !(version === null || typeof version === 'string')) return state;

  state.environment = environment;
  state.eventMs = timeMs;
  if (name !== null) setField(state, 'name', name as string, timeMs);
  setField(state, 'release', release as string | null, timeMs);
  setField(state, 'version', version, timeMs);
  setField(state, 'public', isPublic === true ? 1 : 0, timeMs);
  if (userId !== null) setField(state, 'userId', userId, timeMs);
  if (sessionId !== null) setField(state, 'sessionId', sessionId, timeMs);
  state.tags = [...new Set(tags)].sort();
  const metadata = traceMetadataOf(sorted, isRoot);
  if (metadata !== null) setMetadata(state, metadata.entries, timeMs, metadata.texts);
  if (isRoot && isObservation) setField(state, 'rootId', span.spanId, timeMs);
  for (const side of ['input', 'output'] as const) {
    const payload = payloadOf(span, subject, side, isRoot ? payloads[side] : null, isObservation);
    if (payload !== null) setField(state, side, payload, timeMs);
  }
  return state;
}

/** Langfuse 4 has no schema here: its text columns accept numbers, booleans and lists as well. */
function asColumn(value: AttributeValue | undefined): string | null {
  return typeof value === 'string' ? value : payloadText(value);
}

/** The start in whole milliseconds; without one the end, or now. */
function eventTime({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan): number {
  const nano = startTimeUnixNano === 0n ? endTimeUnixNano : startTimeUnixNano;
  return nano === 0n ? systemNow() : Number(nano / 1_000_000n);
}

function payloadOf(
  span: OtlpSpan,
  subject: Subject,
  side: 'input' | 'output',
  ofRoot: string | null,
  isObservation: boolean,
): TracePayload | null {
  const key = `langfuse.trace.${side}`;
  const own = judgedPayload(subject, key, span.attributes.get(key));
  if (own !== null) return { text: own };
  if (!ofRoot) return null;
  return isObservation ? { of: span.spanId } : { text: ofRoot };
}

/** A root's metadata are those of its trace as well. */
export function traceMetadataOf(
  { traceMetadata: under, observationMetadata: over }: SortedAttributes,
  isRoot: boolean,
): SpanMetadata | null {
  if (!isRoot || under === null || over === null) return under ?? (isRoot ? over : null);
  const kept = [...under.texts].filter(([key]) => !Object.hasOwn(over.entries, key));
  return {
    entries: { ...under.entries, ...over.entries },
    texts: new Map([...kept, ...over.texts]),
    chars: under.chars + over.chars,
  };
}

function isTraceName(subject: Subject, name: AttributeValue | null): boolean {
  if (!isTextOrNothing(subject, 'langfuse.trace.name', name)) return false;
  if (name === null || (name as string).length <= MAX_TRACE_NAME_CHARS) return true;
  const got = `but got ${(name as string).length}`;
  complain(
    subject,
    'trace-name-too-long',
    'langfuse.trace.name',
    `must have at most ${MAX_TRACE_NAME_CHARS} characters, ${got}`,
  );
  return false;
}

function isTextOrNothing(subject: Subject, field: string, value: AttributeValue | null): boolean {
  if (value === null || typeof value === 'string') return true;
  complain(
    subject,
    'trace-field-type',
    field,
    `must be a string, but got ${typeOfValue(value)}: the trace event is lost`,
  );
  return false;
}

/** Undefined: not given. */
function publicOf({ attributes }: OtlpSpan, subject: Subject): boolean | undefined {
  const key = attributes.has('langfuse.trace.public') ? 'langfuse.trace.public' : 'langfuse.public';
  const value = attributes.get(key);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean' && value !== 'true' && value !== 'false') {
    complain(
      subject,
      'public-not-boolean',
      key,
      `must be true or false, but got ${typeOfValue(value)}: the trace is not public`,
    );
  }
  return truthy(value);
}

const ENVIRONMENT_KEYS = ['langfuse.environment', 'deployment.environment.name', 'deployment.environment'];

export function environmentOf({ attributes, resource }: OtlpSpan, subject: Subject): string {
  for (const key of ENVIRONMENT_KEYS) {
    const value = attributes.get(key) || resource.attributes.get(key);
    if (value) return judgedEnvironment(subject, key, value);
  }
  return 'default';
}
