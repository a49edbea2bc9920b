/** What an application passes to the tracing calls. A field that is null is as one that is missing. */
import type { ObservationLevel, ObservationType, ScoreDataType } from '../records/vocabulary.js';

/** A point in time: a Date, milliseconds since 1970, an ISO 8601 string, or OpenTelemetry's `[seconds, nanoseconds]`. */
export type Time = Date | number | string | readonly [seconds: number, nanoseconds: number];

/** Input and output of a trace, where they are not those of its root. */
export type TraceIO = Pick<TraceBody, 'input' | 'output'>;

/** Fields of a trace. Metadata of several calls is merged, member by member; everything else is replaced. */
export interface TraceBody {
  /** 32 hexadecimal digits as they are (in lower case); any other text is hashed to them, always to the same. @default random */
  id?: string | null;
  name?: string | null;
  userId?: string | null;
  sessionId?: string | null;
  /**
   * Of a trace that was not made by `trace()` it stands beside the input of its root, which servers of Langfuse 4 show instead.
   */
  input?: unknown;
  /** As `input`. */
  output?: unknown;
  metadata?: unknown;
  /** @default those of the client */
  tags?: readonly string[] | null;
  /** @default that of the client */
  version?: string | null;
  /** @default that of the client */
  release?: string | null;
  /** @default that of the client */
  environment?: string | null;
  public?: boolean | null;
  /** When the trace began, in the call that makes it: servers never change it again. @default now */
  timestamp?: Time | null;
}

/** Fields of an observation of any type. Values are serialised in the call that passes them. */
export interface ObservationBody {
  /** 16 hexadecimal digits as they are (in lower case); any other text is hashed to them, always to the same. @default random */
  id?: string | null;
  name?: string | null;
  input?: unknown;
  output?: unknown;
  metadata?: unknown;
  /** Read in any case, also under other names: `warn`, `fatal`, … @default DEFAULT */
  level?: ObservationLevel | null;
  statusMessage?: string | null;
  /** @default that of the trace */
  version?: string | null;
  /** @default that of the trace */
  environment?: string | null;
  /** @default now */
  startTime?: Time | null;
  /** With it the observation is finished, and sent, by the very call that makes it. */
  endTime?: Time | null;
}

/** Fields of a generation or an embedding: a call of a model. */
export interface GenerationBody extends ObservationBody {
  model?: string | null;
  modelParameters?: Readonly<Record<string, unknown>> | null;
  /** Tokens by kind: `{input, output, total}` and any other; or as OpenAI's API answers them. */
  usageDetails?: Readonly<Record<string, unknown>> | OpenAIUsage | null;
  /** US dollars by kind: `{input, output, total}` and any other. */
  costDetails?: Readonly<Record<string, number>> | null;
  /** The older spelling of `usageDetails` and `costDetails`, which win. */
  usage?: Usage | null;
  /** When the first token came. */
  completionStartTime?: Time | null;
  /** A prompt of Langfuse's prompt management, or its name and version. A fallback is not linked. */
  prompt?: { readonly name: string; readonly version: number | string; readonly isFallback?: boolean } | null;
}

/** Tokens as OpenAI's two APIs answer them; the parts, say of cached tokens, are counted apart from their whole. */
export interface OpenAIUsage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly total_tokens?: number;
  readonly prompt_tokens_details?: object | null;
  readonly completion_tokens_details?: object | null;
  readonly input_tokens_details?: object | null;
  readonly output_tokens_details?: object | null;
}

/** Tokens (or another unit) as older clients of Langfuse, or OpenAI's API, spell them. */
export interface Usage {
  readonly input?: number | null;
  readonly output?: number | null;
  readonly total?: number | null;
  readonly unit?: string | null;
  /** US dollars. */
  readonly inputCost?: number | null;
  readonly outputCost?: number | null;
  readonly totalCost?: number | null;
  readonly promptTokens?: number | null;
  readonly completionTokens?: number | null;
  readonly totalTokens?: number | null;
}

/** Fields that an observation of a type has. */
export type BodyOf<T extends ObservationType> = T extends 'generation' | 'embedding'
  ? GenerationBody
  : ObservationBody;

/** Where an observation belongs that is made by the client itself, not by the handle of its parent. */
export interface Place {
  /** @default that of what is active; else a trace of its own */
  traceId?: string | null;
  /** @default the trace itself */
  parentObservationId?: string | null;
}

/** A span that may be of another process: OpenTelemetry's SpanContext, or what `extractTraceContext` has read. */
export interface ParentContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The caller's baggage, by name: attributes that it propagates (see `propagateAttributes`, `asBaggage`). */
  readonly baggage?: Readonly<Record<string, string>>;
}

/** Fields of a score. */
export interface ScoreBody {
  /** Sent again under the same id, a score replaces the earlier one. @default random */
  id?: string | null;
  name: string;
  /** A number, a category, or a truth value (sent as 1 or 0 of type BOOLEAN). */
  value: number | string | boolean;
  /** @default what the value is: NUMERIC, CATEGORICAL or BOOLEAN */
  dataType?: ScoreDataType | null;
  comment?: string | null;
  /** A score configuration of the server, which then checks the value. */
  configId?: string | null;
  /** @default that of the client */
  environment?: string | null;
  metadata?: unknown;
  /** @default now */
  timestamp?: Time | null;
}

/** A score by id alone: exactly one of `traceId` (with `observationId` if it is of one), `sessionId`, `datasetRunId`. */
export interface ScoreByIdBody extends ScoreBody {
  traceId?: string | null;
  observationId?: string | null;
  sessionId?: string | null;
  datasetRunId?: string | null;
}

/**
 * What `propagateAttributes` sets on all traces and observations that begin inside it. Texts have at most 200 characters; any
 * other value is left out, with a warning.
 */
export interface PropagatedAttributes {
  userId?: string | null;
  sessionId?: string | null;
  /** Added to those that are there. */
  tags?: readonly string[] | null;
  /** Of the traces: texts by key, merged with what is there. */
  metadata?: Readonly<Record<string, string>> | null;
  /** Of traces and observations. */
  version?: string | null;
  traceName?: string | null;
  /** Of traces and observations: at most 40 of a-z, 0-9, _ and -, not starting with "langfuse". */
  environment?: string | null;
  /** A prompt of Langfuse's prompt management, for all generations that have none of their own. */
  prompt?: { readonly name: string; readonly version: number | string; readonly isFallback?: boolean } | null;
  /**
   * Whether they also go into the headers of requests, as baggage: by `injectTraceContext()`, and by OpenTelemetry's propagators.
   * The services that are called, and whoever else sees the requests, can read them. @default false
   */
  asBaggage?: boolean | null;
}
