/**
 * Reads all traces that pass the page's filters, from the newest on, in slices and for a bounded time. An answer about a million
 * observations is about the newest of them if the time was over, and says so.
 */

import type { Coverage } from '../../viewer/summary-data.js';
import { time } from '../read/parameters.js';
import { inSlices, type Steps } from '../slices.js';
import type { Micros } from '../store/rows.js';
import type { Database } from '../store/sqlite.js';
import { type FoundTrace, timesOfTraces, traceChunks } from '../store/trace-chunks.js';
import { pageFilter } from './page-filter.js';
import { bucketLength } from './series.js';

/** As long as a search. */
export const MAX_READING_MS = 5_000;

/** Traces with more observations than this are read one at a time: a slice stays short. */
const MAX_OBSERVATIONS_AT_ONCE = 2_000;

/** Some traces, by their ids and by the numbers of their rows; both are lists as JSON. */
export interface SomeTraces {
  ids: string;
  rowIds: string;
}

/** Calls `read` with some traces at a time. */
export async function overTraces(
  database: Database,
  query: URLSearchParams,
  read: (traces: SomeTraces) => void,
): Promise<Coverage> {
  const { filter, isSearchComplete } = await pageFilter(database, query);
  const range = { fromUs: time(query, 'from'), toUs: time(query, 'to') };
  const chunks = traceChunks(database, { from: 'traces AS t', ...filter }, range);
  function* steps(): Steps<Coverage> {
    const coverage: Coverage = { traces: 0, isComplete: true, oldestUs: null, isSearchComplete };
    const endsAtMs = performance.now() + MAX_READING_MS;
    for (const chunk of chunks) {
      for (const group of groupsOf(chunk)) {
        if (performance.now() > endsAtMs) return { ...coverage, isComplete: false };
        read({
          ids: JSON.stringify(group.map(({ id }) => id)),
          rowIds: JSON.stringify(group.map(({ rowId }) => rowId)),
        });
        coverage.traces += group.length;
        coverage.oldestUs = (group.at(-1) as FoundTrace).startUs;
        yield;
      }
      yield;
    }
    return { ...coverage, oldestUs: null };
  }
  return inSlices(steps());
}

function groupsOf(traces: readonly FoundTrace[]): FoundTrace[][] {
  const groups: FoundTrace[][] = [];
  let left = 0;
  for (const trace of traces) {
    if (left < trace.observations || groups.length === 0) {
      groups.push([]);
      left = MAX_OBSERVATIONS_AT_ONCE;
    }
    groups.at(-1)?.push(trace);
    left -= trace.observations;
  }
  return groups;
}

/** Of clocks that are thousands of years apart too. */
const MAX_BUCKETS = 100;

interface Buckets {
  firstUs: Micros;
  bucketUs: Micros;
  count: number;
}

/** Buckets of time over the traces of the query, from a whole multiple of their length on. */
export function bucketsOf(database: Database, query: URLSearchParams): Buckets {
  const times = timesOfTraces(database) ?? { firstUs: 0, lastUs: 0 };
  const from = Math.max(times.firstUs, time(query, 'from') ?? times.firstUs);
  const to = Math.max(from, Math.min(times.lastUs, time(query, 'to') ?? times.lastUs));
  const bucketUs = Math.max(bucketLength(to - from), Math.ceil((to - from) / MAX_BUCKETS));
  const firstUs = Math.floor(from / bucketUs) * bucketUs;
  return { firstUs, bucketUs, count: Math.floor((to - firstUs) / bucketUs) + 1 };
}
