/**
 * The tracing records as they cross the ring: arrays with a fixed order of fields, so that no key is ever encoded.
 * Times are milliseconds since 1970, with fractions; ids of traces and spans are their 16 and 8 bytes.
 */

import type { PriceOverride } from '../shared/contract/prices.js';
import type { PayloadOptions } from '../shared/contract/redaction.js';
import type { UploadHost } from '../shared/upload-hosts.js';

/** What was given in several calls, to be merged in this order; null: nothing. */
export type MetadataParts = readonly unknown[] | null;

/** Goes on every span of the trace: that is how Langfuse 4 reads it. */
export type TraceAttributes = readonly [
  name: string | null,
  userId: string | null,
  sessionId: string | null,
  tags: readonly string[] | null,
  metadata: MetadataParts,
  release: string | null,
  isPublic: boolean | null,
  /** The trace's own; an observation's are in its record. */
  version: string | null,
  environment: string | null,
  /** Of the trace, where they are not those of its root. On the root alone: they may be large. */
  input: unknown,
  output: unknown,
  /** When it began, for the protocol that has no span of the trace; null: elsewhere, nobody here knows. */
  startTime: number | null,
];

/** A server refuses a trace with a longer name (`TraceBody` in Langfuse's packages/shared/src/server/ingestion/types.ts). */
const MAX_TRACE_NAME_CHARACTERS = 1000;

export function cutTraceName(name: string): string {
  return name.slice(0, MAX_TRACE_NAME_CHARACTERS).toWellFormed();
}

/** Indices into TraceAttributes. */
export const TraceField = {
  name: 0,
  userId: 1,
  sessionId: 2,
  tags: 3,
  metadata: 4,
  release: 5,
  version: 7,
  environment: 8,
  input: 9,
  output: 10,
  startTime: 11,
} as const;

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

export const OBSERVATION_LEVELS = ['DEBUG', 'DEFAULT', 'WARNING', 'ERROR'] as const;

export type ObservationLevel = (typeof OBSERVATION_LEVELS)[number];

/** Discriminates the records; always the first field. */
export const OBSERVATION = 0;
/** The trace itself, as an observation that is its root. */
export const TRACE = 1;
export const SCORE = 2;
/**
 * The trace as it stands after some of its spans were written with something else, in the fields of TRACE. A server that
 * merges what spans say of their trace in the order of their starts (Langfuse 3) does not learn it from the spans.
 */
export const TRACE_UPDATE = 3;

export type ObservationRecord = readonly [
  kind: typeof OBSERVATION | typeof TRACE | typeof TRACE_UPDATE,
  /** Index into OBSERVATION_TYPES. */
  type: number,
  traceId: Uint8Array,
  id: Uint8Array,
  parentId: Uint8Array | null,
  name: string | null,
  startTime: number,
  endTime: number,
  completionStartTime: number | null,
  /** Index into OBSERVATION_LEVELS. */
  level: number | null,
  statusMessage: string | null,
  version: string | null,
  environment: string | null,
  model: string | null,
  modelParameters: unknown,
  usageDetails: unknown,
  costDetails: unknown,
  /** What the usage counts, for servers that keep it (before Langfuse 3). Null: tokens. */
  usageUnit: string | null,
  promptName: string | null,
  promptVersion: number | null,
  input: unknown,
  output: unknown,
  metadata: MetadataParts,
  trace: TraceAttributes,
  /** Whether it is the first span of its trace that this application exports. */
  isAppRoot: boolean,
  /** When the application said it, where that decides which of two events stands. Null: the protocol has no such time. */
  saidAt: number | null,
];

export const OBSERVATION_FIELDS: ObservationRecord['length'] = 26;

/** Indices into an ObservationRecord. */
export const Field = {
  kind: 0,
  type: 1,
  traceId: 2,
  id: 3,
  parentId: 4,
  name: 5,
  startTime: 6,
  endTime: 7,
  completionStartTime: 8,
  level: 9,
  statusMessage: 10,
  version: 11,
  environment: 12,
  model: 13,
  modelParameters: 14,
  usageDetails: 15,
  costDetails: 16,
  usageUnit: 17,
  promptName: 18,
  promptVersion: 19,
  input: 20,
  output: 21,
  metadata: 22,
  trace: 23,
  isAppRoot: 24,
  saidAt: 25,
} as const;

export const SCORE_DATA_TYPES = ['NUMERIC', 'CATEGORICAL', 'BOOLEAN', 'TEXT', 'CORRECTION'] as const;

export type ScoreDataType = (typeof SCORE_DATA_TYPES)[number];

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
  metadata: unknown,
];

/** Indices into a ScoreRecord. */
export const ScoreField = { id: 1, traceId: 3, name: 7, value: 8, comment: 10, metadata: 13 } as const;

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

/**
 * Name of the instrumentation scope of all spans that tailrace makes. A Langfuse server copies the attributes of a span
 * into its metadata unless its scope's name begins like this (`isLangfuseSDKSpans` in Langfuse's
 * packages/shared/src/server/otel/OtelIngestionProcessor.ts).
 */
export const SCOPE_NAME = 'langfuse-sdk';
/** Attribute of the scope that says whose spans they are. */
export const SCOPE_VERSION_ATTRIBUTE = 'tailrace.version';

/** How observations go to a Langfuse server: over OTLP, or as events of its classic ingestion. */
export type Protocol = 'otel' | 'ingestion';

export const DEFAULT_MAX_EVENT_BYTES = 1024 * 1024;

/** Options of the built-in langfuse exporter. */
export interface LangfuseExporterOptions extends PayloadOptions {
  readonly baseUrl: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly sdkVersion: string;
  /** @default 'otel' */
  readonly protocol?: Protocol;
  /** Sent with each request. */
  readonly additionalHeaders?: Readonly<Record<string, string>>;
  /** Size of a span on the wire above which its largest values are cut. @default 1 MiB */
  readonly maxEventBytes?: number;
  /** Whether media are uploaded and replaced by a reference. @default true */
  readonly mediaUpload?: boolean;
  /** Where media may be uploaded to. @default the server's own host, and what is not private */
  readonly allowedUploadHosts?: readonly UploadHost[] | undefined;
  /** Adds usage and cost where they are missing. @default false */
  readonly estimateUsage?: boolean;
  /** Go before the price list. */
  readonly prices?: readonly PriceOverride[];
}
