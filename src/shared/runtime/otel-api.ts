/**
 * What is needed of OpenTelemetry's API, without importing it: it registers itself on the global object, and its keys of
 * a context are symbols of the global registry. Both are what joins the copies of it that a process may have.
 */

/** `@opentelemetry/api`: internal/global-utils, major version 1. */
const API = Symbol.for('opentelemetry.js.api.1');
/** api: baggage/context-helpers. */
export const BAGGAGE = Symbol.for('OpenTelemetry Baggage Key');
/** api: trace/context-utils. */
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');
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

export interface BaggageEntry {
  readonly value: string;
}

/** It never changes: each change is another. */
export interface BaggageLike {
  getEntry(name: string): BaggageEntry | undefined;
  getAllEntries(): [string, BaggageEntry][];
  setEntry(name: string, entry: BaggageEntry): BaggageLike;
  removeEntry(name: string): BaggageLike;
  removeEntries(...names: string[]): BaggageLike;
  clear(): BaggageLike;
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

/** Undefined where there is no OpenTelemetry. */
export function activeContext(): ContextLike | undefined {
  try {
    return api()?.context?.active();
  } catch {
    return undefined;
  }
}

/** For a context made of the active one. A context manager that fails is left out: the function runs without it. */
export function runWithContext<R>(context: ContextLike, run: () => R): R {
  let ran: { readonly result: () => R } | undefined;
  try {
    api()?.context?.with(context, () => {
      ran = { result: resultOf(run) };
    });
  } catch {
    // What the function itself has thrown is in its result.
  }
  return ran === undefined ? run() : (ran as { readonly result: () => R }).result();
}

/** Runs a function: the one that is returned returns, or throws, the same. */
function resultOf<R>(run: () => R): () => R {
  try {
    const result = run();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** Undefined where there is none, or no OpenTelemetry. */
export function activeOtelSpan(): unknown {
  try {
    return activeContext()?.getValue(SPAN);
  } catch {
    return undefined;
  }
}

export function baggageOf(context: ContextLike): BaggageLike | undefined {
  return context.getValue(BAGGAGE) as BaggageLike | undefined;
}

/** Runs a function whose own requests make no spans. */
export function untraced<R>(run: () => R): R {
  const context = activeContext();
  return context === undefined ? run() : runWithContext(context.setValue(SUPPRESS_TRACING, true), run);
}
