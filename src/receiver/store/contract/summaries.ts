/**
 * Sums over the traces that pass a filter, for the page's summaries, comparisons and groups of errors.
 *
 * A store reads from the newest traces on and hands over what it has of some of them at a time, so that a reader of a million can be
 * ended after some time. A store that has all sums at once hands them over at once. No trace is in two parts.
 */

import type { Micros } from '../../../ingest/rows.js';
import type { Coverage } from '../../../viewer/data/summary.js';
import type { Buckets, PageFilter } from './page.js';

export interface SummaryQuery {
  filter: PageFilter;
  /** The reading ends after this time, and the answer is about the newest traces. */
  maxMs: number;
}

/** Traces with one session, user and environment. */
export interface TraceSum {
  sessionId: string | null;
  userId: string | null;
  environment: string;
  traces: number;
  /** How many of them have a failed observation. */
  errors: number;
  tokens: number | null;
  cost: number | null;
  hasEstimatedTokens: boolean;
  hasEstimatedCost: boolean;
  /** The first and the last start, and the last end. */
  startUs: Micros;
  lastUs: Micros;
  endUs: Micros;
}

/** The scores of one name on traces with one session. */
export interface ScoreSum {
  sessionId: string;
  name: string;
  count: number;
  /** How many of them are numbers, and their sum. */
  numbers: number;
  sum: number;
  /** A text of the latest trace that has one. */
  last: string | null;
}

export type CallKind = 'model' | 'tool';

/** The calls of one name in one bucket. A model's name may be unknown; a tool without one has the name ''. */
export interface CallSum {
  name: string | null;
  /** Counted from 0; calls before the first bucket are in it. */
  bucket: number;
  calls: number;
  errors: number;
  /** Estimates included; null: unknown. */
  cost: number | null;
  hasEstimatedTokens: boolean;
  hasEstimatedCost: boolean;
  lastUs: Micros;
  /** The known ones that are not negative, in no order. */
  latenciesUs: number[];
  firstTokensUs: number[];
  /** Output tokens by the time after the first token; of models only. */
  tokensPerSecond: number[];
}

export interface TokenSum {
  name: string | null;
  /** A key of the usage: `input`, `output`, `total`, … */
  kind: string;
  count: number;
}

export interface CallPart {
  sums: CallSum[];
  /** How many traces have a call of the name. */
  tracesByName: { name: string | null; traces: number }[];
  /** Of models only. */
  tokens: TokenSum[];
}

/** The scores of one name, type and text in one bucket. */
export interface ScoreValues {
  name: string;
  dataType: string;
  /** Of categories and booleans, the first 200 characters; other texts differ each time. */
  text: string | null;
  bucket: number;
  count: number;
  numbers: number[];
}

export interface ScorePart {
  values: ScoreValues[];
  tracesByName: { name: string; traces: number }[];
}

/** The values of each trace; unknown ones are left out. */
export interface MeasurePart {
  failed: number;
  durationUs: number[];
  tokens: number[];
  cost: number[];
  observations: number[];
  scores: ScoreMeasure[];
}

/** One name of a score: the means of traces with numbers, or the last text of each trace. */
export interface ScoreMeasure {
  name: string;
  means: number[];
  texts: { text: string; count: number }[];
}

export interface FailedObservation {
  id: string;
  traceId: string;
  type: string;
  name: string | null;
  model: string | null;
  /** The first 2000 characters. */
  message: string | null;
  startUs: Micros;
}

export interface FailureQuery extends SummaryQuery {
  /** Observations of the level WARNING too. */
  withWarnings: boolean;
  /** The reading ends with the part that has the last of so many. */
  maxFailures: number;
}

/** Each calls `take` with one part after the other, before it resolves. What `take` throws ends the reading. */
export interface SummaryReader {
  /** Of traces with a session. */
  sessions(
    query: SummaryQuery,
    take: (part: { sums: TraceSum[]; scores: ScoreSum[] }) => void,
  ): Promise<Coverage>;
  /** Of traces with a user. */
  users(query: SummaryQuery, take: (part: TraceSum[]) => void): Promise<Coverage>;
  /** A model call has a model, or the type GENERATION or EMBEDDING; a call of a tool has the type TOOL. */
  calls(
    kind: CallKind,
    query: SummaryQuery & { buckets: Buckets },
    take: (part: CallPart) => void,
  ): Promise<Coverage>;
  scores(query: SummaryQuery & { buckets: Buckets }, take: (part: ScorePart) => void): Promise<Coverage>;
  measures(query: SummaryQuery, take: (part: MeasurePart) => void): Promise<Coverage>;
  /** From the newest arrivals on. `isComplete`: all that match were read. */
  failures(
    query: FailureQuery,
    take: (part: FailedObservation[]) => void,
  ): Promise<{ isComplete: boolean; searchedFromUs: Micros | null }>;
}
