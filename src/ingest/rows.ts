/** Observations and scores as rows of the store, and the types of their values. */

/** Microseconds since 1970: finer than Langfuse's milliseconds, and exact in a JavaScript number. */
export type Micros = number;

/** JSON text. Payloads are stored as received and parsed on reading, so that ingest does not pay for it. */
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

/** `null` means "not given": another record of the same id may give it. */
export interface ObservationRow {
  id: string;
  /** Null only in a classic update without it: the store then looks the observation up by its id. */
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

/** Who has made a score: a program over the API, a person on the page, an evaluator of the server. */
export type ScoreSource = 'API' | 'ANNOTATION' | 'EVAL';
export const SCORE_SOURCES: readonly ScoreSource[] = ['API', 'ANNOTATION', 'EVAL'];

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
  source: ScoreSource;
  timestampUs: Micros;
}
