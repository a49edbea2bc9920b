/** Counts and times what is traced through a client, without changes to the code that traces. */
import type { Observation, ScoreBody, Tailrace, Trace } from '../../index.js';
import { OBSERVATION_TYPES } from '../../records/vocabulary.js';
import { countObservation, countScore, createTally, type Tally } from './tally.js';

interface TracingWatch {
  readonly tally: Tally;
  /** Time of the tracing calls: create, update, end and score. */
  tracingMs: number;
}

/** Watches every trace that `client` creates from now on, and everything inside. */
export function watchTracing(client: Pick<Tailrace, 'trace'>): TracingWatch {
  const watch: TracingWatch = { tally: createTally(), tracingMs: 0 };
  const trace = client.trace.bind(client);
  client.trace = (body) => {
    watch.tally.traces++;
    return watchHandle(
      watch,
      timed(watch, () => trace(body)),
    );
  };
  return watch;
}

/** Own methods shadow those of the class: the handle stays the same object, with its private fields. */
function watchHandle<T extends Trace | Observation>(watch: TracingWatch, handle: T): T {
  for (const type of OBSERVATION_TYPES) {
    const start = handle[type].bind(handle) as (body?: object) => Observation;
    Object.assign(handle, {
      [type]: (body?: object) => {
        countObservation(watch.tally, type);
        return watchHandle(
          watch,
          timed(watch, () => start(body)),
        );
      },
    });
  }
  const update = handle.update.bind(handle) as (body: object) => T;
  const end = handle.end.bind(handle) as (body?: object) => T;
  const score = handle.score.bind(handle) as (body: ScoreBody) => T;
  return Object.assign(handle, {
    update: (body: object) => timed(watch, () => update(body)),
    end: (body?: object) => timed(watch, () => end(body)),
    score: (body: ScoreBody) => {
      countScore(watch.tally, body);
      return timed(watch, () => score(body));
    },
  });
}

function timed<T>(watch: TracingWatch, call: () => T): T {
  const start = performance.now();
  const result = call();
  watch.tracingMs += performance.now() - start;
  return result;
}
