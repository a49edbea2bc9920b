/** What `tailrace dev` says when traces arrive: one line for all that came since the last one. */
import type { Changes } from '../receiver/store/changes.js';

/** Under load a line for each request would be noise. */
const LINE_INTERVAL_MS = 2_000;
/** After a quiet time: spans and scores of a trace come in requests of their own. */
const FIRST_LINE_MS = 200;

export interface Arrivals {
  add(changes: readonly Changes[]): void;
  /** Says what has not been said yet. */
  close(): void;
}

export function watchArrivals(url: string, say: (line: string) => void): Arrivals {
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
    const page = latest === undefined ? url : `${url}/trace/${encodeURIComponent(latest)}`;
    say(`received ${counts.join(', ')}  ${page}`);
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
