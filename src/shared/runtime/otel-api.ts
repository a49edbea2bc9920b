/**
 * Calls OpenTelemetry's API without importing it. The API registers itself on the global object, and the keys of its contexts are
 * symbols of the global registry, so that the copies of it in a process work together.
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

interface DiagLike {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

export interface BaggageEntry {
  readonly value: string;
}

/** Immutable: each change returns another. */
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

/** The logger that the application has set by `diag.setLogger`. */
export function diagLogger(): DiagLike | undefined {
  return api()?.diag;
}

/** Undefined if there is no OpenTelemetry. */
export function activeContext(): ContextLike | undefined {
  try {
    return api()?.context?.active();
  } catch {
    return undefined;
  }
}

/** Runs a function in this context. If the context manager fails, the function runs without it. */
export function runWithContext<R>(context: ContextLike, run: () => R): R {
  let ran: { readonly result: () => R } | undefined;
  try {
    api()?.context?.with(context, () => {
      ran = { result: resultOf(run) };
    });
  } catch {
    // An error of the function itself is in its result.
  }
  return ran === undefined ? run() : (ran as { readonly result: () => R }).result();
}

/** Runs a function, and returns one that returns or throws the same. */
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

/** Undefined if there is no active span, or no OpenTelemetry. */
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

/** Runs a function whose requests create no OpenTelemetry spans. */
export function untraced<R>(run: () => R): R {
  const context = activeContext();
  return context === undefined ? run() : runWithContext(context.setValue(SUPPRESS_TRACING, true), run);
}
