/**
 * Tracks which changes of a trace have been sent, and whether the last change stands on the server.
 *
 * Servers learn of a trace from its spans. Langfuse 4 keeps what arrived last: the trace's span, or its root, is written
 * again after each change. Langfuse 3 keeps what started last, regardless of when it was sent, and a span without a version
 * removes the trace's version. If a written span contradicts the current values, a TRACE_UPDATE follows that is later than all
 * spans (`createTraceEvent` in Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts, `toTimeSortedEventList`
 * in its worker/src/services/IngestionService/index.ts).
 */
import { setNewest } from '../shared/newest.js';
import { wholeMs } from './clock.js';

export interface TraceNews {
  /** Whether the trace's span, or its root, must be written (again). */
  isDirty: boolean;
  /** Whether it was written before. */
  isWritten: boolean;
  /** Whether any span was written. */
  isCarried: boolean;
  isContradicted: boolean;
  /** Whether input or output are contradicted. */
  isPayloadContradicted: boolean;
  /** When the application last changed the trace itself. */
  changedAtMs: number;
  /** The latest start of all written spans and updates. */
  latestMs: number;
  /** The version of the root observation, for a trace without a span of its own. */
  rootVersion: string | null;
  /** The version of the other written spans. Undefined: there were none since the last update. */
  version: string | null | undefined;
  hasSeveralVersions: boolean;
}

/** The fields of a written span that a server takes for its trace. */
interface WrittenSpan {
  readonly startTime: number;
  readonly version: string | null;
}

export function createNews(hasSpan: boolean, changedAtMs: number): TraceNews {
  return {
    isDirty: hasSpan,
    isWritten: false,
    isCarried: false,
    isContradicted: false,
    isPayloadContradicted: false,
    changedAtMs,
    latestMs: 0,
    rootVersion: null,
    version: undefined,
    hasSeveralVersions: false,
  };
}

/** Call after the trace's own span, or the root that replaces it, was written. */
export function wroteRoot(news: TraceNews, { startTime, version }: WrittenSpan): void {
  carry(news, startTime);
  news.isDirty = false;
  news.isWritten = true;
  news.rootVersion = version;
}

/** Call after another span was written. `version`: its own, or else the trace's. */
export function wroteOther(news: TraceNews, { startTime, version }: WrittenSpan): void {
  carry(news, startTime);
  if (news.version === undefined) news.version = version;
  else if (news.version !== version) news.hasSeveralVersions = true;
}

function carry(news: TraceNews, startTime: number): void {
  news.isCarried = true;
  if (startTime > news.latestMs) news.latestMs = startTime;
}

/** Whether written spans have another version than the trace (or its root, if the trace has no version). */
export function contradictsVersion(news: TraceNews, traceVersion: string | null): boolean {
  if (news.version === undefined || !news.isWritten) return false;
  return news.hasSeveralVersions || news.version !== (traceVersion ?? news.rootVersion);
}

/** The time of an update that is written now: after all spans, in whole milliseconds as on the server. */
export function timeOfUpdate({ changedAtMs, latestMs }: TraceNews): number {
  return Math.max(changedAtMs, wholeMs(latestMs) + 1);
}

/** Call before an update is written. Returns the time of the update. */
export function beginUpdate(news: TraceNews): number {
  news.isContradicted = false;
  news.isPayloadContradicted = false;
  news.version = undefined;
  news.hasSeveralVersions = false;
  news.latestMs = timeOfUpdate(news);
  return news.latestMs;
}

/** Number of traces whose last update is remembered. */
const MAX_TRACES = 4096;

/**
 * When the client last changed each of the traces that are continued by their id, by the key of the trace. Each handle of such a
 * trace begins without knowing of the others, and a Langfuse 3 server goes by the times of the events.
 */
export type UpdateTimes = Map<number, number>;

/** The given time, or the earliest time after all earlier updates of the trace. */
export function afterLastUpdate(times: UpdateTimes, key: number, ms: number): number {
  return Math.max(ms, wholeMs(times.get(key) ?? 0) + 1);
}

/** Whether a server takes an earlier update of the trace for as late as this time, or later. */
export function isUpdatedSince(times: UpdateTimes, key: number, ms: number): boolean {
  const last = times.get(key);
  return last !== undefined && wholeMs(last) >= wholeMs(ms);
}

export function rememberUpdate(times: UpdateTimes, key: number, ms: number): void {
  if ((times.get(key) ?? 0) >= ms) return;
  setNewest(times, key, ms, MAX_TRACES);
}
