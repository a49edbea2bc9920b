/** The values that an application passes to the tracing calls. A field that is null or undefined counts as missing. */

import type { ObservationLevel, ObservationType, ScoreDataType } from '../records/vocabulary.js';

/** A point in time: a Date, milliseconds since 1970, an ISO 8601 string, or OpenTelemetry's `[seconds, nanoseconds]`. */
export type Time = Date | number | string | readonly [seconds: number, nanoseconds: number];

/** Input and output of a trace, if they differ from those of its root observation. */
export interface TraceIO {
  input?: unknown;
  output?: unknown;
}

/** Fields of a trace. Metadata of several calls is merged by its top-level keys; every other field is replaced. */
export interface TraceBody {
  /** 32 hexadecimal digits are used as they are (in lower case). Any other text is hashed to 32 digits, always the same ones. @default random */
  id?: string | null | undefined;
  name?: string | null | undefined;
  userId?: string | null | undefined;
  sessionId?: string | null | undefined;
  /**
   * If the trace was not made by `trace()`, it stands beside the input of the root observation. Langfuse 4 servers show the input
   * of the root observation instead.
   */
  input?: unknown;
  /** As `input`. */
  output?: unknown;
  metadata?: unknown;
  /** @default the client's tags */
  tags?: readonly string[] | null | undefined;
  /** @default the client's version */
  version?: string | null | undefined;
  /** @default the client's release */
  release?: string | null | undefined;
  /** @default the client's environment */
  environment?: string | null | undefined;
  public?: boolean | null | undefined;
  /** When the trace began. Only the call that makes the trace can set it: servers never change it later. @default now */
  timestamp?: Time | null | undefined;
}

/** Fields of a trace, for the call that ends it. */
export interface TraceEndBody extends TraceBody {
  /** @default now */
  endTime?: Time | null | undefined;
}

/** Fields of an observation of any type. The call that gets a value serialises it. */
export interface ObservationBody {
  /** 16 hexadecimal digits are used as they are (in lower case). Any other text is hashed to 16 digits, always the same ones. @default random */
  id?: string | null | undefined;
  name?: string | null | undefined;
  input?: unknown;
  output?: unknown;
  metadata?: unknown;
  /** Upper and lower case are the same. Other common names work as well: `warn`, `fatal`, … @default DEFAULT */
  level?: ObservationLevel | null | undefined;
  statusMessage?: string | null | undefined;
  /** @default the trace's version */
  version?: string | null | undefined;
  /** @default the trace's environment */
  environment?: string | null | undefined;
  /** @default now */
  startTime?: Time | null | undefined;
  /** With an end time, the call that makes the observation also ends and sends it. */
  endTime?: Time | null | undefined;
}

/** Fields of a generation or an embedding, which are calls of a model. */
export interface GenerationBody extends ObservationBody {
  model?: string | null | undefined;
  modelParameters?: Readonly<Record<string, unknown>> | null | undefined;
  /** Tokens by kind: `{input, output, total}` and any other kind; or the `usage` object of OpenAI's API. */
  usageDetails?: Readonly<Record<string, unknown>> | OpenAIUsage | null | undefined;
  /** US dollars by kind: `{input, output, total}` and any other kind. */
  costDetails?: Readonly<Record<string, number>> | null | undefined;
  /** The older spelling. `usageDetails` and `costDetails` take precedence. */
  usage?: Usage | null | undefined;
  /** When the first token arrived. */
  completionStartTime?: Time | null | undefined;
  /** A prompt of Langfuse's prompt management, or its name and version. A fallback prompt is not linked. */
  prompt?: PromptReference | null | undefined;
}

/** A prompt of Langfuse's prompt management. */
export interface PromptReference {
  readonly name: string;
  readonly version: number | string;
  readonly isFallback?: boolean | undefined;
}

/** Tokens as OpenAI's two APIs report them. The parts of a count, such as cached tokens, are subtracted from it. */
export interface OpenAIUsage {
  readonly prompt_tokens?: number | undefined;
  readonly completion_tokens?: number | undefined;
  readonly input_tokens?: number | undefined;
  readonly output_tokens?: number | undefined;
  readonly total_tokens?: number | undefined;
  readonly prompt_tokens_details?: object | null | undefined;
  readonly completion_tokens_details?: object | null | undefined;
  readonly input_tokens_details?: object | null | undefined;
  readonly output_tokens_details?: object | null | undefined;
}

