/** Counts, errors, latency and cost of the traces over time, for the chart. */

import type { Series } from '../../../../viewer/data/list.js';
import type { PageFilter } from '../../contract/page.js';
import { integer, raw, sql } from '../connection/sql.js';
import { LATENCY_FIGURES, LATENCY_US } from '../read/rollups.js';
import { countOf, numberOf, numbersOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql } from '../tables.js';
import { selectedTraces, selectionOf } from './page-filter.js';

/** Percentiles by the nearest rank: the value at position ⌈p · n⌉ of the known ones. Of more than these they are of a sample. */
const MAX_LATENCIES = 20_000;

export async function seriesOf(
  { connection, tables }: Reading,
  filter: PageFilter,
  found: readonly string[] | undefined,
  lengthOf: (rangeUs: number) => number,
): Promise<Series> {
  const selection = selectionOf(tables, filter, found);
  const at = raw(microsSql('t.timestamp'));
  const [bounds] = await connection.rows(
    sql`SELECT min(${at}) AS first, max(${at}) AS last, count() AS count FROM ${selectedTraces(tables, selection)}`,
  );
  const isEmpty = countOf(bounds?.count) === 0;
  const firstUs = filter.fromUs ?? (isEmpty ? 0 : countOf(bounds?.first));
  const lastUs = filter.toUs ?? (isEmpty ? 0 : countOf(bounds?.last));
  const bucketUs = lengthOf(lastUs - firstUs);
  const rows = await connection.rows(
    sql`SELECT intDiv(${at}, ${integer(bucketUs)}) AS bucket, count() AS count, countIf(u.error_count > 0) AS errors,
        sum(u.total_cost) AS cost, arraySort(groupArraySample(${raw(String(MAX_LATENCIES))}, 1)(${raw(LATENCY_US)})) AS latencies
      FROM ${selectedTraces(tables, selection, ['error_count', 'total_cost', ...LATENCY_FIGURES])}
      GROUP BY bucket ORDER BY bucket`,
  );
  return {
    bucketUs,
    buckets: rows.map((row) => {
      const latencies = numbersOf(row.latencies);
      const nearest = (share: number) => latencies[Math.ceil(share * latencies.length) - 1] ?? null;
      return {
        startUs: countOf(row.bucket) * bucketUs,
        count: countOf(row.count),
        errors: countOf(row.errors),
        p50Us: nearest(0.5),
        p95Us: nearest(0.95),
        cost: numberOf(row.cost),
      };
    }),
  };
}
