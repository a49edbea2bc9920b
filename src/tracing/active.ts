/** Runs an application's function inside an observation: what begins in it becomes a child, its end is the end. */
import { messageOf } from '../shared/errors.js';
import type { ObservationType } from '../shared/records.js';
import type { BodyOf } from './bodies.js';
import { read, type TracingCore } from './core.js';
import { isThenable } from './mask.js';
import type { Observation } from './observation.js';
import { activeOtelSpan } from './otel-parent.js';
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
  const propagated = activeScope(core.scopes)?.propagated ?? null;
  return runInScope(core.scopes, { observation, otelSpan: activeOtelSpan(), propagated }, run);
}

/** Marks the observation with what was thrown. */
export function fail(observation: Observation, error: unknown, end: boolean): void {
  observation.update({ level: 'ERROR', statusMessage: messageOf(error) });
  if (end) observation.end();
}

/**
 * Runs a function, and tells how it ended, when it has: at once, or with the promise that it returned. What `onEnd`
 * makes of its result is passed on, and what it throws as it is.
 */
export function follow<R>(
  run: () => R,
  onEnd: (value: Awaited<R>) => Awaited<R>,
  onError: (error: unknown) => void,
): R {
  let result: R;
  try {
    result = run();
  } catch (error) {
    onError(error);
    throw error;
  }
  if (!isThenableSafely(result)) return onEnd(result as Awaited<R>);
  const settled = onEnd as (value: unknown) => unknown;
  // A subclass has more to it than a promise (an API client's answer): it must not be exchanged for a plain one.
  if (result instanceof Promise && result.constructor !== Promise) {
    result.then(settled, onError);
    return result;
  }
  const followed = Promise.resolve(result).then(settled, (error) => {
    onError(error);
    throw error;
  });
  return (result instanceof Promise ? withPropertiesOf(result, followed) : followed) as R;
}

/** Many a library hands out promises with a `cancel` or `child` of their own. */
function withPropertiesOf(promise: Promise<unknown>, followed: Promise<unknown>): Promise<unknown> {
  for (const key of Object.keys(promise)) {
    Object.defineProperty(followed, key, Object.getOwnPropertyDescriptor(promise, key) as PropertyDescriptor);
  }
  return followed;
}

/** Reading `then` may throw: what throws is no promise. */
function isThenableSafely(value: unknown): value is PromiseLike<unknown> {
  try {
    return isThenable(value);
  } catch {
    return false;
  }
}
