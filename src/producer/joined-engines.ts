/** Joins several engines, each with a worker of its own, into one. Events of the same shard go to the same engine. */
import { sumCounts } from '../shared/ring/totals.js';
import type { Engine } from './engine-api.js';
import { deadlineAfter, waitForAll } from './exit/blocking-wait.js';

/** @param exitTimeoutMs The default of `flushSync()`. */
export function joinEngines(engines: readonly Engine[], exitTimeoutMs: number): Engine {
  const [first] = engines as readonly [Engine, ...Engine[]];
  if (engines.length === 1) return first;
  const of = (shard: number): Engine => engines[(shard >>> 0) % engines.length] as Engine;
  const sumOf = async (results: Promise<Awaited<ReturnType<Engine['flush']>>>[]) =>
    sumCounts(await Promise.all(results));
  const stats = () => sumCounts(engines.map((engine) => engine.stats()));
  /** Asks all engines before any is waited for, so that they work at the same time. */
  const beginFlushSync = () => engines.flatMap((engine) => engine.beginFlushSync());
  let turn = 0;
  return {
    // Events without a shard are spread evenly.
    push: (event) => of(turn++).push(event),
    write: (write, event, shard) => of(shard).write(write, event, shard),
    freeze: (value) => first.freeze(value),
    flush: () => sumOf(engines.map((engine) => engine.flush())),
    shutdown: () => sumOf(engines.map((engine) => engine.shutdown())),
    async ready() {
      await Promise.all(engines.map((engine) => engine.ready()));
    },
    flushSync(timeoutMs) {
      const deadline = deadlineAfter(timeoutMs, exitTimeoutMs);
      waitForAll(beginFlushSync().map((wait) => ({ wait, deadline })));
      return stats();
    },
    beginFlushSync,
    stats,
    handle() {
      const handles = engines.map((engine) => engine.handle());
      return { ...first.handle(), engines: handles.flatMap((handle) => handle.engines) };
    },
    onExport(listener) {
      for (const engine of engines) engine.onExport(listener);
    },
    on: (kind, listener) => first.on(kind, listener),
    refuse: (reportTo) => first.refuse(reportTo),
    isIdle: () => engines.every((engine) => engine.isIdle()),
    debug(enabled) {
      for (const engine of engines) engine.debug(enabled);
    },
  };
}
