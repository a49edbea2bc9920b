/** Public entry `tailrace`: the tracing client and its types. */

export type { TailraceOptions } from './config/options/client.js';
export type {
  ChannelMessages,
  Counts,
  DropReason,
  EngineInput,
  EngineListeners,
  EngineOptions,
  ExporterSource,
  FlushResult,
  Logger,
  LogLevel,
  MessageCode,
  MessageDetail,
  ProxySetting,
} from './engine.js';
export type { MaskedField, MaskFunction, MaskInput } from './records/masking.js';
export type { ObservationLevel, ObservationType, ScoreDataType } from './records/vocabulary.js';
export type { ClickhouseOptions } from './shared/contract/clickhouse-options.js';
export type { NatsOptions } from './shared/contract/nats-options.js';
export type {
  OtlpAddress,
  OtlpBalance,
  OtlpEndpoint,
  OtlpOptions,
  TlsOptions,
} from './shared/contract/otlp-options.js';
export type { PriceOverride } from './shared/contract/prices.js';
export type {
  ReadyPattern,
  RedactOptions,
  RedactPattern,
  RedactPatterns,
} from './shared/contract/redaction.js';
export type { RedisOptions } from './shared/contract/redis-options.js';
export type {
  ActiveOptions,
  AnyFunction,
  Observation,
  ObserveOptions,
  Parent,
  StartOptions,
  TailraceClient,
  TailraceHandle,
  Trace,
} from './tracing/api.js';
export type { AttachOptions } from './tracing/attachment.js';
export type {
  BodyOf,
  ChildOptions,
  GenerationBody,
  HeadersLike,
  ObservationBody,
  OpenAIUsage,
  ParentContext,
  Place,
  PromptReference,
  PropagatedAttributes,
  ScoreBody,
  ScoreByIdBody,
  ScoreTarget,
  Time,
  TraceBody,
  TraceEndBody,
  TraceIO,
  Usage,
  WritableHeaders,
} from './tracing/bodies.js';
export type { CallEvent, CallEventName, CallListeners, ClientListeners } from './tracing/call-events.js';
export { Tailrace, type TailraceConstructor } from './tracing/client.js';
export {
  createTraceId,
  getActiveObservation,
  getActiveObservationId,
  getActiveSpanId,
  getActiveTraceId,
  getClient,
  injectTraceContext,
  observe,
  propagateAttributes,
  scoreActiveObservation,
  scoreActiveTrace,
  setActiveTraceAsPublic,
  setActiveTraceIO,
  startActiveObservation,
  startObservation,
  updateActiveObservation,
  updateActiveTrace,
} from './tracing/functions.js';
export { type MediaParams, TailraceMedia } from './tracing/media.js';
export { extractTraceContext } from './tracing/propagation/trace-context.js';
