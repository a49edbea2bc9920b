/** What an application passes to the tracing calls. */
import type { ObservationLevel, ScoreDataType } from '../shared/records.js';

/** A point in time: a Date, milliseconds since 1970, or an ISO 8601 string. */
export type Time = Date | number | string;

/** Fields of a trace. Metadata of several calls is merged, everything else replaced. */
export interface TraceBody {
  /** 32 hexadecimal digits as they are (in lower case); any other text is hashed to them, always to the same. @default random */
  id?: string;
  name?: string;
  userId?: string;
  sessionId?: string;
  input?: unknown;
  output?: unknown;
  metadata?: unknown;
  tags?: readonly string[];
  version?: string;
  release?: string;
  environment?: string;
  public?: boolean;
  /** When the trace began. @default now */
  timestamp?: Time;
}

/** Fields of an observation of any type. Values are serialised in the call that passes them. */
export interface ObservationBody {
  /** 16 hexadecimal digits as they are (in lower case); any other text is hashed to them, always to the same. @default random */
  id?: string;
  name?: string;
  input?: unknown;
  output?: unknown;
  metadata?: unknown;
  /** @default DEFAULT */
  level?: ObservationLevel;
  statusMessage?: string;
  version?: string;
  /** @default that of the trace */
  environment?: string;
  /** @default now */
  startTime?: Time;
  /** With it the observation is finished, and sent, by the very call that makes it. */
  endTime?: Time;
}

/** Fields of a generation or an embedding: a call of a model. */
export interface GenerationBody extends ObservationBody {
  model?: string;
  modelParameters?: Readonly<Record<string, unknown>>;
  /** Tokens by kind: `{input, output, total}` and any other. */
  usageDetails?: Readonly<Record<string, number>>;
  /** US dollars by kind: `{input, output, total}` and any other. */
  costDetails?: Readonly<Record<string, number>>;
  /** When the first token came. */
  completionStartTime?: Time;
  prompt?: { readonly name: string; readonly version: number };
}

/** Fields of a score. */
export interface ScoreBody {
  /** Sent again under the same id, a score replaces the earlier one. @default random */
  id?: string;
  name: string;
  /** A number, a category, or a truth value (sent as 1 or 0 of type BOOLEAN). */
  value: number | string | boolean;
  /** @default what the value is: NUMERIC, CATEGORICAL or BOOLEAN */
  dataType?: ScoreDataType;
  comment?: string;
  configId?: string;
  environment?: string;
  metadata?: unknown;
  timestamp?: Time;
}

/** A score by id alone: exactly one of `traceId` (with `observationId` if it is of one), `sessionId`, `datasetRunId`. */
export interface ScoreByIdBody extends ScoreBody {
  traceId?: string;
  observationId?: string;
  sessionId?: string;
  datasetRunId?: string;
}
