/** Types of options that are more than a number, a flag or a text; `options/` uses them. */
import type { FinishedSpan, HrTime } from '../records/finished-span.js';

/** A module that turns events into requests: a built-in one, or your own by its URL. */
export interface ExporterSource {
  /** `'langfuse'`, or the URL of a module that exports `createExporter` (see `Exporter`). */
  readonly url: 'langfuse' | (string & {}) | URL;
  /** Passed to `createExporter` in the worker; must survive a structured clone. */
  readonly options?: unknown;
}

/** A span as `shouldExportSpan` sees it: sdk-trace's ReadableSpan. */
export interface ReadableSpanLike extends FinishedSpan {
  readonly duration: HrTime;
  readonly ended: boolean;
}

/** The type of a method, so that a function for sdk-trace's own ReadableSpan is accepted. */
export type SpanFilterFunction = {
  shouldExport(params: { readonly otelSpan: ReadableSpanLike }): boolean;
}['shouldExport'];

/** OpenTelemetry's MeterProvider. Not its type, so that an application without metrics need not have its package. */
export interface MeterProviderLike {
  getMeter(name: string, version?: string): object;
}

/** An exporter as OpenTelemetry defines it: SpanExporter of sdk-trace. */
export interface SpanExporterLike {
  export(spans: FinishedSpan[], done: (result: ExportResultLike) => void): void;
  shutdown(): Promise<void>;
  forceFlush?(): Promise<void>;
}

/** `code` 0 is success. */
export interface ExportResultLike {
  readonly code: number;
  readonly error?: Error;
}

/**
 * Called for each attribute that holds a payload; what it returns, or its promise resolves to, is sent instead. If it fails, the
 * whole attribute is masked.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever the application put there
export type SpanMaskFunction = (params: { data: any }) => unknown;

/** `none` silences all; lost events are reported as `error`. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'none';

/**
 * The console, pino, winston, or an object with some of their methods. If a method is missing, the message goes to the next more
 * severe one, else to the most severe one that exists. Exceptions and rejected promises of a logger are caught.
 */
export interface Logger {
  debug?(message: string): unknown;
  info?(message: string): unknown;
  warn?(message: string): unknown;
  error?(message: string): unknown;
}
