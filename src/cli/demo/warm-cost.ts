/**
 * What tracing costs the application's thread in a program that has run for a while. A demo is too short for that: most of
 * its calls run before they have been compiled. So the same is traced again, by a client whose events go nowhere, first to
 * warm up and then to be measured. Only the wall clock can time single calls, so what else the machine does is in the figures:
 * the mean has all of it, the median of many short passes leaves it out unless half of them are met.
 */
import { Tailrace } from '../../index.js';
import type { Source } from './source.js';

export interface WarmCost {
  /** Of the passes. */
  readonly medianMicrosPerEvent: number;
  readonly meanMicrosPerEvent: number;
  readonly events: number;
  readonly passes: number;
  readonly warmUpEvents: number;
  /** The mean is far above the quickest tenth of the passes: the thread had to wait for the processor. */
  readonly isDisturbed: boolean;
}

export const WARM_UP_EVENTS = 20_000;
const PASS_EVENTS = 200;
const PASSES = 100;
const DISTURBED = 2;
/** Of each half, the warm-up and the passes; the events at hand may be large. */
const MAX_HALF_MS = 1_000;

/** Undefined: interrupted before there was a whole pass. `url`: of the local receiver, which gets requests without events. */
export async function measureWarmCost(
  source: Source,
  url: string,
  interrupt: AbortSignal,
  onProgress: (text: string) => void,
): Promise<WarmCost | undefined> {
  const client = new Tailrace({
    exporter: {
      url: new URL('./unsent-exporter.js', import.meta.url).href,
      options: `${url}/api/public/ready`,
    },
    enabled: true,
    proxy: false,
    logLevel: 'none',
    sampleRate: 1,
    flushAtExit: false,
  });
  const enough = new AbortController();
  const watch = watchPasses(() => enough.abort());
  await source.run(
    client,
    {
      signal: AbortSignal.any([interrupt, enough.signal]),
      onProgress: (_text, { events, tracingMs }) => {
        watch.add(events, tracingMs);
        onProgress('measuring what tracing costs once it is warm');
      },
      onProblem: () => {},
    },
    Number.POSITIVE_INFINITY,
  );
  await client.shutdown();
  return watch.result();
}

interface Mark {
  readonly events: number;
  readonly tracingMs: number;
}

/** Of totals that grow: the warm-up first, then pass by pass until there are enough. */
function watchPasses(stop: () => void) {
  let startedAt = performance.now();
  let warm: Mark | undefined;
  let begin: Mark = { events: 0, tracingMs: 0 };
  const passes: number[] = [];

  return {
    add(events: number, tracingMs: number): void {
      const isLate = performance.now() - startedAt >= MAX_HALF_MS;
      const passEvents = events - begin.events;
      if (passEvents === 0) return;
      if (warm === undefined) {
        if (events < WARM_UP_EVENTS && !isLate) return;
        warm = begin = { events, tracingMs };
        startedAt = performance.now();
        return;
      }
      if (passEvents < PASS_EVENTS && !isLate) return;
      passes.push((1000 * (tracingMs - begin.tracingMs)) / passEvents);
      begin = { events, tracingMs };
      if (passes.length === PASSES || isLate) stop();
    },
    result(): WarmCost | undefined {
      if (warm === undefined || passes.length === 0) return undefined;
      const events = begin.events - warm.events;
      passes.sort((a, b) => a - b);
      const meanMicrosPerEvent = (1000 * (begin.tracingMs - warm.tracingMs)) / events;
      return {
        medianMicrosPerEvent: passes[passes.length >> 1] as number,
        meanMicrosPerEvent,
        events,
        passes: passes.length,
        warmUpEvents: warm.events,
        isDisturbed: meanMicrosPerEvent > DISTURBED * (passes[Math.floor(passes.length / 10)] as number),
      };
    },
  };
}
