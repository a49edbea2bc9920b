/**
 * Reads all traces that pass the page's filters, from the newest on, in slices and for a bounded time. An answer about a million
 * observations is about the newest of them if the time was over, and says so.
 */

import type { Coverage } from '../../../../viewer/data/summary.js';
import { inSlices, type Steps } from '../../../slices.js';
import type { SummaryQuery } from '../../contract/summaries.js';
import type { Database } from '../sqlite.js';
import { pageFilterSql } from './page-filter.js';
import { type FoundTrace, traceChunks } from './trace-chunks.js';

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
  { filter, maxMs }: SummaryQuery,
  read: (traces: SomeTraces) => void,
): Promise<Coverage> {
  const { where, searchedFromUs } = await pageFilterSql(database, filter);
  const range = { fromUs: filter.fromUs, toUs: filter.toUs };
  const chunks = traceChunks(database, { from: 'traces AS t', ...where }, range);
  function* steps(): Steps<Coverage> {
    const coverage: Coverage = { traces: 0, isComplete: true, oldestUs: null, searchedFromUs };
    const endsAtMs = performance.now() + maxMs;
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
