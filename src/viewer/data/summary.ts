/** The JSON of the pages that sum traces up: sessions, users, models, tools, scores, comparisons. Times as in list.ts. */

import type { ScoreView } from './feedback.js';
import type { ScoreSummary, Series } from './list.js';

/** The columns that each table can be sorted by; `-traces` has the highest first. */
export const SESSION_SORTS = [
  'last',
  'start',
  'duration',
  'traces',
  'tokens',
  'cost',
  'errors',
  'id',
] as const;
export const USER_SORTS = ['last', 'traces', 'sessions', 'tokens', 'cost', 'errors', 'id'] as const;
export const CALL_SORTS = ['calls', 'errorRate', 'p50', 'p95', 'p99', 'cost', 'last', 'name'] as const;

/** How many traces an answer is about: those that match, from the newest on. */
export interface Coverage {
  traces: number;
  /** False: the time was over. The traces before `oldestUs` were not read. */
  isComplete: boolean;
  oldestUs: number | null;
  /** As in the list of traces. */
  searchedFromUs: number | null;
}

/** The first rows of a table in its order. */
export interface Summary<Row> {
  rows: Row[];
  /** How many rows there are. */
  total: number;
  coverage: Coverage;
  since: string;
}

export interface TraceSums {
  id: string;
  traces: number;
  /** Traces with an error. */
  errors: number;
  tokens: number | null;
  cost: number | null;
  hasEstimatedTokens: boolean;
  hasEstimatedCost: boolean;
  startUs: number;
  /** The start of the last trace. */
  lastUs: number;
}

export interface SessionRow extends TraceSums {
  /** The first ones. */
  users: string[];
  userCount: number;
  environments: string[];
  /** From the start of the first trace to the last end. */
  durationUs: number;
  scores: ScoreSummary[];
}

export interface UserRow extends TraceSums {
  sessions: number;
}

export interface SessionDetail {
  session: SessionRow;
  /** Those of the session itself. */
  scores: ScoreView[];
  coverage: Coverage;
  since: string;
}

/** Quantiles by the nearest rank; null: nothing is known. */
export interface Quantiles {
  count: number;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
}

/** Calls of one model or tool. */
export interface CallRow {
  /** Null: calls of models without a name. */
  name: string | null;
  calls: number;
  errors: number;
  /** Traces that hold a call. */
  traces: number;
  cost: number | null;
  hasEstimatedCost: boolean;
  hasEstimatedTokens: boolean;
  /** Usage by kind: input, output and what else the clients gave; the largest kinds. */
  tokens: { kind: string; count: number }[];
  latencyUs: Quantiles;
  firstTokenUs: Quantiles;
  /** Output tokens by the time after the first token, or after the start. */
  tokensPerSecond: Quantiles;
  lastUs: number;
  /** Calls by bucket of the series. */
  trend: number[];
}

export interface CallSummary extends Summary<CallRow> {
  /** All calls over time. */
  series: Series;
  /** The start of the first bucket of the trends. */
  fromUs: number;
}

/** One bar of a distribution. */
export interface ScoreBar {
  /** A text, or the number; null: numbers from `from` up to `to`. */
  value: string | null;
  from: number | null;
  to: number | null;
  count: number;
}

export interface ScoreDistribution {
  name: string;
  dataType: string;
  count: number;
  traces: number;
  mean: number | null;
  min: number | null;
  max: number | null;
  bars: ScoreBar[];
  /** Scores with other values than those of the bars. */
  others: number;
  /** Means of numbers by bucket of time. */
  trend: { startUs: number; mean: number; count: number }[];
}

export interface ScoreDistributions extends Summary<ScoreDistribution> {
  fromUs: number;
  bucketUs: number;
}

/** Of one group of traces. Quartiles are nearest ranks. */
export interface Sample {
  count: number;
  mean: number | null;
  min: number | null;
  q1: number | null;
  median: number | null;
  q3: number | null;
  p95: number | null;
  max: number | null;
  /** Counts in the bins that both groups share. */
  bins: number[];
}

/** One measure of two groups. */
export interface MeasureComparison {
  /** duration, tokens, cost, observations, or `score:NAME`. */
  measure: string;
  /** Edges of the bins; one more than there are bins. */
  edges: number[];
  left: Sample;
  right: Sample;
  /** How often a value of the right group is greater than one of the left, ties as half; null: a group is empty. */
  rightIsGreater: number | null;
  /** Two-sided Mann–Whitney, by the normal approximation; null: a group is too small for it. */
  pValue: number | null;
}

/** A score with texts as values. */
export interface CategoryComparison {
  name: string;
  values: { value: string; left: number; right: number }[];
  left: number;
  right: number;
}

export interface GroupComparison {
  left: GroupTotals;
  right: GroupTotals;
  measures: MeasureComparison[];
  categories: CategoryComparison[];
  since: string;
}

export interface GroupTotals {
  coverage: Coverage;
  failed: number;
}

/** By observation, digests of what is stored: equal texts have equal digests. Null: there is none. */
export interface Digests {
  id: string[];
  input: (string | null)[];
  output: (string | null)[];
  /** Of the trace itself. */
  trace: { input: string | null; output: string | null };
  /** False: the time was over, and the later observations are missing. */
  isComplete: boolean;
}
