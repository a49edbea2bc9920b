/**
 * Public entry `tailrace/otel`: a span processor for OpenTelemetry, and what Langfuse's has beside it. Traces only: logs
 * and metrics are left to OpenTelemetry's own packages.
 */

export type {
  ReadableSpanLike,
  SpanExporterLike,
  SpanFilterFunction,
  SpanMaskFunction,
} from './config/option-types.js';
export type { SpanDestinationOptions, TailraceSpanProcessorOptions } from './config/options/processor.js';
export { TailraceSpanProcessor } from './otel/processor.js';
export {
  isDefaultExportSpan,
  isGenAISpan,
  isKnownLLMInstrumentor,
  isLangfuseSpan,
  KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES,
} from './otel/span-filter.js';
export type { FinishedSpan } from './records/finished-span.js';
export type { MaskFunction, MaskInput } from './records/masking.js';
export type { Counts, DropReason } from './shared/contract/counts.js';
export type { OtlpProtocol } from './shared/contract/otlp-options.js';
export type {
  ReadyPattern,
  RedactOptions,
  RedactPattern,
  RedactPatterns,
} from './shared/contract/redaction.js';
