/** Where an observation begins that is not made by the handle of its parent: under whom, and with what. */

import { message } from '../messages/message.js';
import { isRecord } from '../records/metadata.js';
import type { ObservationType } from '../records/records.js';
import { isExportedSpan } from '../shared/contract/exported-spans.js';
import { activeOtelSpan } from '../shared/runtime/otel-api.js';
import type { BodyOf, GenerationBody, ParentContext, Place, TraceBody } from './bodies.js';
import { read, type TracingCore } from './core.js';
import { readType, toText } from './fields.js';
import { keyOf, rootSpanOf, type TraceId, toSpanId, toTraceId } from './ids.js';
import { type ChildOptions, named } from './named.js';
import { Observation } from './observation.js';
import { claimsTrace, readBaggage } from './propagation/baggage.js';
import { activeOtelBaggage } from './propagation/otel-context.js';
import type { Texts } from './propagation/propagated.js';
import { parseTraceparent } from './propagation/trace-context.js';
import { activeScope } from './scope.js';
import { Trace } from './trace.js';

export interface StartOptions<T extends ObservationType = ObservationType> extends ChildOptions<T> {
  /**
   * A handle, a span of another process, or its `traceparent`. @default what is active; without one it begins a trace
   */
  parent?: Trace | Observation | ParentContext | string | null;
  /** OpenTelemetry's name for `parent`. */
  parentSpanContext?: ParentContext | null;
}

export function startObservation<T extends ObservationType>(
  core: TracingCore,
  name: string,
  attributes: BodyOf<T> | null | undefined,
  options: StartOptions<T> | null | undefined,
): Observation {
  const type = readType(core, options);
  const body = named(core, name, attributes, options);
  const given = read(core, options, 'parent') ?? read(core, options, 'parentSpanContext');
  const parent = (given === undefined ? undefined : parentOf(core, given)) ?? activeParent(core);
  return startUnder(core, parent, type, body);
}

/** For `client.span()` and its siblings: where the ids in the body say, else where something is active. */
export function startByIds(
  core: TracingCore,
  type: ObservationType,
  body: (GenerationBody & Place) | null | undefined,
): Observation {
  const traceId = toText(read(core, body, 'traceId'));
  if (traceId === null) return startUnder(core, activeParent(core), type, body ?? undefined);
  const open = openTrace(core, toTraceId(traceId) as TraceId);
  const trace = open ?? new Trace(core, { id: traceId }, false);
  const parentId = toSpanId(toText(read(core, body, 'parentObservationId'))) ?? rootSpanOf(trace.words);
  return trace.startInside(parentId, type, body ?? undefined, open === undefined);
}

/** For `client.trace()`: one of an id whose handle is still open goes on as that handle, so that what was said last stands. */
export function startTrace(core: TracingCore, body: TraceBody | undefined): Trace {
  const id = toTraceId(toText(read(core, body, 'id')));
  const open = id === null ? undefined : openTrace(core, id);
  if (!open?.hasSpan) {
    const trace = new Trace(core, body, true);
    if (core.calls.isHeard) trace.tell();
    return trace;
  }
  const propagated = activeScope(core.scopes)?.propagated;
  if (propagated) open.propagate(propagated);
  return open.update(body as TraceBody);
}

/** The observation, or the span of OpenTelemetry, that a new one would be a child of. */
export function activeParent(core: TracingCore): Observation | ParentContext | undefined {
  return otelParent(core) ?? activeScope(core.scopes)?.observation ?? undefined;
}

/** Whether OpenTelemetry's active span lies further inside than the active observation. */
export function isOtelSpanInside(core: TracingCore): boolean {
  return otelParent(core) !== undefined;
}

function otelParent(core: TracingCore): ParentContext | undefined {
  const otelSpan = activeOtelSpan();
  // One that was active when the scope began lies further outside.
  if (otelSpan === undefined || otelSpan === activeScope(core.scopes)?.otelSpan) return undefined;
  const context = parentContext(contextOf(otelSpan));
  const baggage = context && activeOtelBaggage();
  return baggage === undefined ? context : { ...(context as ParentContext), baggage };
}

function startUnder(
  core: TracingCore,
  parent: Trace | Observation | ParentContext | undefined,
  type: ObservationType,
  body: GenerationBody | undefined,
): Observation {
  if (parent === undefined) {
    const named = activeScope(core.scopes)?.propagated?.traceName ? {} : { name: read(core, body, 'name') };
    return new Trace(core, named, false).start(type, body);
  }
  if (parent instanceof Trace || parent instanceof Observation) return parent.start(type, body);
  const { traceId, spanId, baggage } = parent;
  const parentId = toSpanId(spanId);
  // What is known of the trace goes on.
  const active = activeScope(core.scopes)?.observation?.trace;
  if (active?.id === traceId) return active.startInside(parentId, type, body, false);
  const trace = new Trace(core, { id: traceId }, false, baggage ? readBaggage(core, baggage) : null);
  const hasRoot = claimsTrace(baggage, traceId) || isExportedSpan(spanId);
  return trace.startInside(parentId, type, body, !hasRoot);
}

/** The handle of a trace that is open: what it knows of user and session goes on all spans. */
function openTrace({ open }: TracingCore, id: TraceId): Trace | undefined {
  const trace = open.traces.get(keyOf(id));
  return trace instanceof Trace && isSame(trace.words, id) ? trace : undefined;
}

function isSame(a: TraceId, b: TraceId): boolean {
  return a.word0 === b.word0 && a.word1 === b.word1 && a.word2 === b.word2 && a.word3 === b.word3;
}

function parentOf(core: TracingCore, given: unknown): Trace | Observation | ParentContext | undefined {
  const parent =
    typeof given === 'string'
      ? parseTraceparent(given)
      : (handleOf(given) ?? parentContext(given) ?? foreignHandle(given));
  if (parent === undefined) {
    core.notifier.warnOnce(message('TAILRACE_PARENT_INVALID'));
  }
  return parent;
}

function handleOf(given: unknown): Trace | Observation | undefined {
  try {
    return given instanceof Trace || given instanceof Observation ? given : undefined;
  } catch {
    // A revoked proxy.
    return undefined;
  }
}

/** A handle of another copy of this package says where it is as a service would. */
function foreignHandle(given: unknown): ParentContext | undefined {
  try {
    const { traceparent } = given as Observation;
    return typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  } catch {
    return undefined;
  }
}

/** Of a span of OpenTelemetry; undefined for what is none. */
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

/** Undefined for what is no valid context: OpenTelemetry's ids of a span that does not exist are all zero. */
function parentContext(given: unknown): ParentContext | undefined {
  try {
    const { traceId, spanId, baggage } = given as ParentContext;
    const context = parseTraceparent(`00-${traceId}-${spanId}-01`);
    return context && isRecord(baggage) ? { ...context, baggage: textsOf(baggage) } : context;
  } catch {
    return undefined;
  }
}
