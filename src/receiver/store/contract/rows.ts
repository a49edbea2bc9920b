/** Rows as a store answers with them: of traces, observations, scores and sessions, whatever it keeps them as. */

import type { JsonText, Micros, ObservationRow, ScoreRow } from '../../../ingest/rows.js';
import type { TraceState } from '../../../ingest/trace-state.js';
import type { Figures } from '../../../usage/figures.js';

/** Set by the store, or by an import: when the row was created and last changed. */
export interface RowTimes {
  createdUs: Micros;
  updatedUs: Micros;
}

/** A trace as lists show it. */
export interface TraceSummaryRow {
  id: string;
  timestampUs: Micros;
  /** From the first start to the last end; null: nothing has ended. */
  latencyUs: Micros | null;
  observationCount: number;
  /** Observations of the level ERROR. */
  errorCount: number;
  /** Sums over its observations, estimates included; null: unknown. */
  totalTokens: number | null;
  totalCost: number | null;
  hasEstimatedTokens: boolean;
  hasEstimatedCost: boolean;
  /** Its own, else that of its root observation. */
  name: string | null;
  userId: string | null;
  sessionId: string | null;
  release: string | null;
  version: string | null;
  /** Null: `default`. */
  environment: string | null;
  /** In the order in which they were given; null: none were given. */
  tags: string[] | null;
}

/** A trace of the public API. Input and output are its own, else those of its root observation. */
export interface StoredTrace extends TraceSummaryRow, RowTimes {
  isPublic: boolean;
  /** A JSON object. */
  metadata: JsonText | null;
  input: string | null;
  output: string | null;
}

/** Tokens and cost are as given, without estimates. */
export interface StoredObservation extends RowTimes, Omit<ObservationRow, 'traceId'> {
  traceId: string;
  /** JSON of a `StoredEstimate`; null: not looked at since the last write. */
  estimate: JsonText | null;
}

/** An observation with what the second version of the API tells of its trace. */
export interface ObservationWithTrace extends StoredObservation {
  /** Without a parent, or marked by its client as the root of the application. */
  isRoot: boolean;
  traceName: string | null;
  traceUserId: string | null;
  traceSessionId: string | null;
  traceRelease: string | null;
  traceTags: string[] | null;
  traceIsPublic: boolean;
}

export interface StoredScore extends ScoreRow, RowTimes {}

/** A score with what the API tells of its trace; all null: it has none that is stored. */
export interface ScoreWithTrace extends StoredScore {
  traceUserId: string | null;
  traceSessionId: string | null;
  traceTags: string[] | null;
  traceEnvironment: string | null;
}

/** Sessions are the session ids of traces. Creation and environment are those of the trace that was created first. */
export interface StoredSession {
  id: string;
  createdUs: Micros;
  environment: string;
}

/** How the events of a trace were merged. An export writes it, and an import of it merges later events alike. */
export type StoredState = Pick<
  TraceState,
  'times' | 'metadataTimes' | 'metadataTexts' | 'hasRecord' | 'arrived' | 'importedUs'
> & {
  /** The observation whose input the trace shows; null: its own, or none. */
  inputOf: string | null;
  outputOf: string | null;
};

/** A page of a list, and how many rows there are in all. */
export interface Page<Row> {
  rows: Row[];
  totalItems: number;
}

/** `page` counts from 1. */
export interface Paging {
  page: number;
  limit: number;
}

/** What the server adds to given usage and cost. Without marks: there was nothing to estimate. */
export interface StoredEstimate extends Partial<Figures> {}
