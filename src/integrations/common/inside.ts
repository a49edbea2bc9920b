/** Runs an application's function inside an observation that an integration has begun and will end itself. */
import type { Observation, TailraceClient } from '../../index.js';
import { RUN_INSIDE, type RunningInside } from '../../tracing/running-inside.js';

/**
 * What `run` traces becomes a child of the observation, also behind `await`. The result is passed on as it is, and so is an error. A client
 * of an older copy of this package cannot do this, nor one that is broken: then `run` just runs.
 */
export function runInside<R>(client: TailraceClient, observation: Observation, run: () => R): R {
  let hasBegun = false;
  const begin = (): R => {
    hasBegun = true;
    return run();
  };
  try {
    const running = client as Partial<RunningInside>;
    return typeof running[RUN_INSIDE] === 'function' ? running[RUN_INSIDE](observation, begin) : begin();
  } catch (error) {
    if (hasBegun) throw error;
    return run();
  }
}
