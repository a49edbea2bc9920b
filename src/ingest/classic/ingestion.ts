/** Langfuse's classic ingestion: a batch of create and update events → changes, complaints, and a result for each event. */

import { MAX_EVENTS, tooMany } from '../bounds.js';
import type { Changes } from '../changes.js';
import { addFindings, complain, type Finding, type Subject } from '../findings.js';
import { type Access, HttpError } from '../http-error.js';
import { isObject } from '../json-text.js';
import type { ObservationType } from '../rows.js';
import { isIsoTime, microsOfIso } from '../server-values.js';
import type { Steps } from '../steps.js';
import { foldTraces } from '../trace-state.js';
import { mapObservationEvent, mapTraceEvent } from './event-mapping.js';
import { type Body, type IngestionEvent, InvalidEvent, wrong, wrongName } from './fields.js';
import { mapScoreEvent } from './score-mapping.js';

interface IngestionAnswer {
  successes: { id: string; status: number }[];
  errors: { id: string; status: number; message: string; error: string }[];
}

export const OBSERVATION_EVENTS: Record<string, ObservationType> = {
  'span-create': 'SPAN',
  'span-update': 'SPAN',
  'generation-create': 'GENERATION',
  'generation-update': 'GENERATION',
  'event-create': 'EVENT',
  'agent-create': 'AGENT',
  'tool-create': 'TOOL',
  'chain-create': 'CHAIN',
  'retriever-create': 'RETRIEVER',
  'evaluator-create': 'EVALUATOR',
  'embedding-create': 'EMBEDDING',
  'guardrail-create': 'GUARDRAIL',
};

const KNOWN_EVENTS = ['trace-create', 'score-create', 'sdk-log', ...Object.keys(OBSERVATION_EVENTS)];

/**
 * Throws HttpError only when there is no batch at all (400) or too large a one (413); an invalid event is an entry in `errors`. `isStrict`: so is
 * one that a server acknowledges and then leaves out.
 */
export function* readIngestion(
  request: unknown,
  isStrict = false,
  access: Access = 'project',
): Steps<{ changes: Changes; answer: IngestionAnswer }> {
  if (!isObject(request) || !Array.isArray(request.batch)) {
    throw new HttpError(400, 'the body must be a JSON object with an array "batch" of events');
  }
  if (request.batch.length > MAX_EVENTS) throw tooMany('events', MAX_EVENTS);
  const changes: Changes = { traces: [], observations: [], scores: [], findings: [] };
  const answer: IngestionAnswer = { successes: [], errors: [] };
  for (const raw of request.batch as unknown[]) {
    const id = isObject(raw) && typeof raw.id === 'string' ? raw.id : '';
    const error = applyEvent(raw, changes, access);
    if (error !== undefined && (isStrict || error.code !== 'id-missing')) {
      const isDenied = error.code === 'scope-denied';
      const [status, name] = isDenied ? [401, 'UnauthorizedError'] : [400, 'InvalidRequestError'];
      answer.errors.push({ id, status, message: error.message, error: name });
    } else answer.successes.push({ id, status: 201 });
    yield;
  }
  changes.traces = yield* foldTraces(changes.traces);
  return { changes, answer };
}

/** Returns why the event is not stored. Undefined: it is stored. */
function applyEvent(raw: unknown, changes: Changes, access: Access): InvalidEvent | undefined {
  const findings: Finding[] = [];
  const subject: Subject = { traceId: null, observationId: null, findings };
  try {
    const event = eventOf(raw, subject);
    if (access === 'scores') requireScore(event);
    mapEvent(event, changes);
    addFindings(changes.findings, findings);
    return undefined;
  } catch (error) {
    // JSON.stringify overflows the stack at some thousand levels: then this event alone is invalid.
    const invalid =
      error instanceof RangeError
        ? new InvalidEvent('nested-too-deep', 'body', 'the body is nested too deeply')
        : error;
    if (!(invalid instanceof InvalidEvent)) throw error;
    const field =
      invalid.field.startsWith('body') || ['event-invalid', 'scope-denied'].includes(invalid.code)
        ? invalid.field
        : `body.${invalid.field}`;
    const { traceId, observationId } = subject;
    changes.findings.push({ code: invalid.code, traceId, observationId, field, message: invalid.message });
    return invalid;
  }
}

interface TypedEvent extends IngestionEvent {
  type: string;
}

function eventOf(raw: unknown, subject: Subject): TypedEvent {
  if (!isObject(raw)) throw wrong('event', 'an object', raw, 'event-invalid');
  const { id, type, timestamp, body } = raw;
  if (typeof id !== 'string' || id === '' || id.length > 800 || id.includes('\r')) {
    throw wrong('id', 'a string of 1 to 800 characters', id, 'event-invalid');
  }
  if (typeof type !== 'string' || !KNOWN_EVENTS.includes(type))
    throw wrongName('type', KNOWN_EVENTS, type, 'event-invalid');
  const timestampUs = isIsoTime(timestamp) ? microsOfIso(timestamp) : null;
  if (timestampUs === null)
    throw wrong('timestamp', 'an ISO 8601 time with an offset', timestamp, 'event-invalid');
  if (!isObject(body)) throw wrong('body', 'an object', body, 'event-invalid');
  nameSubject(subject, type, body);
  return { id, type, body, timestampUs, subject };
}

/** Telemetry of Langfuse's clients passes too, as on the server. */
function requireScore({ type }: TypedEvent): void {
  if (type === 'score-create' || type === 'sdk-log') return;
  const message = `a public key alone may only create scores, but got ${type}: send Basic auth with publicKey:secretKey`;
  throw new InvalidEvent('scope-denied', 'type', message);
}

/** Sets which trace and observation complaints are about, if the body has their ids in the right type. */
function nameSubject(subject: Subject, type: string, body: Body): void {
  const textAt = (field: string) =>
    typeof body[field] === 'string' ? (body[field] as string).slice(0, 800) : null;
  subject.traceId = textAt(type === 'trace-create' ? 'id' : 'traceId');
  if (type in OBSERVATION_EVENTS) subject.observationId = textAt('id');
  if (type === 'score-create') subject.observationId = textAt('observationId');
}

function mapEvent(event: TypedEvent, changes: Changes): void {
  complainOfHalfPairs(event);
  const observationType = OBSERVATION_EVENTS[event.type];
  if (observationType !== undefined) {
    changes.observations.push(mapObservationEvent(event, observationType, event.type.endsWith('-create')));
  } else if (event.type === 'trace-create') changes.traces.push(mapTraceEvent(event));
  else if (event.type === 'score-create') changes.scores.push(mapScoreEvent(event));
  // sdk-log events are telemetry of Langfuse's own clients: accepted and ignored.
}

function complainOfHalfPairs({ body, subject }: TypedEvent): void {
  for (const [field, value] of Object.entries(body)) {
    if (typeof value !== 'string' || value.isWellFormed()) continue;
    complain(
      subject,
      'text-not-unicode',
      `body.${field}`,
      'must be well-formed Unicode, but has half of a surrogate pair',
    );
  }
}
