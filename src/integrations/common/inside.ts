/** Runs an application's function inside an observation that an integration has begun and will end itself. */
import type { Observation, TailraceClient } from '../../index.js';
import { RUN_INSIDE, type RunningInside } from '../../tracing/running-inside.js';

/**
 * What `run` traces becomes a child of the observation, also behind `await`. The result is passed on as it is, and so is an error. A client
 * of an older copy of this package cannot do this: then `run` just runs.
 */
export function runInside<R>(client: TailraceClient, observation: Observation, run: () => R): R {
  const running = client as Partial<RunningInside>;
  return typeof running[RUN_INSIDE] === 'function' ? running[RUN_INSIDE](observation, run) : run();
}
