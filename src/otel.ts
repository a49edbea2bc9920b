/**
 * Public entry `tailrace/otel`: a span processor for OpenTelemetry, and what Langfuse's has beside it. Traces only: logs
 * and metrics are left to OpenTelemetry's own packages.
 */

export type { SpanExporterLike } from './otel/export-call.js';
export type { FinishedSpan } from './otel/finished-span.js';
export { TailraceSpanProcessor } from './otel/processor.js';
export type {
  ReadableSpanLike,
  SpanDestinationOptions,
  TailraceSpanProcessorOptions,
} from './otel/processor-options.js';
export {
  isDefaultExportSpan,
  isGenAISpan,
  isKnownLLMInstrumentor,
  isLangfuseSpan,
  KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES,
} from './otel/span-filter.js';
export type { SpanMaskFunction } from './otel/span-mask.js';
export type { Counts, DropReason } from './shared/counts.js';
export type { MaskFunction, MaskInput } from './shared/masking.js';
export type { OtlpProtocol } from './shared/otlp-options.js';
export type { ReadyPattern, RedactOptions, RedactPattern, RedactPatterns } from './shared/redaction.js';
