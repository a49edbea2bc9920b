/** OpenTelemetry's active context and span, found without importing its API: it registers itself on the global object. */
import type { ParentContext } from './bodies.js';

/** `@opentelemetry/api`: internal/global-utils (major version 1), trace/context-utils; both are what joins its copies. */
const API = Symbol.for('opentelemetry.js.api.1');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

export interface ContextLike {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): ContextLike;
}

interface OtelApi {
  readonly context?: {
    active(): ContextLike;
    with<R>(context: ContextLike, run: () => R): R;
  };
}

interface OtelSpan {
  spanContext(): ParentContext;
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

export function contextOfOtelSpan(span: unknown): ParentContext | undefined {
  try {
    return (span as OtelSpan).spanContext();
  } catch {
    return undefined;
  }
}

function api(): OtelApi | undefined {
  return (globalThis as { [API]?: OtelApi })[API];
}
