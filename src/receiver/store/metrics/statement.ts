/**
 * A metrics query as one SQL statement: the rows of a view, their ranks where percentiles or histograms need them, and
 * their groups.
 *
 * Percentiles are those of ClickHouse's `quantile`: with the ranks 0 to n - 1 in a group, the value at p · (n - 1), between two
 * ranks by linear interpolation. Each value is weighed by its distance from that place, so a sum finds it. SQLite sorts for the
 * ranks in files if memory does not do (64 MiB, the cache of the store), and only the groups come into JavaScript.
 */

import type { Database, SqlRow, SqlValue } from '../sqlite.js';
import type { Dimension, Measure, MetricsView } from './view.js';

export const AGGREGATIONS = [
  'sum',
  'avg',
  'count',
  'max',
  'min',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
  'histogram',
  'uniq',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export const GRANULARITIES = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** A dimension or a metric, by the name that it has in the answer. */
export interface Named {
  readonly name: string;
}
export interface Metric extends Named {
  readonly measure: Measure;
  readonly aggregation: Aggregation;
}
export interface GroupBy extends Named {
  readonly dimension: Dimension;
}

export interface MetricsQuery {
  readonly view: MetricsView;
  readonly groups: readonly GroupBy[];
  readonly metrics: readonly Metric[];
  readonly granularity: Granularity | undefined;
  /** Both inclusive. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Conditions on rows of the view, with their bound values. */
  readonly conditions: readonly string[];
  readonly values: readonly SqlValue[];
  /** Of the view: those that rows must have. */
  readonly relations: ReadonlySet<string>;
  readonly order: readonly { readonly name: string; readonly isDescending: boolean }[];
  readonly bins: number;
  readonly limit: number;
}

/** The name of the time bucket in answers. */
export const TIME_DIMENSION = 'time_dimension';

/** By the name of each dimension and metric. A time bucket is a date or a full time in ISO 8601. */
export function readMetrics(database: Database, query: MetricsQuery): SqlRow[] {
  const statement = database.prepare(statementOf(query));
  return statement.all(query.fromUs, query.toUs, ...query.values, query.limit);
}

interface Column extends Named {
  readonly key: string;
}

/** Columns have numbers in the statement, so that no name of a request comes into SQL. */
function statementOf(query: MetricsQuery): string {
  const { view, groups, metrics, granularity } = query;
  const bucket = granularity === undefined ? [] : [TIME_DIMENSION];
  const keys: Column[] = [...groups.map(({ name }) => name), ...bucket].map((name, index) => ({
    name,
    key: `d${index}`,
  }));
  const figures: Column[] = metrics.map(({ name }, index) => ({ name, key: `a${index}` }));
  const rows = [
    ...groups.map(({ dimension }, index) => `${dimension.sql} AS d${index}`),
    ...(granularity === undefined ? [] : [`${bucketSql(view.time.sql, granularity)} AS d${groups.length}`]),
    ...metrics.map(({ measure }, index) => `${measure.sql} AS m${index}`),
  ];
  const pairs = groups.find(({ dimension }) => dimension.pairs !== undefined)?.dimension.pairs;
  const conditions = [
    `${view.time.sql} BETWEEN (SELECT from_us FROM time_range) AND (SELECT to_us FROM time_range)`,
    ...(view.where === undefined ? [] : [view.where]),
    ...Array.from(query.relations, (name) => view.relations[name] as string),
    ...query.conditions,
  ];
  const by = keys.map(({ key }) => key).join(', ');
  const ranks = metrics.flatMap((metric, index) => ranksOf(metric, index, by));
  return `WITH time_range (from_us, to_us) AS (VALUES (?, ?)),
    found AS (
      SELECT ${rows.join(', ')} FROM ${view.from}${pairs === undefined ? '' : ` JOIN json_each(${pairs}) AS pair`}
      WHERE ${conditions.join(' AND ')}
    )${ranks.length === 0 ? '' : `, ranked AS (SELECT *, ${ranks.join(', ')} FROM found)`}
    SELECT ${[...keys.map(aliased), ...metrics.map((metric, index) => `${aggregated(metric, index, query.bins)} AS a${index}`)].join(', ')}
    FROM ${ranks.length === 0 ? 'found' : 'ranked'} ${by === '' ? '' : `GROUP BY ${by}`}
    ORDER BY ${orderOf(query.order, [...keys, ...figures])} LIMIT ?`;
}

const aliased = ({ key }: Column) => key;

/** What is unknown comes last in both directions; groups that are equal in all else are ordered by their dimensions. */
function orderOf(order: MetricsQuery['order'], columns: readonly Column[]): string {
  const terms = order.map(({ name, isDescending }) => {
    const column = columns.find((one) => one.name === name) as Column;
    return `${column.key} ${isDescending ? 'DESC' : 'ASC'} NULLS LAST`;
  });
  return [...terms, ...columns.map(({ key }) => key)].join(', ');
}

const PERCENTILES: Partial<Record<Aggregation, number>> = {
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
};

function ranksOf({ aggregation }: Metric, index: number, by: string): string[] {
  const m = `m${index}`;
  const partition = by === '' ? '' : `PARTITION BY ${by}`;
  if (PERCENTILES[aggregation] !== undefined) {
    return [
      `row_number() OVER (${partition} ORDER BY ${m} NULLS LAST) - 1 AS rank${index}`,
      `count(${m}) OVER (${partition}) AS known${index}`,
    ];
  }
  if (aggregation !== 'histogram') return [];
  return ['min', 'max'].map((end) => `${end}(${m}) OVER (${partition}) AS ${end}${index}`);
}

function aggregated({ aggregation, measure }: Metric, index: number, bins: number): string {
  const m = `m${index}`;
  const ofNone = (sql: string) => (measure.isNullable ? sql : `coalesce(${sql}, 0)`);
  const percentile = PERCENTILES[aggregation];
  if (percentile !== undefined) {
    return `sum(${m} * max(0, 1 - abs(rank${index} - ${percentile} * (known${index} - 1))))`;
  }
  switch (aggregation) {
    // As a floating-point number: a sum of integers may overflow.
    case 'sum':
      return ofNone(`sum(1.0 * ${m})`);
    case 'uniq':
      return `count(DISTINCT ${m})`;
    case 'histogram':
      return histogram(index, bins);
    case 'min':
    case 'max':
      return ofNone(`${aggregation}(${m})`);
    default:
      return `${aggregation}(${m})`;
  }
}

/** A JSON array: the least value, the greatest one, and how many values are in each bin of the same width. */
function histogram(index: number, bins: number): string {
  const [m, min, max] = ['m', 'min', 'max'].map((name) => `${name}${index}`);
  const bin = `coalesce(min(${bins - 1}, CAST((${m} - ${min}) * ${bins}.0 / nullif(${max} - ${min}, 0) AS INTEGER)), 0)`;
  const counts = Array.from({ length: bins }, (_, number) => `sum(${m} IS NOT NULL AND ${bin} = ${number})`);
  return `json_array(min(${m}), max(${m}), ${counts.join(', ')})`;
}

/** The start of the bucket, as text: a full time for minutes and hours, else a date. Weeks begin on Monday. */
function bucketSql(us: string, granularity: Granularity): string {
  const time = `${us} / 1000000, 'unixepoch'`;
  switch (granularity) {
    case 'minute':
      return `strftime('%Y-%m-%dT%H:%M:00Z', ${time})`;
    case 'hour':
      return `strftime('%Y-%m-%dT%H:00:00Z', ${time})`;
    case 'day':
      return `strftime('%Y-%m-%d', ${time})`;
    case 'week':
      return `strftime('%Y-%m-%d', ${time}, 'weekday 0', '-6 days')`;
    case 'month':
      return `strftime('%Y-%m-01', ${time})`;
  }
}
