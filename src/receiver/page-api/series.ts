/** `GET /api/tailrace/series`: counts, errors, latency and cost of the traces over time, for the chart. */

import type { Series, SeriesBucket } from '../../viewer/page-data.js';
import type { RouteContext } from '../http/requests.js';
import { whereClause } from '../read/conditions.js';
import { time } from '../read/parameters.js';
import type { SqlRow } from '../store/sqlite.js';
import { sendData } from './answers.js';
import { pageFilter } from './page-filter.js';
import { number } from './rows.js';

const TARGET_BUCKETS = 60;
const SECOND_US = 1_000_000;
const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
/** Lengths of a bucket that read well on an axis, in seconds. */
const LENGTHS_S = [
  ...[0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
  ...[MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE],
  ...[HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY],
];

export async function getSeries(context: RouteContext): Promise<void> {
  const { database } = context.store;
  const query = context.url.searchParams;
  const { filter } = await pageFilter(database, query);
  const where = whereClause(filter);
  const bounds = database
    .prepare(`SELECT min(t.timestamp_us) AS first, max(t.timestamp_us) AS last FROM traces AS t ${where}`)
    .get(...filter.values);
  const first = time(query, 'from') ?? Number(bounds?.first ?? 0);
  const last = time(query, 'to') ?? Number(bounds?.last ?? 0);
  const bucketUs = bucketLength(last - first);
  const rows = database.prepare(seriesSql(where)).all(bucketUs, ...filter.values);
  const series: Series = { bucketUs, buckets: rows.map((row) => bucket(row, bucketUs)) };
  await sendData(context, series);
}

/** A length that divides the range into 60 buckets or fewer. */
export function bucketLength(rangeUs: number): number {
  const found = LENGTHS_S.find((seconds) => rangeUs / (seconds * SECOND_US) <= TARGET_BUCKETS);
  return (found ?? 3_650 * DAY) * SECOND_US;
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
    p50Us: number(row.p50),
    p95Us: number(row.p95),
    cost: number(row.cost),
  };
}
