/**
 * Sets attributes on a span of a Langfuse destination when it starts: environment, release, propagated values, and whether it is
 * the application's root.
 *
 * If several destinations are Langfuse projects, some of these differ: all destinations have the same span, which shows the
 * attributes of the first destination. The others send a copy with their own.
 */

import { type FinishedSpan, isSampled, type SpanContextLike } from '../records/finished-span.js';
import { setNewest } from '../shared/newest.js';
import type { ContextLike } from '../shared/runtime/otel-api.js';
import { claimedTraceId, propagatedAttributes } from './propagated.js';
import { copySpan } from './span-copy.js';

/** A span as it begins: the methods of sdk-trace's span that the processor needs. */
export interface StartedSpan extends FinishedSpan {
  setAttribute(key: string, value: unknown): unknown;
}

export interface StartAttributes {
  readonly environment: string | null;
  readonly release: string | null;
  /** Whether a span will be exported, as far as that is known at its start. */
  readonly isExpected: (span: FinishedSpan) => boolean;
  /** Null if there is only one such destination. */
  readonly own: OwnAttributes | null;
  /** The spans that have not ended, by id, and whether they are expected to be exported. */
  readonly open: Map<string, boolean>;
}

/** By the attribute's key. */
type Attributes = Readonly<Record<string, unknown>>;

export interface OwnAttributes {
  /** The attributes that each span shows. */
  readonly shown: WeakMap<object, Attributes>;
  /** Its attributes for this destination: for the first destination, the same map. */
  readonly own: WeakMap<object, Attributes>;
}

/** Marks the first span of a trace that this application exports: Langfuse shows it as the trace's root. */
const IS_APP_ROOT = 'langfuse.internal.is_app_root';
const ENVIRONMENT = 'langfuse.environment';
const RELEASE = 'langfuse.release';
const PROMPT_NAME = 'langfuse.observation.prompt.name';
const PROMPT_VERSION = 'langfuse.observation.prompt.version';

/** Beyond it the oldest spans are forgotten: they may never end. */
const MAX_OPEN_SPANS = 100_000;

/** For this number of destinations that set attributes. */
export function createOwnAttributes(count: number): (OwnAttributes | null)[] {
  const shown = new WeakMap();
  return Array.from({ length: count }, (_, i) =>
    count === 1 ? null : { shown, own: i === 0 ? shown : new WeakMap() },
  );
}

export function setStartAttributes(start: StartAttributes, span: StartedSpan, context: ContextLike): void {
  const propagated = propagatedAttributes(context);
  const { environment, release, own } = start;
  const attributes: Record<string, unknown> = {};
  if (environment !== null && propagated?.[ENVIRONMENT] === undefined) attributes[ENVIRONMENT] = environment;
  if (release !== null) attributes[RELEASE] = release;
  if (isAppRoot(start, span, context)) attributes[IS_APP_ROOT] = true;
  if (own === null || keepOwn(own, span, attributes))
    for (const key in attributes) span.setAttribute(key, attributes[key]);
  if (propagated !== undefined) setPropagated(span, propagated);
}

export function forgetSpan(start: StartAttributes, spanId: string): void {
  start.open.delete(spanId);
}

/** The span with its attributes for this destination. Attributes that the application has set itself stay as they are. */
export function withOwnAttributes({ shown, own }: OwnAttributes, span: FinishedSpan): FinishedSpan {
  if (own === shown) return span;
  const here = own.get(span) ?? {};
  const there = shown.get(span) ?? {};
  const differing = Object.keys({ ...there, ...here }).filter(
    (key) => here[key] !== there[key] && span.attributes[key] === there[key],
  );
  if (differing.length === 0) return span;
  const attributes = { ...span.attributes };
  for (const key of differing) {
    if (here[key] === undefined) delete attributes[key];
    else attributes[key] = here[key];
  }
  return copySpan(span, { attributes });
}

/** Returns whether the span itself has to show them. */
function keepOwn({ shown, own }: OwnAttributes, span: object, attributes: Attributes): boolean {
  own.set(span, attributes);
  return own === shown;
}

/** A span that names its prompt does not get another, nor another's version. */
function setPropagated(span: StartedSpan, propagated: Record<string, unknown>): void {
  const hasPrompt = span.attributes[PROMPT_NAME] != null;
  for (const key in propagated) {
    if (hasPrompt && (key === PROMPT_NAME || key === PROMPT_VERSION)) continue;
    span.setAttribute(key, propagated[key]);
  }
}

function isAppRoot({ isExpected, open }: StartAttributes, span: StartedSpan, context: ContextLike): boolean {
  const started = span.spanContext();
  // An unsampled span is not exported, and `onEnd` is not called for it.
  if (!isSampled(started)) return false;
  const { traceId, spanId } = started;
  const expected = isExpected(span);
  setNewest(open, spanId, expected, MAX_OPEN_SPANS);
  return expected && !hasExpectedParent(open, span) && claimedTraceId(context) !== traceId;
}

function hasExpectedParent(open: ReadonlyMap<string, boolean>, span: FinishedSpan): boolean {
  const parent: SpanContextLike | undefined = span.parentSpanContext;
  const id = parent?.spanId ?? span.parentSpanId;
  return id !== undefined && open.get(id) === true;
}
