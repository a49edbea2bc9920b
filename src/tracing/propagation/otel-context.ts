/**
 * Works with OpenTelemetry's context: its active span as a parent, and propagated attributes on that span, in the context and in the
 * baggage. Does not import OpenTelemetry's API, which registers itself on the global object.
 */
import { isRecord } from '../../records/metadata.js';
import {
  METADATA_ATTRIBUTE_PREFIX,
  METADATA_NAME,
  PROPAGATION_KEYS,
} from '../../shared/contract/propagation-keys.js';
import {
  activeContext,
  activeOtelSpan,
  BAGGAGE,
  type BaggageEntry,
  type BaggageLike,
  baggageOf,
  type ContextLike,
  runWithContext,
} from '../../shared/runtime/otel-api.js';
import type { ParentContext } from '../bodies.js';
import { activeScope, type Propagated, type Texts, type TracingCore } from '../core.js';
import { parseTraceparent } from './trace-context.js';

type Value = string | number | readonly string[];

/** OpenTelemetry's active span, if it lies further inside than the active observation. */
export function activeOtelParent(core: TracingCore): ParentContext | undefined {
  const otelSpan = activeOtelSpan();
  // A span that was active when the scope began lies further outside.
  if (otelSpan === undefined || otelSpan === activeScope(core.scopes)?.otelSpan) return undefined;
  const context = parentContext(contextOf(otelSpan));
  const baggage = context && activeOtelBaggage();
  return baggage === undefined ? context : { ...(context as ParentContext), baggage };
}

/** The ids of an OpenTelemetry span. Undefined if the value is not a span. */
function contextOf(span: unknown): ParentContext | undefined {
  try {
    return (span as { spanContext(): ParentContext }).spanContext();
  } catch {
    return undefined;
  }
}

function textsOf(given: Record<string, unknown>): Texts {
  const entries = Object.entries(given).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

/** Undefined if the context is not valid: the ids of a span that does not exist are all zero. */
export function parentContext(given: unknown): ParentContext | undefined {
  try {
    const { traceId, spanId, baggage } = given as ParentContext;
    const context = parseTraceparent(`00-${traceId}-${spanId}-01`);
    return context && isRecord(baggage) ? { ...context, baggage: textsOf(baggage) } : context;
  } catch {
    return undefined;
  }
}

/**
 * Runs a function in an OpenTelemetry context with the attributes: all of `propagated` for spans that begin in it,
 * and `baggage` for requests. Without OpenTelemetry it just runs the function.
 */
export function runInOtelContext<R>(propagated: Propagated, baggage: Texts | null, run: () => R): R {
  const context = contextWith(propagated, baggage);
  return context === undefined ? run() : runWithContext(context, run);
}

function contextWith(propagated: Propagated, baggage: Texts | null): ContextLike | undefined {
  try {
    const context = activeContext();
    return context && withBaggage(withValues(context, propagated), baggage);
  } catch {
    // The application has its own implementation of contexts.
    return undefined;
  }
}

/** Sets the attributes on OpenTelemetry's active span. */
export function setOnOtelSpan(propagated: Propagated): void {
  try {
    const span = activeOtelSpan() as { setAttribute?(key: string, value: Value): unknown } | undefined;
    for (const [{ attribute }, value] of valuesOf(propagated)) span?.setAttribute?.(attribute, value);
    for (const [key, value] of Object.entries(propagated.metadataTexts ?? {})) {
      span?.setAttribute?.(METADATA_ATTRIBUTE_PREFIX + key, value);
    }
  } catch {
    // The application has its own implementation of spans.
  }
}

/** Undefined if there is no baggage. */
function activeOtelBaggage(): Texts | undefined {
  try {
    const context = activeContext();
    const baggage = context && baggageOf(context);
    return baggage && Object.fromEntries(baggage.getAllEntries().map(([name, { value }]) => [name, value]));
  } catch {
    return undefined;
  }
}

function valuesOf({ prompt, ...texts }: Propagated) {
  const keys = ['userId', 'sessionId', 'version', 'traceName', 'environment', 'tags'] as const;
  const values: [(typeof PROPAGATION_KEYS)[keyof typeof PROPAGATION_KEYS], Value | null | undefined][] =
    keys.map((key) => [PROPAGATION_KEYS[key], texts[key]]);
  values.push([PROPAGATION_KEYS.promptName, prompt?.name]);
  values.push([PROPAGATION_KEYS.promptVersion, prompt?.version]);
  return values.filter((entry): entry is [(typeof entry)[0], Value] => (entry[1] ?? null) !== null);
}

function withValues(context: ContextLike, propagated: Propagated): ContextLike {
  let added = context;
  for (const [{ name }, value] of valuesOf(propagated)) added = added.setValue(Symbol.for(name), value);
  const { metadataTexts } = propagated;
  return metadataTexts === null ? added : added.setValue(Symbol.for(METADATA_NAME), metadataTexts);
}

function withBaggage(context: ContextLike, entries: Texts | null): ContextLike {
  if (entries === null) return context;
  let baggage = baggageOf(context) ?? createBaggage(new Map());
  for (const [name, value] of Object.entries(entries)) baggage = baggage.setEntry(name, { value });
  return context.setValue(BAGGAGE, baggage);
}

function createBaggage(entries: ReadonlyMap<string, BaggageEntry>): BaggageLike {
  const without = (names: readonly string[]): BaggageLike =>
    createBaggage(new Map([...entries].filter(([name]) => !names.includes(name))));
  return {
    getEntry: (name) => entries.get(name),
    getAllEntries: () => [...entries],
    setEntry: (name, entry) => createBaggage(new Map(entries).set(name, entry)),
    removeEntry: (name) => without([name]),
    removeEntries: (...names) => without(names),
    clear: () => createBaggage(new Map()),
  };
}
