/** Sums over the traces that pass a filter, in parts. */

import { inSlices, type Steps } from '../../../slices.js';
import type { FailedObservation, SummaryReader } from '../../contract/summaries.js';
import { whereClause } from '../read/conditions.js';
import type { Database, SqlValue } from '../sqlite.js';
import { prepareCallSums } from './call-sums.js';
import { prepareFailures } from './failed-observations.js';
import { overTraces } from './over-traces.js';
import { pageFilterSql } from './page-filter.js';
import { prepareScoreSums } from './score-sums.js';
import { prepareTraceMeasures } from './trace-measures.js';
import { prepareTraceSums } from './trace-sums.js';

/** Rows between two yields. */
const CHUNK_ROWS = 2_000;

export function summaryReader(database: Database): SummaryReader {
  return {
    async sessions(query, take) {
      const sums = prepareTraceSums(database);
      return overTraces(database, query, ({ rowIds }) =>
        take({ sums: sums.bySession(rowIds), scores: sums.scoresBySession(rowIds) }),
      );
    },
    async users(query, take) {
      const sums = prepareTraceSums(database);
      return overTraces(database, query, ({ rowIds }) => take(sums.byUser(rowIds)));
    },
    async calls(kind, query, take) {
      const sums = prepareCallSums(database, kind, query.buckets);
      return overTraces(database, query, ({ ids }) =>
        take({ sums: sums.sums(ids), tracesByName: sums.tracesByName(ids), tokens: sums.tokens(ids) }),
      );
    },
    async scores(query, take) {
      const sums = prepareScoreSums(database, query.buckets);
      return overTraces(database, query, ({ ids }) =>
        take({ values: sums.values(ids), tracesByName: sums.tracesByName(ids) }),
      );
    },
    async measures(query, take) {
      const measures = prepareTraceMeasures(database);
      return overTraces(database, query, ({ rowIds }) =>
        take({ ...measures.values(rowIds), scores: measures.scores(rowIds) }),
      );
    },
    async failures({ filter, withWarnings, maxMs, maxFailures }, take) {
      const { where, searchedFromUs } = await pageFilterSql(database, filter);
      const clause = whereClause(where);
      const traceIds = clause === '' ? undefined : idsOf(database, clause, where.values);
      function* steps(): Steps<boolean> {
        const failures = prepareFailures(database, withWarnings);
        const isWanted = ({ traceId }: FailedObservation) => traceIds === undefined || traceIds.has(traceId);
        const endsAtMs = performance.now() + maxMs;
        const { first, last: newest } = failures.bounds();
        let found = 0;
        for (let last = newest; last >= first && last > 0; last -= CHUNK_ROWS) {
          const wanted = failures.between(last - CHUNK_ROWS, last).filter(isWanted);
          take(wanted);
          found += wanted.length;
          const hasMore = last - CHUNK_ROWS >= first;
          if (hasMore && (found >= maxFailures || performance.now() > endsAtMs)) return false;
          yield;
        }
        return true;
      }
      return { isComplete: await inSlices(steps()), searchedFromUs };
    },
  };
}

function idsOf(database: Database, where: string, values: readonly SqlValue[]): Set<string> {
  const rows = database.prepare(`SELECT t.id FROM traces AS t ${where}`).all(...values);
  return new Set(rows.map(({ id }) => String(id)));
}
