/** A metrics query as one SQL statement: the rows of a view, what they need of their groups, and the groups. */

import { type Granularity, type Metric, type MetricsQuery, TIME_DIMENSION } from '../../contract/metrics.js';
import type { Where } from '../read/conditions.js';
import { aggregateSql, binColumn, windowColumns } from './aggregates.js';
import { inRange, type ViewSql } from './view.js';

/** Columns have numbers in the statement, so that no name of a request comes into SQL. */
export function statementOf(query: MetricsQuery, view: ViewSql, where: Where): string {
  const { groups, metrics, granularity, bins } = query;
  const sqlOf = (metric: Metric) => valueSql(metric, view);
  const bucket = granularity === undefined ? [] : [TIME_DIMENSION];
  const keys = [...groups.map(({ name }) => name), ...bucket].map((name, number) => ({
    name,
    key: `d${number}`,
  }));
  const figures = metrics.map(({ name }, number) => ({ name, key: `a${number}` }));
  const by = keys.map(({ key }) => key).join(', ');
  // Several aggregations of a measure share its column and its ranks.
  const measures = [...new Set(metrics.map(sqlOf))];
  const aggregationsOf = (sql: string) =>
    new Set(metrics.flatMap((metric) => (sqlOf(metric) === sql ? [metric.aggregation] : [])));
  const rows = [
    ...groups.map(({ name }, number) => `${view.dimensions[name]} AS d${number}`),
    ...(granularity === undefined ? [] : [`${bucketSql(view.time, granularity)} AS d${groups.length}`]),
    ...measures.map((sql, number) => `${sql} AS m${number}`),
  ];
  const windows = measures.flatMap((sql, number) => windowColumns(aggregationsOf(sql), number, by));
  const binned = measures.flatMap((sql, number) =>
    aggregationsOf(sql).has('histogram') ? [binColumn(number, bins)] : [],
  );
  const aggregates = metrics.map((metric, number) => {
    const { aggregation, measure } = metric;
    return `${aggregateSql(aggregation, measure, measures.indexOf(sqlOf(metric)), bins)} AS a${number}`;
  });
  const steps = [windows, binned].filter((columns) => columns.length > 0);
  // A limit keeps each step apart: else SQLite computes the expression of a column wherever it is used, for each bin of a
  // histogram again, and joins tables that nothing is read from.
  const last = steps.reduce(
    (from, columns) => `(SELECT *, ${columns.join(', ')} FROM ${from} LIMIT -1)`,
    'found',
  );
  return `WITH time_range (from_us, to_us) AS (VALUES (?, ?)),
    found AS (SELECT ${rows.join(', ')} FROM ${fromOf(query, view, where)} LIMIT -1)
    SELECT ${[...keys.map(({ key }) => key), ...aggregates].join(', ')} FROM ${last}
    ${by === '' ? '' : `GROUP BY ${by}`} ORDER BY ${orderOf(query.order, [...keys, ...figures])} LIMIT ?`;
}

/** A number as a floating-point one: sums of integers may overflow, and large ones are no numbers of JavaScript. */
function valueSql({ measureName, measure }: Metric, { measures }: ViewSql): string {
  const sql = measures[measureName] as string;
  return measure.type === 'number' ? `1.0 * ${sql}` : sql;
}

function fromOf({ groups, relations }: MetricsQuery, view: ViewSql, { conditions }: Where): string {
  const pairs = groups.find(({ dimension }) => dimension.pairs !== undefined)?.dimension.pairs;
  const all = [
    inRange(view.time),
    ...(view.where === undefined ? [] : [view.where]),
    ...Array.from(relations, (name) => view.relations[name] as string),
    ...conditions,
  ];
  const joined = pairs === undefined ? '' : ` JOIN json_each(${view.pairs?.[pairs]}) AS pair`;
  return `${view.from}${joined} WHERE ${all.join(' AND ')}`;
}

/** What is unknown comes last in both directions; groups that are equal in all else are ordered by their dimensions. */
function orderOf(order: MetricsQuery['order'], columns: readonly { name: string; key: string }[]): string {
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
