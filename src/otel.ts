/**
 * Public entry `tailrace/otel`: a span processor for OpenTelemetry, and what Langfuse's has beside it. Traces only: logs
 * and metrics are left to OpenTelemetry's own packages.
 */

export type { MessageCode } from './messages/message.js';
export { TailraceSpanProcessor } from './otel/processor.js';
export type {
  ReadableSpanLike,
  SpanDestinationOptions,
  TailraceSpanProcessorOptions,
} from './otel/processor-options.js';
export type { SpanExporterLike } from './otel/sinks/export-call.js';
export {
  isDefaultExportSpan,
  isGenAISpan,
  isKnownLLMInstrumentor,
  isLangfuseSpan,
  KNOWN_LLM_INSTRUMENTATION_SCOPE_PREFIXES,
} from './otel/span-filter.js';
export type { SpanMaskFunction } from './otel/span-mask.js';
export type { FinishedSpan } from './records/finished-span.js';
export type { MaskFunction, MaskInput } from './records/masking.js';
export type { Counts, DropReason } from './shared/contract/counts.js';
export type {
  ReadyPattern,
  RedactOptions,
  RedactPattern,
  RedactPatterns,
} from './shared/contract/redaction.js';
export type { OtlpProtocol } from './shared/otlp-options.js';
