/** Langfuse's classic ingestion: a batch of create and update events → rows, and an answer for each event. */

import { type IngestionEvent, InvalidEvent, optionalOneOf, optionalTime, wrong } from './fields.js';
import { HttpError } from './http.js';
import { mapObservationEvent, mapTraceEvent } from './ingestion-mapping.js';
import { isObject } from './json-text.js';
import type { Changes, ObservationType } from './rows.js';
import { mapScoreEvent } from './score-mapping.js';

export interface IngestionAnswer {
  successes: { id: string; status: number }[];
  errors: { id: string; status: number; message: string; error: string }[];
}

const observationEvents: Record<string, ObservationType> = {
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

const otherEvents = ['trace-create', 'score-create', 'sdk-log'];

/** Throws HttpError 400 only when there is no batch at all; an invalid event is an entry in `errors`. */
export function readIngestion(request: unknown): { changes: Changes; answer: IngestionAnswer } {
  if (!isObject(request) || !Array.isArray(request.batch)) {
    throw new HttpError(400, 'the body must be a JSON object with an array "batch" of events');
  }
  const changes: Changes = { traces: [], observations: [], scores: [] };
  const answer: IngestionAnswer = { successes: [], errors: [] };
  for (const raw of request.batch as unknown[]) {
    const id = isObject(raw) && typeof raw.id === 'string' ? raw.id : '';
    try {
      applyEvent(raw, changes);
      answer.successes.push({ id, status: 201 });
    } catch (error) {
      // JSON.stringify overflows the stack at some thousand levels: that is this event's fault, and only its own.
      const tooDeep = error instanceof RangeError;
      if (!(error instanceof InvalidEvent || tooDeep)) throw error;
      const message = tooDeep ? 'the body is nested too deeply' : error.message;
      answer.errors.push({ id, status: 400, message, error: 'InvalidRequestError' });
    }
  }
  return { changes, answer };
}

function applyEvent(raw: unknown, changes: Changes): void {
  if (!isObject(raw)) throw wrong('each event', 'an object', raw);
  if (typeof raw.id !== 'string' || raw.id === '') throw wrong('id', 'a non-empty string', raw.id);
  const known = [...otherEvents, ...Object.keys(observationEvents)];
  const type = optionalOneOf(raw, 'type', known);
  if (type === null) throw wrong('type', `one of ${known.join(', ')}`, raw.type);
  const timestampUs = optionalTime(raw, 'timestamp');
  if (timestampUs === null) throw wrong('timestamp', 'an ISO 8601 time', raw.timestamp);
  if (!isObject(raw.body)) throw wrong('body', 'an object', raw.body);

  const event: IngestionEvent = { id: raw.id, body: raw.body, timestampUs };
  const observationType = observationEvents[type];
  if (observationType !== undefined) {
    changes.observations.push(mapObservationEvent(event, observationType, type.endsWith('-create')));
  } else if (type === 'trace-create') changes.traces.push(mapTraceEvent(event));
  else if (type === 'score-create') changes.scores.push(mapScoreEvent(event));
  // sdk-log tells Langfuse how its own clients fare: taken, and of no use here.
}
