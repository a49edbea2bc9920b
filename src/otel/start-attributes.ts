/** What a span of a Langfuse destination is given when it starts: environment, release, what is propagated, its place. */

import { type FinishedSpan, isSampled, type SpanContextLike } from '../records/finished-span.js';
import { setNewest } from '../shared/newest.js';
import type { ContextLike } from '../shared/runtime/otel-api.js';
import { keepOwn, type OwnAttributes } from './own-attributes.js';
import { claimedTraceId, propagatedAttributes } from './propagated.js';

/** A span as it begins: sdk-trace's, of which the processor needs no more. */
export interface StartedSpan extends FinishedSpan {
  setAttribute(key: string, value: unknown): unknown;
}

export interface StartAttributes {
  readonly environment: string | null;
  readonly release: string | null;
  /** Whether a span is going to be exported, as far as that can be said at its start. */
  readonly isExpected: (span: FinishedSpan) => boolean;
  /** Where other destinations give the same spans others: what this one does. */
  readonly apart: OwnAttributes | null;
  /** The spans that have not ended, by id, and whether they are expected. */
  readonly open: Map<string, boolean>;
}

/** Marks the first span of a trace that this application exports: Langfuse shows it as the trace's root. */
const IS_APP_ROOT = 'langfuse.internal.is_app_root';
const ENVIRONMENT = 'langfuse.environment';
const RELEASE = 'langfuse.release';
const PROMPT_NAME = 'langfuse.observation.prompt.name';
const PROMPT_VERSION = 'langfuse.observation.prompt.version';

/** Beyond it the oldest are forgotten: spans that nobody ever ends. */
const MAX_OPEN = 100_000;

export function setStartAttributes(start: StartAttributes, span: StartedSpan, context: ContextLike): void {
  const propagated = propagatedAttributes(context);
  const { environment, release, apart } = start;
  const given: Record<string, unknown> = {};
  if (environment !== null && propagated?.[ENVIRONMENT] === undefined) given[ENVIRONMENT] = environment;
  if (release !== null) given[RELEASE] = release;
  if (isAppRoot(start, span, context)) given[IS_APP_ROOT] = true;
  if (apart === null || keepOwn(apart, span, given))
    for (const key in given) span.setAttribute(key, given[key]);
  if (propagated !== undefined) setPropagated(span, propagated);
}

export function forgetSpan(start: StartAttributes, spanId: string): void {
  start.open.delete(spanId);
}

/** A span that names its prompt is not given another, nor another's version. */
function setPropagated(span: StartedSpan, propagated: Record<string, unknown>): void {
  const hasPrompt = span.attributes[PROMPT_NAME] != null;
  for (const key in propagated) {
    if (hasPrompt && (key === PROMPT_NAME || key === PROMPT_VERSION)) continue;
    span.setAttribute(key, propagated[key]);
  }
}

function isAppRoot({ isExpected, open }: StartAttributes, span: StartedSpan, context: ContextLike): boolean {
  const started = span.spanContext();
  // Neither is it exported, nor are we told that it has ended.
  if (!isSampled(started)) return false;
  const { traceId, spanId } = started;
  const expected = isExpected(span);
  setNewest(open, spanId, expected, MAX_OPEN);
  return expected && !hasExpectedParent(open, span) && claimedTraceId(context) !== traceId;
}

function hasExpectedParent(open: ReadonlyMap<string, boolean>, span: FinishedSpan): boolean {
  const parent: SpanContextLike | undefined = span.parentSpanContext;
  const id = parent?.spanId ?? span.parentSpanId;
  return id !== undefined && open.get(id) === true;
}
