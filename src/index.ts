/** Public entry `tailrace`: the tracing client and its types. */
export type {
  ChannelMessages,
  Counts,
  DropReason,
  EngineListeners,
  FlushResult,
  Logger,
  LogLevel,
  MessageCode,
  MessageDetail,
} from './engine.js';
export type { MaskedField, MaskFunction, MaskInput } from './records/masking.js';
export type { ObservationLevel, ObservationType, ScoreDataType } from './records/records.js';
export type {
  ReadyPattern,
  RedactOptions,
  RedactPattern,
  RedactPatterns,
} from './shared/contract/redaction.js';
export type { PriceOverride } from './shared/usage-options.js';
export type { ActiveOptions } from './tracing/active.js';
export type { AttachOptions, TailraceHandle } from './tracing/attachment.js';
export type {
  BodyOf,
  GenerationBody,
  ObservationBody,
  OpenAIUsage,
  ParentContext,
  Place,
  PropagatedAttributes,
  ScoreBody,
  ScoreByIdBody,
  Time,
  TraceBody,
  TraceIO,
  Usage,
} from './tracing/bodies.js';
export type { CallEvent, ClientListeners } from './tracing/call-events.js';
export { Tailrace } from './tracing/client.js';
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
export type { Observation } from './tracing/observation.js';
export type { ObserveOptions } from './tracing/observe/observe.js';
export type { TailraceOptions } from './tracing/options.js';
export { extractTraceContext } from './tracing/propagation/trace-context.js';
export type { StartOptions } from './tracing/start.js';
export type { Trace } from './tracing/trace.js';
