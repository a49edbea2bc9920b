/** A metrics query as one SQL statement: the rows of a view, what they need of their groups, and the groups. */

import type { Database, SqlRow, SqlValue } from '../sqlite.js';
import { type Aggregation, aggregateSql, binColumn, windowColumns } from './aggregates.js';
import { type Dimension, inRange, type Measure, type MetricsView } from './view.js';

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

/** Columns have numbers in the statement, so that no name of a request comes into SQL. */
function statementOf(query: MetricsQuery): string {
  const { view, groups, metrics, granularity, bins } = query;
  const bucket = granularity === undefined ? [] : [TIME_DIMENSION];
  const keys = [...groups.map(({ name }) => name), ...bucket].map((name, number) => ({
    name,
    key: `d${number}`,
  }));
  const figures = metrics.map(({ name }, number) => ({ name, key: `a${number}` }));
  const by = keys.map(({ key }) => key).join(', ');
  // Several aggregations of a measure share its column and its ranks.
  const measures = [...new Set(metrics.map(({ measure }) => valueSql(measure)))];
  const aggregationsOf = (sql: string) =>
    new Set(metrics.flatMap(({ measure, aggregation }) => (valueSql(measure) === sql ? [aggregation] : [])));
  const rows = [
    ...groups.map(({ dimension }, number) => `${dimension.sql} AS d${number}`),
    ...(granularity === undefined ? [] : [`${bucketSql(view.time.sql, granularity)} AS d${groups.length}`]),
    ...measures.map((sql, number) => `${sql} AS m${number}`),
  ];
  const windows = measures.flatMap((sql, number) => windowColumns(aggregationsOf(sql), number, by));
  const binned = measures.flatMap((sql, number) =>
    aggregationsOf(sql).has('histogram') ? [binColumn(number, bins)] : [],
  );
  const aggregates = metrics.map(({ measure, aggregation }, number) => {
    return `${aggregateSql(aggregation, measure, measures.indexOf(valueSql(measure)), bins)} AS a${number}`;
  });
  const steps = [windows, binned].filter((columns) => columns.length > 0);
  // A limit keeps each step apart: else SQLite computes the expression of a column wherever it is used, for each bin of a
  // histogram again, and joins tables that nothing is read from.
  const last = steps.reduce(
    (from, columns) => `(SELECT *, ${columns.join(', ')} FROM ${from} LIMIT -1)`,
    'found',
  );
  return `WITH time_range (from_us, to_us) AS (VALUES (?, ?)),
    found AS (SELECT ${rows.join(', ')} FROM ${fromOf(query)} LIMIT -1)
    SELECT ${[...keys.map(({ key }) => key), ...aggregates].join(', ')} FROM ${last}
    ${by === '' ? '' : `GROUP BY ${by}`} ORDER BY ${orderOf(query.order, [...keys, ...figures])} LIMIT ?`;
}

/** A number as a floating-point one: sums of integers may overflow, and large ones are no numbers of JavaScript. */
function valueSql({ sql, type }: Measure): string {
  return type === 'number' ? `1.0 * ${sql}` : sql;
}

function fromOf({ view, groups, relations, conditions }: MetricsQuery): string {
  const pairs = groups.find(({ dimension }) => dimension.pairs !== undefined)?.dimension.pairs;
  const all = [
    inRange(view.time.sql),
    ...(view.where === undefined ? [] : [view.where]),
    ...Array.from(relations, (name) => view.relations[name] as string),
    ...conditions,
  ];
  return `${view.from}${pairs === undefined ? '' : ` JOIN json_each(${pairs}) AS pair`} WHERE ${all.join(' AND ')}`;
}

/** What is unknown comes last in both directions; groups that are equal in all else are ordered by their dimensions. */
function orderOf(order: MetricsQuery['order'], columns: readonly (Named & { key: string })[]): string {
  const terms = order.map(({ name, isDescending }) => {
    const column = columns.find((one) => one.name === name) as { key: string };
    return `${column.key} ${isDescending ? 'DESC' : 'ASC'} NULLS LAST`;
  });
  return [...terms, ...columns.map(({ key }) => key)].join(', ');
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
