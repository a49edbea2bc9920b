/** What a decoded request asks the store to write. Both ways in (OTLP and classic ingestion) end here. */

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

export interface TraceRow {
  id: string;
  /** The observation that stands for the trace where the trace itself has no name, input or output. */
  rootId: string | null;
  /** The trace's own times, from tailrace's trace record or a trace-create; its observations may widen them. */
  ownStartUs: Micros | null;
  ownEndUs: Micros | null;
  name: string | null;
  userId: string | null;
  sessionId: string | null;
  release: string | null;
  version: string | null;
  environment: string | null;
  public: 0 | 1 | null;
  tags: JsonText | null;
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
 * Records for the same id may come repeatedly and out of order. `revision` says which one is newer: of two values for
 * the same field the one with the higher revision stands, and between equals the one that came last.
 */
export type TraceChange = { row: TraceRow; revision: number };

export type ObservationChange = {
  row: ObservationRow;
  revision: number;
  /** `whole`: the row replaces what is stored (a finished span). `merge`: its nulls leave what is stored (create, update). */
  mode: 'whole' | 'merge';
};

export interface Changes {
  traces: TraceChange[];
  observations: ObservationChange[];
  scores: ScoreRow[];
}

export function emptyTrace(id: string): TraceRow {
  return {
    id,
    rootId: null,
    ownStartUs: null,
    ownEndUs: null,
    name: null,
    userId: null,
    sessionId: null,
    release: null,
    version: null,
    environment: null,
    public: null,
    tags: null,
    metadata: null,
    input: null,
    output: null,
  };
}
