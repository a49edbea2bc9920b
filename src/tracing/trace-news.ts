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
import type { TracingCore } from './core.js';

export interface TraceNews {
  /** Whether its id was given: other handles and services may change the same trace. */
  readonly isShared: boolean;
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

export function createNews(hasSpan: boolean, isShared: boolean, changedAtMs: number): TraceNews {
  return {
    isShared,
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
function timeOfUpdate({ changedAtMs, latestMs }: TraceNews): number {
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

/** Whether other handles of this client may have changed the trace. With the classic protocol the worker knows that. */
function isContinued({ isShared }: TraceNews, { config }: TracingCore): boolean {
  return isShared && config.protocol === 'otel';
}

/** Call when a handle of the trace is made. Whether another handle has sent an update that a server takes for as late, or later. */
export function isUpdatedSince(news: TraceNews, core: TracingCore, key: number, ms: number): boolean {
  const last = isContinued(news, core) ? core.updateTimes.get(key) : undefined;
  return last !== undefined && wholeMs(last) >= wholeMs(ms);
}

/** The application has changed the trace itself. */
export function noteChange(news: TraceNews, core: TracingCore, key: number, ms: number): void {
  // After all earlier updates of the trace.
  news.changedAtMs = isContinued(news, core) ? Math.max(ms, wholeMs(core.updateTimes.get(key) ?? 0) + 1) : ms;
  news.isDirty = true;
  rememberTime(news, core, key);
}

/**
 * Sent spans contradict the current values. Returns whether an update must follow: with the classic protocol each event has a time of its
 * own.
 */
export function noteContradiction(news: TraceNews, { config }: TracingCore): boolean {
  if (config.protocol !== 'otel') return false;
  news.isContradicted = true;
  return true;
}

/** Number of traces whose last update is remembered. */
const MAX_TRACES = 4096;

/** Remembers the time of the trace's latest record, including the update that is still to come. */
export function rememberTime(news: TraceNews, core: TracingCore, key: number): void {
  if (!isContinued(news, core)) return;
  // A span that is written before the update may move the update by a millisecond.
  const ms = news.isContradicted ? timeOfUpdate(news) + 1 : news.latestMs;
  if ((core.updateTimes.get(key) ?? 0) < ms) setNewest(core.updateTimes, key, ms, MAX_TRACES);
}
