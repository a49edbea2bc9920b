/** Sums over the traces that pass a filter: one query for each window of time, the newest first, which hands over all of its sums at once. */

import type { Coverage } from '../../../../viewer/data/summary.js';
import type { PageFilter } from '../../contract/page.js';
import type { SummaryReader } from '../../contract/summaries.js';
import { sql } from '../connection/sql.js';
import { selectedTraces, selectionOf } from '../lists/page-filter.js';
import type { Search } from '../lists/search.js';
import type { TimesOfTraces } from '../lists/times.js';
import { readWindows, windowsOf } from '../lists/windows.js';
import { countOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { callPart } from './calls.js';
import { readFailures } from './failures.js';
import { measurePart } from './measures.js';
import type { ReadPart } from './read-part.js';
import { scorePart } from './score-values.js';
import { sessionPart, userPart } from './trace-sums.js';

export function summaryReader(reading: Reading, search: Search, times: TimesOfTraces): SummaryReader {
  async function over<Part>(
    { filter, maxMs }: { filter: PageFilter; maxMs: number },
    read: ReadPart<Part>,
    take: (part: Part) => void,
  ): Promise<Coverage> {
    const found = await search(filter);
    const searchedFromUs = found?.searchedFromUs ?? null;
    const coverage = { traces: 0, isComplete: true, oldestUs: null, searchedFromUs };
    const range = await times();
    if (range === null) return coverage;
    const windows = windowsOf(
      Math.max(range.firstUs, filter.fromUs ?? range.firstUs),
      Math.min(range.lastUs, filter.toUs === null ? range.lastUs : filter.toUs - 1),
    );
    const end = await readWindows(windows, maxMs, async (window, restMs) => {
      const selection = selectionOf(reading.tables, { ...filter, ...window }, found?.ids);
      const [[count], part] = await Promise.all([
        reading.connection.rows(
          sql`SELECT count() AS count FROM ${selectedTraces(reading.tables, selection)}`,
          {
            maxMs: restMs,
          },
        ),
        read(reading, selection, restMs),
      ]);
      coverage.traces += countOf(count?.count);
      take(part);
      return true;
    });
    return { ...coverage, ...end };
  }

  return {
    sessions: (query, take) => over(query, sessionPart, take),
    users: (query, take) => over(query, userPart, take),
    calls: (kind, query, take) => over(query, callPart(kind, query.buckets), take),
    scores: (query, take) => over(query, scorePart(query.buckets), take),
    measures: (query, take) => over(query, measurePart, take),
    failures: (query, take) => readFailures(reading, search, times, query, take),
  };
}
