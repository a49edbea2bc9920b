/** Starts traces and observations that are not made by the handle of their parent: finds the parent first. */

import { message } from '../messages/message.js';
import type { ObservationType } from '../records/vocabulary.js';
import { isExportedSpan } from '../shared/contract/exported-spans.js';
import type { Observation, StartOptions, Trace } from './api.js';
import type { BodyOf, GenerationBody, ParentContext, Place, TraceBody } from './bodies.js';
import { activeScope, type InnerObservation, type TracingCore } from './core.js';
import { read, readType, toBody, toText } from './fields.js';
import { keyOf, rootSpanOf, type TraceId, toSpanId, toTraceId } from './ids.js';
import { ObservationHandle } from './observation.js';
import { activeOtelParent, parentContext } from './propagation/otel-context.js';
import { claimsTrace, readBaggage } from './propagation/propagated.js';
import { parseTraceparent } from './propagation/trace-context.js';
import { TraceHandle } from './trace.js';

export function startObservation<T extends ObservationType>(
  core: TracingCore,
  name: string,
  attributes: BodyOf<T> | null | undefined,
  options: StartOptions<T> | null | undefined,
): InnerObservation<T> {
  const type = readType(core, options) as T;
  const body = toBody(core, name, attributes, options);
  const given = read(core, options, 'parent') ?? read(core, options, 'parentSpanContext');
  const parent = (given === undefined ? undefined : parentOf(core, given)) ?? activeParent(core);
  return startUnder(core, parent, type, body);
}

/** For `client.span()` and its siblings: under the ids in the body, else under the active observation. */
export function startByIds<T extends ObservationType>(
  core: TracingCore,
  type: T,
  body: (GenerationBody & Place) | null | undefined,
): Observation<T> {
  const traceId = toText(read(core, body, 'traceId'));
  if (traceId === null) return startUnder(core, activeParent(core), type, body ?? undefined);
  const open = openTrace(core, toTraceId(traceId) as TraceId);
  const trace = open ?? new TraceHandle(core, { id: traceId }, false);
  const parentId = toSpanId(toText(read(core, body, 'parentObservationId'))) ?? rootSpanOf(trace.binaryId);
  return trace.startInside(parentId, type, body ?? undefined, open === undefined);
}

/** For `client.trace()`. If the handle of the id is still open it is continued, so that the last change stands. */
export function startTrace(core: TracingCore, body: TraceBody | undefined): Trace {
  const id = toTraceId(toText(read(core, body, 'id')));
  const open = id === null ? undefined : openTrace(core, id);
  if (!open?.hasSpan) {
    const trace = new TraceHandle(core, body, true);
    if (core.calls.hasListeners) trace.emitCreate();
    return trace;
  }
  const propagated = activeScope(core.scopes)?.propagated;
  if (propagated) open.propagate(propagated);
  return open.update(body as TraceBody);
}

/** The observation, or the OpenTelemetry span, that would be the parent of a new observation. */
export function activeParent(core: TracingCore): InnerObservation | ParentContext | undefined {
  return activeOtelParent(core) ?? activeScope(core.scopes)?.observation ?? undefined;
}

function startUnder<T extends ObservationType>(
  core: TracingCore,
  parent: TraceHandle | InnerObservation | ParentContext | undefined,
  type: T,
  body: GenerationBody | undefined,
): InnerObservation<T> {
  if (parent === undefined) {
    const named = activeScope(core.scopes)?.propagated?.traceName ? {} : { name: read(core, body, 'name') };
    return new TraceHandle(core, named, false).start(type, body);
  }
  if (parent instanceof TraceHandle || parent instanceof ObservationHandle) return parent.start(type, body);
  const { traceId, spanId, baggage } = parent as ParentContext;
  const parentId = toSpanId(spanId);
  // The handle of the active trace knows its attributes.
  const active = activeScope(core.scopes)?.observation?.trace;
  if (active?.id === traceId) return active.startInside(parentId, type, body, false);
  const trace = new TraceHandle(core, { id: traceId }, false, baggage ? readBaggage(core, baggage) : null);
  const hasRoot = claimsTrace(baggage, traceId) || isExportedSpan(spanId);
  return trace.startInside(parentId, type, body, !hasRoot);
}

/** The handle of an open trace. It knows user and session, which go on all spans. */
function openTrace({ open }: TracingCore, id: TraceId): TraceHandle | undefined {
  const trace = open.traces.get(keyOf(id));
  return trace instanceof TraceHandle && isSame(trace.binaryId, id) ? trace : undefined;
}

function isSame(a: TraceId, b: TraceId): boolean {
  return a.word0 === b.word0 && a.word1 === b.word1 && a.word2 === b.word2 && a.word3 === b.word3;
}

function parentOf(
  core: TracingCore,
  given: unknown,
): TraceHandle | ObservationHandle | ParentContext | undefined {
  const parent =
    typeof given === 'string'
      ? parseTraceparent(given)
      : (handleOf(given) ?? parentContext(given) ?? foreignHandle(given));
  if (parent === undefined) {
    core.notifier.warnOnce(message('TAILRACE_PARENT_INVALID'));
  }
  return parent;
}

function handleOf(given: unknown): TraceHandle | ObservationHandle | undefined {
  try {
    return given instanceof TraceHandle || given instanceof ObservationHandle ? given : undefined;
  } catch {
    // A revoked proxy.
    return undefined;
  }
}

/** The handle of another copy of this package is read by its `traceparent`, like a span of another service. */
function foreignHandle(given: unknown): ParentContext | undefined {
  try {
    const { traceparent } = given as Observation;
    return typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
  } catch {
    return undefined;
  }
}
