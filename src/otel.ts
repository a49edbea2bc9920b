/**
 * Public entry `tailrace/otel`: a span processor for OpenTelemetry, with the helpers of Langfuse's processor. For traces only: use
 * OpenTelemetry's own packages for logs and metrics.
 */

export { TailraceSpanProcessor } from './otel/processor.js';
export type {
  DeliveryOptions,
  MeterProviderLike,
  ReadableSpanLike,
  ShouldExportSpan,
  SpanDestinationOptions,
  TailraceSpanProcessorOptions,
} from './otel/processor-options.js';
export type { ExportResultLike, SpanExporterLike } from './otel/sinks/export-call.js';
export {
  isDefaultExportSpan,
  isGenAISpan,
  isKnownLLMInstrumentor,
  isLangfuseSpan,
  KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES,
  type SpanWithScope,
} from './otel/span-filter.js';
export type { SpanMaskFunction } from './otel/span-mask.js';
export type { StartedSpan } from './otel/start-attributes.js';
export type {
  Attributes,
  FinishedSpan,
  FinishedSpanEvent,
  FinishedSpanLink,
  HrTime,
  ResourceLike,
  ScopeLike,
  SpanContextLike,
} from './records/finished-span.js';
export type { MaskedField, MaskFunction, MaskInput } from './records/masking.js';
export type { ObservationType } from './records/records.js';
export type { Counts, DropReason } from './shared/contract/counts.js';
export type {
  ReadyPattern,
  RedactOptions,
  RedactPattern,
  RedactPatterns,
} from './shared/contract/redaction.js';
export type { EngineInput, EngineOptions, ExporterSource } from './shared/options.js';
export type { OtlpProtocol } from './shared/otlp-options.js';
export type { ProxySetting } from './shared/proxy-options.js';
export type { ContextLike } from './shared/runtime/otel-api.js';
export type { SpoolMode } from './shared/spool-options.js';
