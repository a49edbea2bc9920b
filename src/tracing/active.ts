/** Runs an application's function inside an observation: what begins in it becomes a child, its end is the end. */

import type { ObservationType } from '../records/vocabulary.js';
import { activeOtelSpan } from '../shared/runtime/otel-api.js';
import type { BodyOf } from './bodies.js';
import { read, type TracingCore } from './core.js';
import { toStatusMessage } from './fields.js';
import type { Observation } from './observation.js';
import { follow } from './observe/follow.js';
import { mergePropagated } from './propagation/propagated.js';
import { activeScope, runInScope } from './scope.js';
import { type StartOptions, startObservation } from './start.js';

export interface ActiveOptions<T extends ObservationType = ObservationType> extends StartOptions<T> {
  /** Whether the observation ends when the function has; else its own `end()` is to be called. @default true */
  endOnExit?: boolean;
}

export function startActiveObservation<R, T extends ObservationType>(
  core: TracingCore,
  name: string,
  run: (observation: Observation) => R,
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
export function runInside<R>(core: TracingCore, observation: Observation, run: () => R): R {
  const here = activeScope(core.scopes)?.propagated ?? null;
  const propagated = mergePropagated(observation.trace.brought, here);
  return runInScope(core.scopes, { observation, otelSpan: activeOtelSpan(), propagated }, run);
}

/** Marks the observation with what was thrown. */
export function fail(observation: Observation, error: unknown, end: boolean): void {
  observation.update({ level: 'ERROR', statusMessage: toStatusMessage(error) });
  if (end) observation.end();
}
