/**
 * The tracing records as they cross the ring: arrays with a fixed order of fields, so that no key is ever encoded.
 * Bytes are values frozen by `engine.freeze`. Times are milliseconds since 1970, with fractions.
 */

type Frozen = Uint8Array | null;

/** One value, or those of several calls, to be merged in this order. */
export type FrozenMetadata = Frozen | readonly Uint8Array[];

/** Goes on every span of the trace: that is how Langfuse 4 reads it. */
export interface TraceAttributes {
  readonly name: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly tags: readonly string[] | null;
  readonly metadata: FrozenMetadata;
  readonly release: string | null;
  readonly environment: string | null;
  readonly public: boolean | null;
}

/** All that Langfuse knows. */
export const OBSERVATION_TYPES = [
  'span',
  'generation',
  'event',
  'agent',
  'tool',
  'chain',
  'retriever',
  'evaluator',
  'embedding',
  'guardrail',
] as const;

export type ObservationType = (typeof OBSERVATION_TYPES)[number];

export type ObservationLevel = 'DEBUG' | 'DEFAULT' | 'WARNING' | 'ERROR';

/** Discriminates the records; always the first field. */
export const OBSERVATION = 0;
/** The trace itself, as an observation that is its root. */
export const TRACE = 1;
export const SCORE = 2;

export type ObservationRecord = readonly [
  kind: typeof OBSERVATION | typeof TRACE,
  type: ObservationType,
  traceId: string,
  id: string,
  parentId: string | null,
  name: string | null,
  startTime: number,
  endTime: number,
  completionStartTime: number | null,
  level: ObservationLevel | null,
  statusMessage: string | null,
  version: string | null,
  model: string | null,
  modelParameters: Frozen,
  usageDetails: Frozen,
  costDetails: Frozen,
  promptName: string | null,
  promptVersion: number | null,
  input: Frozen,
  output: Frozen,
  metadata: FrozenMetadata,
  /** TraceAttributes. */
  trace: Frozen,
];

export type ScoreDataType = 'NUMERIC' | 'CATEGORICAL' | 'BOOLEAN' | 'TEXT' | 'CORRECTION';

export type ScoreRecord = readonly [
  kind: typeof SCORE,
  id: string,
  timestamp: number,
  traceId: string | null,
  observationId: string | null,
  sessionId: string | null,
  datasetRunId: string | null,
  name: string,
  value: number | string,
  dataType: ScoreDataType | null,
  comment: string | null,
  configId: string | null,
  environment: string | null,
  metadata: Frozen,
];

export type TracingRecord = ObservationRecord | ScoreRecord;

/**
 * A trace made by `trace()` is a span of its own, the root of its tree. Its id follows from the trace's, so that
 * the same trace written twice, by two processes even, is the same span: the first half of it, or the second where
 * the first is zero (64-bit ids of older systems, padded), as no span id may be.
 */
export function rootSpanId(traceId: string): string {
  const half = traceId.slice(0, 16);
  return half === '0000000000000000' ? traceId.slice(16) : half;
}

/** Marks that span, for a receiver that shows it as the trace and not as an observation of it. */
export const TRACE_MARKER = 'tailrace.trace';

/** Name of the instrumentation scope of all spans that tailrace makes. */
export const SCOPE_NAME = 'tailrace';

/** Options of the built-in langfuse exporter. */
export interface LangfuseExporterOptions {
  readonly baseUrl: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly sdkVersion: string;
  /** Sent with each request. */
  readonly additionalHeaders?: Readonly<Record<string, string>>;
}
