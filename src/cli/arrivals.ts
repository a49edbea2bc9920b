/** Prints arriving traces for `tailrace dev`: one line for all since the last line. */
import type { Changes } from '../receiver/store/changes.js';
import { segmentOf } from '../viewer/path-segments.js';

/** A line per request would be noise under load. */
const LINE_INTERVAL_MS = 2_000;
/** Delay of the first line: spans and scores of a trace arrive in separate requests. */
const FIRST_LINE_MS = 200;

export interface Arrivals {
  add(changes: readonly Changes[]): void;
  /** Prints what has not been printed yet. */
  close(): void;
}

export function watchArrivals(url: string, print: (line: string) => void): Arrivals {
  let traceIds = new Set<string>();
  let latest: string | undefined;
  let [observations, scores, complaints] = [0, 0, 0];
  let timer: NodeJS.Timeout | undefined;

  function report(): void {
    clearTimeout(timer);
    timer = undefined;
    const counts = [
      counted(traceIds.size, 'trace'),
      counted(observations, 'observation'),
      counted(scores, 'score'),
      counted(complaints, 'complaint'),
    ].filter((text) => text !== undefined);
    if (counts.length === 0) return;
    const page = latest === undefined ? url : `${url}/trace/${segmentOf(latest)}`;
    print(`received ${counts.join(', ')}  ${page}`);
    traceIds = new Set();
    latest = undefined;
    [observations, scores, complaints] = [0, 0, 0];
    timer = setTimeout(report, LINE_INTERVAL_MS).unref();
  }

  return {
    add(changes) {
      for (const change of changes) {
        const ids = [
          ...change.traces.map(({ id }) => id),
          ...change.observations.map(({ row }) => row.traceId),
        ];
        for (const id of ids) if (id !== null) traceIds.add(id);
        latest = ids.findLast((id) => id !== null) ?? latest ?? change.scores.at(-1)?.traceId ?? undefined;
        observations += change.observations.length;
        scores += change.scores.length;
        complaints += change.findings.length;
      }
      timer ??= setTimeout(report, FIRST_LINE_MS).unref();
    },
    close: report,
  };
}

function counted(count: number, noun: string): string | undefined {
  if (count === 0) return undefined;
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
