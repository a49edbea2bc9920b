/**
 * Measures what tracing costs the application's thread after warm-up. A demo is too short for that: most of
 * its calls run before they are compiled. So the source runs again with a client whose events go nowhere, first to
 * warm up and then to be measured. Times are wall-clock times, so other load of the machine is included:
 * fully in the mean, and in the median of many short passes only if half of them are affected.
 */
import { Tailrace } from '../../index.js';
import type { Source } from './source.js';

export interface WarmCost {
  /** Median of the passes. */
  readonly medianMicrosPerEvent: number;
  readonly meanMicrosPerEvent: number;
  readonly events: number;
  readonly passes: number;
  readonly warmUpEvents: number;
  /** The mean is far above the fastest tenth of the passes: the thread had to wait for the processor. */
  readonly isDisturbed: boolean;
}

export const WARM_UP_EVENTS = 20_000;
const PASS_EVENTS = 200;
const PASSES = 100;
const DISTURBED = 2;
/** Limit for the warm-up, and again for the passes: events may be large. */
const MAX_HALF_MS = 1_000;

/** Undefined if interrupted before the first pass. `url` is that of the local receiver, which gets requests without events. */
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

/** Splits growing totals into the warm-up and passes, until there are enough. */
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
