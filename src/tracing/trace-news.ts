/**
 * What of a trace has been sent, and whether that leaves standing what the application said last.
 *
 * Servers learn of a trace from its spans. Langfuse 4 goes by what it was sent last: the trace's span, or its root, is written
 * again after each change. Langfuse 3 goes by what started last, whenever it was sent, and a span that lacks a version
 * takes the trace's away: where a span that was written contradicts what now stands, a TRACE_UPDATE follows, later than all
 * spans (`createTraceEvent` in Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts, `toTimeSortedEventList`
 * in its worker/src/services/IngestionService/index.ts).
 */
import { wholeMs } from './clock.js';

export interface TraceNews {
  /** Whether the trace's span, or its root, has to be written: again, if it was. */
  isDirty: boolean;
  /** Whether that was written before. */
  isWritten: boolean;
  /** Whether any span was written. */
  isCarried: boolean;
  isContradicted: boolean;
  /** Whether input or output are contradicted. */
  isPayloadContradicted: boolean;
  /** When the application last spoke of the trace itself. */
  saidAtMs: number;
  /** Of the starts of all spans that were written, and of the updates. */
  latestMs: number;
  /** Its root's version, for a trace without a span of its own. */
  rootVersion: string | null;
  /** Of the other spans that were written. Undefined: there were none since the last update. */
  version: string | null | undefined;
  hasSeveralVersions: boolean;
}

/** What a span says that matters here. */
export interface WrittenSpan {
  readonly startTime: number;
  readonly version: string | null;
}

export function createNews(hasSpan: boolean, saidAtMs: number): TraceNews {
  return {
    isDirty: hasSpan,
    isWritten: false,
    isCarried: false,
    isContradicted: false,
    isPayloadContradicted: false,
    saidAtMs,
    latestMs: 0,
    rootVersion: null,
    version: undefined,
    hasSeveralVersions: false,
  };
}

/** The trace's own span was written, or the root that stands for it. */
export function wroteRoot(news: TraceNews, { startTime, version }: WrittenSpan): void {
  carry(news, startTime);
  news.isDirty = false;
  news.isWritten = true;
  news.rootVersion = version;
}

/** Another span was written; `version`: its own, or else the trace's. */
export function wroteOther(news: TraceNews, { startTime, version }: WrittenSpan): void {
  carry(news, startTime);
  if (news.version === undefined) news.version = version;
  else if (news.version !== version) news.hasSeveralVersions = true;
}

function carry(news: TraceNews, startTime: number): void {
  news.isCarried = true;
  if (startTime > news.latestMs) news.latestMs = startTime;
}

/** Whether spans were written of another version than the trace's, or than its root's where it has none. */
export function contradictsVersion(news: TraceNews, traceVersion: string | null): boolean {
  if (news.version === undefined || !news.isWritten) return false;
  return news.hasSeveralVersions || news.version !== (traceVersion ?? news.rootVersion);
}

/** Of an update that were to be written now: in whole milliseconds, as the server has it, after all spans. */
export function timeOfUpdate({ saidAtMs, latestMs }: TraceNews): number {
  return Math.max(saidAtMs, wholeMs(latestMs) + 1);
}

/** An update is about to be written, with this time. */
export function settle(news: TraceNews): number {
  news.isContradicted = false;
  news.isPayloadContradicted = false;
  news.version = undefined;
  news.hasSeveralVersions = false;
  news.latestMs = timeOfUpdate(news);
  return news.latestMs;
}
