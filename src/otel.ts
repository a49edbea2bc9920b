/**
 * Public entry `tailrace/otel`: a span processor for OpenTelemetry, with the helpers of Langfuse's processor. For traces only: use
 * OpenTelemetry's own packages for logs and metrics.
 */

export type {
  ExportResultLike,
  MeterProviderLike,
  ReadableSpanLike,
  SpanExporterLike,
  SpanFilterFunction,
  SpanMaskFunction,
} from './config/option-types.js';
export type { SpanDestinationOptions, TailraceSpanProcessorOptions } from './config/options/processor.js';
export type { MessageCode } from './messages/message.js';
export { TailraceSpanProcessor } from './otel/processor.js';
export {
  isDefaultExportSpan,
  isGenAISpan,
  isKnownLLMInstrumentor,
  isLangfuseSpan,
  KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES,
  type SpanWithScope,
} from './otel/span-filter.js';

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
export type { ObservationType } from './records/vocabulary.js';
export type { Counts, DropReason } from './shared/contract/counts.js';
export type { OtlpAddress, OtlpEndpoint, OtlpProtocol } from './shared/contract/otlp-options.js';
export type {
  ReadyPattern,
  RedactOptions,
  RedactPattern,
  RedactPatterns,
} from './shared/contract/redaction.js';
export type { ContextLike } from './shared/runtime/otel-api.js';
