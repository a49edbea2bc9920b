/** Routes of metrics, in the two versions of Langfuse's public API: aggregates of traces, observations and scores. */

import { HttpError, type RouteContext } from '../../http/requests.js';
import {
  type Histogram,
  type Metric,
  type MetricsQuery,
  type MetricsRow,
  TIME_DIMENSION,
} from '../../store/contract/metrics.js';
import type { Dimension, MetricsVersion } from '../../store/contract/metrics-views.js';
import { sendRows } from '../answers.js';
import { metricsQuery, type ReadQuery } from './metrics-query.js';
import { bucketsBetween } from './time-buckets.js';

export const getMetricsV1 = (context: RouteContext) => getMetrics(context, 'v1');
export const getMetricsV2 = (context: RouteContext) => getMetrics(context, 'v2');

type Row = Record<string, unknown>;

async function getMetrics(
  { store, url: { searchParams }, response }: RouteContext,
  version: MetricsVersion,
): Promise<void> {
  const read = metricsQuery(searchParams, version);
  const found = await store.metrics.read(read.query);
  const rows = answerRows(read, found.map(shapeOf(read.query)));
  await sendRows(response, rows);
}

function answerRows({ query, isFilled, rowLimit, maxRows }: ReadQuery, found: Row[]): Row[] {
  const rows = isFilled ? filled(found, query, maxRows + 1) : found;
  if (rowLimit !== undefined) return rows.slice(0, rowLimit);
  if (rows.length > maxRows) {
    throw new HttpError(
      400,
      `the answer would have more than ${maxRows} rows: ask for less with config.row_limit, a shorter time or a coarser timeDimension`,
    );
  }
  return rows;
}

function shapeOf({ groups, metrics, granularity }: MetricsQuery): (row: MetricsRow) => Row {
  return (row) => {
    const answer: Row = {};
    for (const [index, { name }] of groups.entries()) answer[name] = row.dimensions[index];
    if (granularity !== undefined) answer[TIME_DIMENSION] = row.bucket;
    for (const [index, { name }] of metrics.entries()) {
      const value = row.figures[index];
      answer[name] = isHistogram(value) ? binsOf(value) : value;
    }
    return answer;
  };
}

function isHistogram(value: MetricsRow['figures'][number] | undefined): value is Histogram {
  return typeof value === 'object' && value !== null;
}

/** [lower, upper, height] of each bin. Equal values are one bin without width. */
function binsOf({ min, max, counts }: Histogram): [number, number, number][] {
  if (min === null || max === null) return [];
  if (min === max) return [[min, max, counts[0] ?? 0]];
  const border = (index: number) =>
    index === counts.length ? max : min + ((max - min) * index) / counts.length;
  return counts.map((count, index) => [border(index), border(index + 1), count]);
}

/** Adds a row for each of the first time buckets that has none. `rows` are in the order of time. */
function filled(rows: Row[], query: MetricsQuery, maxBuckets: number): Row[] {
  const { fromUs, toUs, granularity = 'day' } = query;
  const buckets = bucketsBetween(fromUs / 1000, Math.floor(toUs / 1000), granularity, maxBuckets);
  const all: Row[] = [];
  let next = 0;
  for (const bucket of buckets) {
    const before = all.length;
    for (; next < rows.length && String(rows[next]?.[TIME_DIMENSION]) <= bucket; next += 1) {
      all.push(rows[next] as Row);
    }
    if (all.length === before) all.push(emptyRow(query, bucket));
  }
  return [...all, ...rows.slice(next)];
}

/** ClickHouse's defaults: null where the column may be null, else an empty text or 0. */
function emptyRow({ groups, metrics }: MetricsQuery, bucket: string): Row {
  const row: Row = {};
  for (const { name, dimension } of groups) row[name] = defaultOf(dimension);
  row[TIME_DIMENSION] = bucket;
  for (const { name, aggregation, measure } of metrics) row[name] = noneOf(aggregation, measure);
  return row;
}

function defaultOf({ type, isNullable }: Dimension): unknown {
  if (isNullable) return null;
  return { text: '', number: 0, flag: false, texts: [] }[type];
}

function noneOf(aggregation: Metric['aggregation'], { isNullable }: Metric['measure']): unknown {
  if (aggregation === 'histogram') return [];
  return isNullable && aggregation !== 'count' && aggregation !== 'uniq' ? null : 0;
}
