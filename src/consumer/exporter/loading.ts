/**
 * Says in shared memory that a module of the application's is being loaded, so that it is known what a worker died of or is
 * stuck in. A module that is loaded without blocking the thread is not stuck: meanwhile the worker shows that it is alive.
 */

import { LOADING } from '../../shared/ring/ring-layout.js';
import { beat } from '../../shared/ring/urgent-flush.js';
import { clearInterval, setInterval } from '../../shared/runtime/real-time.js';

/** Values of LOADING. */
export const AN_EXPORTER = 1;
export const A_MODULE = 2;

const BEAT_MS = 20;

export type LoadingBracket = <T>(
  what: typeof AN_EXPORTER | typeof A_MODULE,
  load: () => Promise<T>,
) => Promise<T>;

/** Several rings load at the same time, and an exporter loads modules: a module goes before the exporter that wants it. */
export function createLoadingBracket(words: Int32Array): LoadingBracket {
  const underWay = [0, 0, 0];
  let timer: NodeJS.Timeout | undefined;

  function enter(what: number, change: 1 | -1): void {
    underWay[what] = (underWay[what] as number) + change;
    const now = [A_MODULE, AN_EXPORTER].find((one) => underWay[one] !== 0) ?? 0;
    Atomics.store(words, LOADING, now);
    if (now === 0) {
      clearInterval(timer);
      timer = undefined;
    } else timer ??= setInterval(beat, BEAT_MS, words).unref();
  }

  return async (what, load) => {
    enter(what, 1);
    try {
      return await load();
    } finally {
      enter(what, -1);
    }
  };
}
