/**
 * What a Langfuse server stores of the requests that it receives, as a model: the oracle for tests of the wire and of the
 * receiver. It follows the public source of Langfuse 4.16, which holds the tables of Langfuse 3 as well. Not modelled:
 * attributes of other frameworks, media, prices, token counts, rate limits, and credentials.
 */
import { type Accepted, judgeBatch, judgeEvents } from './batch.js';
import { noteChanges } from './classic-changes.js';
import { decodeOtlp, type WireSpan } from './decode.js';
import { createTables3, type Listing } from './langfuse3.js';
import { createTables4 } from './langfuse4.js';
import { toEvents } from './otlp-to-events.js';
import { isIngestion, isOtlp, refusalOfOtlp } from './routes.js';
import { mergeScores } from './scores.js';
import { noteDetails } from './span-changes.js';
import type {
  Changed,
  Dropped,
  Findings,
  IngestionEvent,
  Note,
  ReceivedRequest,
  ServerVersion,
  Stored,
} from './types.js';

export { type Capture, type CapturedRequest, startCapture } from './capture.js';
export { decodeOtlp, type WireSpan, type WireValue } from './decode.js';
export type { Listing } from './langfuse3.js';
export type {
  Changed,
  Dropped,
  ReceivedRequest,
  ServerVersion,
  StoredObservation,
  StoredScore,
  StoredTrace,
} from './types.js';

export interface Server extends Stored, Findings {}

/** `requests` in the order of arrival. */
export function serverOf(
  version: ServerVersion,
  requests: readonly ReceivedRequest[],
  listing: Listing = 'arrival',
): Server {
  const dropped: Dropped[] = [];
  const changed: Changed[] = [];
  const noteOf = (id: string): Note => {
    return (field, why) => {
      const isKnown = changed.some((one) => one.id === id && one.field === field && one.why === why);
      if (!isKnown) changed.push({ id, field, why });
    };
  };
  const read = version === 3 ? readAs3(dropped, noteOf, listing) : readAs4(noteOf);
  const scores: IngestionEvent[] = [];
  for (const request of requests) {
    if (isOtlp(request)) {
      const spans = readOtlp(request, dropped);
      for (const span of spans) noteDetails(span, noteOf(span.spanId));
      read.spans(spans);
    } else if (isIngestion(request)) {
      const accepted = readBatch(version, request, dropped).filter((one) => hasEntity(one, dropped));
      for (const one of accepted) noteChanges(one, noteOf(one.event.body.id as string));
      scores.push(...accepted.map(({ event }) => event).filter(({ type }) => type === 'score-create'));
      read.events(accepted.map(({ event }) => event));
    }
  }
  const { traces, observations } = read.stored();
  return { traces, observations, scores: mergeScores(scores, dropped), dropped, changed };
}

interface Reading {
  spans(spans: readonly WireSpan[]): void;
  events(events: readonly IngestionEvent[]): void;
  stored(): Pick<Stored, 'traces' | 'observations'>;
}

/** The worker judges the events that it has made of spans by the same schemas (worker/src/queues/otelIngestionQueue.ts). */
function readAs3(dropped: Dropped[], noteOf: (id: string) => Note, listing: Listing): Reading {
  const tables = createTables3(listing);
  const seen = new Set<string>();
  const judged = (events: readonly IngestionEvent[]): IngestionEvent[] => {
    const verdict = judgeEvents(events);
    dropped.push(...verdict.dropped);
    return verdict.accepted.map(({ event }) => event);
  };
  return {
    spans(spans) {
      const { traces, observations } = toEvents(spans, seen, noteOf);
      tables.addTraces(judged(traces).toSorted((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp)));
      tables.addSpans(judged(observations));
    },
    events(events) {
      tables.addTraces(events.filter(({ type }) => type === 'trace-create'));
      tables.addObservations(events.filter(({ type }) => !['trace-create', 'score-create'].includes(type)));
    },
    stored: () => ({ traces: tables.traces(), observations: tables.observations() }),
  };
}

/** Its ingestion endpoint takes nothing but scores. */
function readAs4(noteOf: (id: string) => Note): Reading {
  const tables = createTables4();
  return {
    spans(spans) {
      for (const span of spans) tables.addSpan(span, noteOf(span.spanId));
    },
    events() {},
    stored: () => ({ traces: tables.traces(), observations: tables.observations() }),
  };
}

function readOtlp(request: ReceivedRequest, dropped: Dropped[]): WireSpan[] {
  const refusal = refusalOfOtlp(request);
  if (refusal === null) return decodeOtlp(request);
  dropped.push(refusedRequest(refusal));
  return [];
}

function readBatch(version: ServerVersion, request: ReceivedRequest, dropped: Dropped[]): Accepted[] {
  const verdict = judgeBatch(version, request.body);
  if (verdict === null) {
    dropped.push(refusedRequest('no batch'));
    return [];
  }
  dropped.push(...verdict.dropped);
  return verdict.accepted;
}

/** The endpoint answers 201 for an event whose body has no id, and stores nothing (`processEventBatch.ts`). */
function hasEntity({ id, event }: Accepted, dropped: Dropped[]): boolean {
  if (event.body.id) return true;
  dropped.push({ id, type: event.type, status: 201, message: 'Not stored', error: 'a body without an id' });
  return false;
}

function refusedRequest(error: string): Dropped {
  return { id: null, type: 'request', status: 400, message: 'Invalid request data', error };
}
