/** Counts, errors, latency and cost of the traces over time, for the chart. */

import type { Micros } from '../../../../ingest/rows.js';
import type { Series, SeriesBucket } from '../../../../viewer/data/list.js';
import type { PageFilter } from '../../contract/page.js';
import { whereClause } from '../read/conditions.js';
import { numberOf } from '../read/stored-rows.js';
import type { Database, SqlRow } from '../sqlite.js';
import { pageFilterSql } from './page-filter.js';

export async function readSeries(
  database: Database,
  filter: PageFilter,
  lengthFor: (rangeUs: Micros) => Micros,
): Promise<Series> {
  const { where } = await pageFilterSql(database, filter);
  const clause = whereClause(where);
  const bounds = database
    .prepare(`SELECT min(t.timestamp_us) AS first, max(t.timestamp_us) AS last FROM traces AS t ${clause}`)
    .get(...where.values);
  const first = filter.fromUs ?? Number(bounds?.first ?? 0);
  const last = filter.toUs ?? Number(bounds?.last ?? 0);
  const bucketUs = lengthFor(last - first);
  const rows = database.prepare(seriesSql(clause)).all(bucketUs, ...where.values);
  return { bucketUs, buckets: rows.map((row) => bucket(row, bucketUs)) };
}

/** Percentiles by the nearest rank: the value at position ⌈p · n⌉ of the known ones. */
const seriesSql = (where: string) => `
  WITH found AS (
    SELECT CAST(t.timestamp_us / ? AS INTEGER) AS bucket, t.latency_us AS latency, t.error_count AS errors,
      t.total_cost AS cost FROM traces AS t ${where}
  ), ranked AS (
    SELECT bucket, latency, errors, cost,
      row_number() OVER (PARTITION BY bucket ORDER BY latency IS NULL, latency) AS rank,
      count(latency) OVER (PARTITION BY bucket) AS known
    FROM found
  )
  SELECT bucket, count(*) AS count, sum(errors > 0) AS errors, sum(cost) AS cost,
    max(CASE WHEN rank = (known + 1) / 2 THEN latency END) AS p50,
    max(CASE WHEN rank = (known * 95 + 99) / 100 THEN latency END) AS p95
  FROM ranked GROUP BY bucket ORDER BY bucket`;

function bucket(row: SqlRow, bucketUs: number): SeriesBucket {
  return {
    startUs: Number(row.bucket) * bucketUs,
    count: Number(row.count),
    errors: Number(row.errors),
    p50Us: numberOf(row.p50),
    p95Us: numberOf(row.p95),
    cost: numberOf(row.cost),
  };
}
