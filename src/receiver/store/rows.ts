/** Observations and scores as rows of the store, and the types of their values. */

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

export const OBSERVATION_TYPES: readonly ObservationType[] = [
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

export const LEVELS = ['DEBUG', 'DEFAULT', 'WARNING', 'ERROR'] as const;
export type Level = (typeof LEVELS)[number];

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
export const SCORE_DATA_TYPES: readonly ScoreDataType[] = [
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
