/** The JSON of the list of traces: rows, values to filter by, the chart, changes. Times are microseconds since 1970; null is unknown. */

import type { ValueFilter } from './filters.js';

/** The scores of one name on a trace: the mean of numbers, or the last value. */
export interface ScoreSummary {
  name: string;
  count: number;
  mean: number | null;
  last: string | null;
}

export interface TraceRow {
  id: string;
  name: string | null;
  startUs: number;
  durationUs: number | null;
  observationCount: number;
  errorCount: number;
  totalTokens: number | null;
  totalCost: number | null;
  /** Whether the totals contain estimates. */
  hasEstimatedTokens: boolean;
  hasEstimatedCost: boolean;
  scores: ScoreSummary[];
  userId: string | null;
  sessionId: string | null;
  environment: string | null;
  release: string | null;
  version: string | null;
  tags: string[];
  complaintCount: number;
  /** What tells the trace from others: the last message of a chat, else the beginning of the text. */
  input: string | null;
  output: string | null;
}

export interface TraceList {
  traces: TraceRow[];
  /** The parameter `cursor` of the next page; null: this is the last one. */
  next: string | null;
  /** How many traces match; null on pages after the first. */
  total: number | null;
  /** How many traces there are, whatever the filter. */
  stored: number;
  /** The search had no time to read traces that started before: these may match too. Null: it has read all. */
  searchedFromUs: number | null;
  /** Of the database, in bytes; no `maxBytes`: without a bound. `evictedTraces`: since the database was made. */
  size: { usedBytes: number; maxBytes?: number | undefined; evictedTraces: number };
  /** The state of the events when the list was read: the parameter `since` of the stream. */
  since: string;
  /** Whether the server can trace its sample agent. */
  hasSample: boolean;
}

export interface FacetValue {
  value: string;
  count: number;
}

export interface ScoreFacet {
  name: string;
  count: number;
  /** Bounds of numbers; null: the score has texts only. */
  min: number | null;
  max: number | null;
  /** The most frequent texts, or numbers if there are few different ones. */
  values: FacetValue[];
}

/** By filter, how many traces have which value. The filter's own values do not count against it. */
export interface Facets {
  values: Record<ValueFilter, FacetValue[]>;
  scores: ScoreFacet[];
}

export interface SeriesBucket {
  startUs: number;
  count: number;
  errors: number;
  p50Us: number | null;
  p95Us: number | null;
  cost: number | null;
}

export interface Series {
  bucketUs: number;
  /** Without the empty ones. */
  buckets: SeriesBucket[];
}

/** An event of the stream. `ids`: these traces have changed. `reload`: more has changed than the stream tells. */
export type LiveEvent = { kind: 'ids'; ids: string[] } | { kind: 'reload' };
