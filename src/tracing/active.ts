/** Runs an application's function in a scope: inside an observation, which ends with the function, or with propagated attributes. */

import type { ObservationType } from '../records/vocabulary.js';
import { activeOtelSpan } from '../shared/runtime/otel-api.js';
import type { ActiveOptions, Observation } from './api.js';
import type { BodyOf, PropagatedAttributes } from './bodies.js';
import { activeScope, type InnerObservation, runInScope, type TracingCore } from './core.js';
import { read, toStatusMessage } from './fields.js';
import { follow } from './observe/follow.js';
import { activeOtelParent, runInOtelContext, setOnOtelSpan } from './propagation/otel-context.js';
import { mergePropagated, readPropagated, toBaggage } from './propagation/propagated.js';
import { startObservation } from './start.js';

export function startActiveObservation<R, T extends ObservationType>(
  core: TracingCore,
  name: string,
  run: (observation: Observation<T>) => R,
  options: ActiveOptions<T> | null | undefined,
): R {
  const observation = startObservation<T>(core, name, {} as BodyOf<T>, options);
  const endOnExit = read(core, options, 'endOnExit') !== false;
  return follow(
    () => runInside(core, observation, () => run(observation)),
    (value) => {
      if (endOnExit) observation.end();
      return value;
    },
    (error) => fail(observation, error, endOnExit),
  );
}

/** Runs a function with the observation as the active one. */
export function runInside<R>(core: TracingCore, observation: InnerObservation, run: () => R): R {
  const here = activeScope(core.scopes)?.propagated ?? null;
  const propagated = mergePropagated(observation.trace.brought, here);
  return runInScope(core.scopes, { observation, otelSpan: activeOtelSpan(), propagated }, run);
}

/** Sets the level and status message for a thrown error. */
export function fail(observation: Observation, error: unknown, end: boolean): void {
  observation.update({ level: 'ERROR', statusMessage: toStatusMessage(error) });
  if (end) observation.end();
}

/**
 * Runs a function with propagated attributes. The active observation and its trace get them as well, or OpenTelemetry's active span if
 * that lies further inside.
 */
export function propagateAttributes<R>(
  core: TracingCore,
  attributes: PropagatedAttributes | null | undefined,
  run: () => R,
): R {
  if (core.engine === undefined) return run();
  const scope = activeScope(core.scopes);
  const given = readPropagated(core, attributes);
  const baggage = read(core, attributes, 'asBaggage') === true ? toBaggage(given) : null;
  const added = { ...given, baggage };
  const observation = scope?.observation ?? null;
  observation?.trace.propagate(added);
  if (activeOtelParent(core) !== undefined) setOnOtelSpan(added);
  else observation?.propagate(added);
  const propagated = mergePropagated(scope?.propagated ?? null, added);
  const inside = { observation, otelSpan: scope?.otelSpan, propagated };
  return runInOtelContext(propagated, propagated.baggage, () => runInScope(core.scopes, inside, run));
}
