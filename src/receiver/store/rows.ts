/** What a decoded request asks the store to write. Both ways in (OTLP and classic ingestion) end here. */

import type { Finding } from '../complaints/complaints.js';
import type { TraceState } from './trace-state.js';

/** Microseconds since 1970: finer than Langfuse's milliseconds, and still exact in a JavaScript number. */
export type Micros = number;

/** JSON text. Payloads are stored as they came and parsed when they are read, so that ingest never pays for it. */
export type JsonText = string;

export type ObservationType =
  | 'SPAN'
  | 'GENERATION'
  | 'EVENT'
  | 'AGENT'
  | 'TOOL'
  | 'CHAIN'
  | 'RETRIEVER'
  | 'EVALUATOR'
  | 'EMBEDDING'
  | 'GUARDRAIL';

export const observationTypes: readonly ObservationType[] = [
  'SPAN',
  'GENERATION',
  'EVENT',
  'AGENT',
  'TOOL',
  'CHAIN',
  'RETRIEVER',
  'EVALUATOR',
  'EMBEDDING',
  'GUARDRAIL',
];

export const levels = ['DEBUG', 'DEFAULT', 'WARNING', 'ERROR'] as const;
export type Level = (typeof levels)[number];

/** `null` means "not said": a later or earlier record for the same id may still say it. */
export interface ObservationRow {
  id: string;
  /** Null only in a classic update that leaves it out: the store then looks the observation up by its id. */
  traceId: string | null;
  parentId: string | null;
  type: ObservationType;
  level: Level | null;
  startUs: Micros | null;
  endUs: Micros | null;
  totalTokens: number | null;
  totalCost: number | null;
  name: string | null;
  completionStartUs: Micros | null;
  statusMessage: string | null;
  version: string | null;
  environment: string | null;
  model: string | null;
  modelParameters: JsonText | null;
  usageDetails: JsonText | null;
  costDetails: JsonText | null;
  promptName: string | null;
  promptVersion: number | null;
  metadata: JsonText | null;
  input: string | null;
  output: string | null;
}

export type ScoreDataType = 'NUMERIC' | 'BOOLEAN' | 'CATEGORICAL' | 'TEXT' | 'CORRECTION';
export const scoreDataTypes: readonly ScoreDataType[] = [
  'NUMERIC',
  'BOOLEAN',
  'CATEGORICAL',
  'TEXT',
  'CORRECTION',
];

export interface ScoreRow {
  id: string;
  traceId: string | null;
  observationId: string | null;
  sessionId: string | null;
  datasetRunId: string | null;
  name: string;
  dataType: ScoreDataType;
  value: number | null;
  stringValue: string | null;
  comment: string | null;
  metadata: JsonText | null;
  configId: string | null;
  environment: string | null;
  timestampUs: Micros;
}

/**
 * `whole`: a span; its row replaces what is stored. `merge`: a classic event, merged by `order` with the others of its
 * observation: the higher one stands, and between equals that of an update.
 */
export type ObservationChange =
  | { mode: 'whole'; row: ObservationRow }
  | {
      mode: 'merge';
      row: ObservationRow;
      order: EventOrder;
      /** Fields that are said to be null; other nulls of the row say nothing. */
      nulls: readonly (keyof ObservationRow)[];
    };

/** Time in whole milliseconds, doubled; one more for an update: so it comes after a create of the same time. */
export type EventOrder = number;

export function eventOrder(timestampUs: Micros, isUpdate: boolean): EventOrder {
  return Math.floor(timestampUs / 1000) * 2 + (isUpdate ? 1 : 0);
}

export interface Changes {
  traces: TraceState[];
  observations: ObservationChange[];
  scores: ScoreRow[];
  findings: Finding[];
}
