/**
 * What is needed of OpenTelemetry's API, without importing it: it registers itself on the global object, and its keys of
 * a context are symbols of the global registry. Both are what joins the copies of it that a process may have.
 */

/** `@opentelemetry/api`: internal/global-utils, major version 1. */
const API = Symbol.for('opentelemetry.js.api.1');
/** api: baggage/context-helpers. */
const BAGGAGE = Symbol.for('OpenTelemetry Baggage Key');
/** @opentelemetry/core: trace/suppress-tracing. */
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

export interface ContextLike {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): ContextLike;
}

export interface DiagLike {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

interface BaggageLike {
  getEntry(key: string): { readonly value: string } | undefined;
  getAllEntries(): [string, { readonly value: string }][];
}

interface ApiLike {
  readonly context?: {
    active(): ContextLike;
    with<R>(context: ContextLike, run: () => R): R;
  };
  readonly diag?: DiagLike;
}

function api(): ApiLike | undefined {
  return (globalThis as { [API]?: ApiLike })[API];
}

/** The logger that the application has set (`diag.setLogger`), if it has. */
export function diagLogger(): DiagLike | undefined {
  return api()?.diag;
}

export function baggageOf(context: ContextLike): BaggageLike | undefined {
  return context.getValue(BAGGAGE) as BaggageLike | undefined;
}

/** Runs a function whose own requests make no spans. */
export function untraced<R>(run: () => R): R {
  const context = api()?.context;
  if (context === undefined) return run();
  return context.with(context.active().setValue(SUPPRESS_TRACING, true), run);
}