/** Tokens (or another unit) as older Langfuse clients, or OpenAI's API, spell them. */
export interface Usage {
  readonly input?: number | null | undefined;
  readonly output?: number | null | undefined;
  readonly total?: number | null | undefined;
  readonly unit?: string | null | undefined;
  /** US dollars. */
  readonly inputCost?: number | null | undefined;
  readonly outputCost?: number | null | undefined;
  readonly totalCost?: number | null | undefined;
  readonly promptTokens?: number | null | undefined;
  readonly completionTokens?: number | null | undefined;
  readonly totalTokens?: number | null | undefined;
}

/** The fields that an observation of a type has. */
export type BodyOf<T extends ObservationType> = T extends 'generation' | 'embedding'
  ? GenerationBody
  : ObservationBody;

/** Where an observation belongs if the client makes it and not a handle. */
export interface Place {
  /** @default the active trace; if none is active, a new trace */
  traceId?: string | null | undefined;
  /** @default the trace itself */
  parentObservationId?: string | null | undefined;
}

/** A span that may belong to another process: OpenTelemetry's SpanContext, or the result of `extractTraceContext`. */
export interface ParentContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The caller's baggage by name: the attributes that it propagates (see `propagateAttributes`, `asBaggage`). */
  readonly baggage?: Readonly<Record<string, string>> | undefined;
}

/** Fields of a score. */
export interface ScoreBody {
  /** A score with the same id replaces the earlier one. @default random */
  id?: string | null | undefined;
  name: string;
  /** A number, a category, or a truth value (sent as 1 or 0 with type BOOLEAN). */
  value: number | string | boolean;
  /** @default by the type of the value: NUMERIC, CATEGORICAL or BOOLEAN */
  dataType?: ScoreDataType | null | undefined;
  comment?: string | null | undefined;
  /** A score configuration of the server, which then checks the value. */
  configId?: string | null | undefined;
  /** @default the client's environment */
  environment?: string | null | undefined;
  metadata?: unknown;
  /** @default now */
  timestamp?: Time | null | undefined;
}

/** What a score belongs to: exactly one of `traceId` (with `observationId` for an observation), `sessionId`, `datasetRunId`. */
export interface ScoreTarget {
  traceId?: string | null | undefined;
  observationId?: string | null | undefined;
  sessionId?: string | null | undefined;
  datasetRunId?: string | null | undefined;
}

/** Fields of a score whose target is given by id. */
export interface ScoreByIdBody extends ScoreBody, ScoreTarget {}

/**
 * Attributes that `propagateAttributes` sets on all traces and observations that begin inside it. Texts have at most 200
 * characters. Any other value is left out, with a warning.
 */
export interface PropagatedAttributes {
  userId?: string | null | undefined;
  sessionId?: string | null | undefined;
  /** Added to the tags that the trace already has. */
  tags?: readonly string[] | null | undefined;
  /** Metadata of the traces: texts by key, merged with the metadata that the trace already has. */
  metadata?: Readonly<Record<string, string>> | null | undefined;
  /** Set on traces and observations. */
  version?: string | null | undefined;
  traceName?: string | null | undefined;
  /** Set on traces and observations: at most 40 of a-z, 0-9, _ and -, not starting with "langfuse". */
  environment?: string | null | undefined;
  /** A prompt of Langfuse's prompt management, for all generations that have no prompt of their own. */
  prompt?: PromptReference | null | undefined;
  /**
   * Whether the attributes also go into the headers of requests, as baggage: by `injectTraceContext()`, and by OpenTelemetry's
   * propagators. The called services, and everybody else who sees the requests, can read them. @default false
   */
  asBaggage?: boolean | null | undefined;
}

/** Options of an observation whose parent is a handle. */
export interface ChildOptions<T extends ObservationType = ObservationType> {
  /** @default 'span' */
  asType?: T | undefined;
  /** @default now */
  startTime?: Time | undefined;
}

/** Headers of an HTTP message to read: a `Headers` or Map, or an object by name. */
export type HeadersLike =
  | { get(name: string): string | null | undefined }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers of an HTTP message to write: a `Headers` or Map, or an object by name. */
export type WritableHeaders = { set(name: string, value: string): unknown } | Record<string, unknown>;
