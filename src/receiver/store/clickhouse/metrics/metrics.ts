/** A metrics query as one statement: the rows of a view, and their groups. */

import type { Condition } from '../../contract/conditions.js';
import {
  type Aggregation,
  type DimensionValue,
  type Granularity,
  type Histogram,
  type MetricsQuery,
  type MetricsReader,
  type MetricsRow,
  TIME_DIMENSION,
} from '../../contract/metrics.js';
import { METRICS_VIEWS } from '../../contract/metrics-views.js';
import type { Row } from '../connection/connection.js';
import { integer, NOTHING, raw, type Sql, sql, whereAll } from '../connection/sql.js';
import { type ColumnSql, conditionSql } from '../read/conditions.js';
import { flagOf, numberOf, numbersOf, textOf, textsOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { type InRange, pairsOf, type ViewSql, viewSql } from './views.js';

export function metricsReader({ connection, tables }: Reading): MetricsReader {
  return {
    async read(query) {
      const view = viewSql(tables, query.version, query.view);
      const rows = await connection.rows(statementOf(query, view, tables[view.table]), {
        maxRows: Math.max(query.limit, 1),
      });
      return rows.map((row) => metricsRow(row, query));
    },
  };
}

/** Columns have numbers in the statement, so that no name of a request comes into it. */
function statementOf(query: MetricsQuery, view: ViewSql, table: Sql): Sql {
  const { groups, metrics, granularity, fromUs, toUs, bins } = query;
  const [from, to] = [integer(fromUs), integer(toUs)];
  const inRange: InRange = (time) =>
    sql`${raw(time)} BETWEEN fromUnixTimestamp64Micro(${from}, 'UTC') AND fromUnixTimestamp64Micro(${to}, 'UTC')`;
  const pairs = groups.find(({ dimension }) => dimension.pairs !== undefined)?.dimension.pairs;
  const columns = [
    ...(pairs === undefined ? [] : [`${pairsOf(pairs)} AS pair`]),
    ...groups.map(({ name }, at) => `${view.dimensions[name]} AS d${at}`),
    ...(granularity === undefined ? [] : [`${bucketSql(view.time, granularity)} AS d${groups.length}`]),
    ...metrics.map(({ measureName, measure }, at) => {
      const value = view.measures[measureName] ?? '1';
      return `${measure.type === 'number' ? `toFloat64(${value})` : value} AS m${at}`;
    }),
  ].map((column) => raw(column));
  const conditions = [
    inRange(view.time),
    ...(view.where === undefined ? [] : [raw(view.where)]),
    ...Array.from(query.relations, (name) => view.relations[name]?.(inRange) ?? raw('1')),
    ...query.conditions.map((one) => conditionSql(one, columnOf(one, query, view))),
  ];
  const used = [...columns, ...conditions].flatMap(({ parts }) => parts).join(' ');
  const joins = Object.entries(view.joins).filter(([name]) => new RegExp(`\\b${name}\\.`).test(used));
  const source =
    joins.length === 0
      ? sql`${table} AS ${raw(view.alias)} FINAL`
      : sql`(SELECT * FROM ${table} FINAL) AS ${raw(view.alias)} ${all(joins.map(([, join]) => sql`${join(inRange)} `))}`;
  const rows = sql`(SELECT ${list(columns)} FROM ${source}${whereAll(conditions)})`;
  const keys = Array.from(
    { length: groups.length + (granularity === undefined ? 0 : 1) },
    (_, at) => `d${at}`,
  );
  const figures = metrics.map(
    ({ aggregation, measure }, at) =>
      `${aggregateSql(aggregation, `m${at}`, measure.isNullable, bins)} AS a${at}`,
  );
  const by = keys.length === 0 ? NOTHING : raw(` GROUP BY ${keys.join(', ')}`);
  return sql`SELECT ${raw([...keys, ...figures].join(', '))} FROM ${rows}${by}
    ORDER BY ${raw(orderOf(query, keys))} LIMIT ${integer(query.limit)}`;
}

const all = (list: readonly Sql[]): Sql => list.reduce((some, one) => sql`${some}${one}`, NOTHING);
const list = (columns: readonly Sql[]): Sql =>
  columns.length === 0 ? raw('1') : columns.reduce((some, one) => sql`${some}, ${one}`);

function columnOf({ column }: Condition, query: MetricsQuery, view: ViewSql): ColumnSql {
  const known = METRICS_VIEWS[query.version][query.view];
  if (column === known?.time) return { kind: 'time', sql: view.time };
  if (column === 'metadata') return { kind: 'metadata', sql: `${view.alias}.metadata` };
  return { kind: known?.dimensions[column]?.type ?? 'text', sql: view.dimensions[column] ?? `''` };
}

const PERCENTILES: Partial<Record<Aggregation, number>> = {
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
};

/** `m` may be null in a row. */
function aggregateSql(aggregation: Aggregation, m: string, isNullable: boolean, bins: number): string {
  const ofNone = (value: string) => (isNullable ? value : `ifNull(${value}, 0)`);
  const percentile = PERCENTILES[aggregation];
  const known = `isNotNull(${m})`;
  if (percentile !== undefined)
    return `quantileExactInclusiveOrNullIf(${percentile})(assumeNotNull(${m}), ${known})`;
  switch (aggregation) {
    case 'uniq':
      return `uniqExact(${m})`;
    case 'count':
      return `count(${m})`;
    case 'avg':
      return `avgOrNull(${m})`;
    case 'histogram':
      return histogramSql(`groupArrayIf(assumeNotNull(${m}), ${known})`, bins);
    default:
      return ofNone(`${aggregation}OrNull(${m})`);
  }
}

/** The least value, the greatest one, and how many values are in each bin; empty: there is none. */
function histogramSql(values: string, bins: number): string {
  const bin = `if(hi = lo, 0, least(${bins - 1}, toInt64(floor((value - lo) * ${bins} / (hi - lo)))))`;
  const counts = `arrayMap(at -> toFloat64(countEqual(arrayMap(value -> ${bin}, values), at)), range(${bins}))`;
  return `arrayFlatten(arrayMap((values, lo, hi) -> arrayConcat([lo, hi], ${counts}),
    arrayFilter(values -> notEmpty(values), [${values}]),
    arrayMap(values -> arrayMin(values), arrayFilter(values -> notEmpty(values), [${values}])),
    arrayMap(values -> arrayMax(values), arrayFilter(values -> notEmpty(values), [${values}]))))`;
}

/** What is unknown comes last in both directions; groups that are equal in all else are ordered by their dimensions. */
function orderOf({ order, groups, metrics }: MetricsQuery, keys: readonly string[]): string {
  const terms = order.map(({ name, isDescending }) => {
    const direction = `${isDescending ? 'DESC' : 'ASC'} NULLS LAST`;
    if (name === TIME_DIMENSION) return `d${groups.length} ${direction}`;
    const group = groups.findIndex((one) => one.name === name);
    const column = group >= 0 ? `d${group}` : `a${metrics.findIndex((one) => one.name === name)}`;
    return `${column} ${direction}`;
  });
  const ties = keys.map((key, at) => {
    const isList = groups[at]?.dimension.type === 'texts';
    return `${isList ? `toJSONString(${key})` : key} ASC NULLS FIRST`;
  });
  return [...terms, ...ties, ...(keys.length + terms.length === 0 ? ['1'] : [])].join(', ');
}

function bucketSql(time: string, granularity: Granularity): string {
  switch (granularity) {
    case 'minute':
      return `formatDateTime(toStartOfMinute(${time}), '%Y-%m-%dT%H:%i:00Z', 'UTC')`;
    case 'hour':
      return `formatDateTime(toStartOfHour(${time}), '%Y-%m-%dT%H:00:00Z', 'UTC')`;
    case 'day':
      return `toString(toDate(${time}, 'UTC'))`;
    case 'week':
      return `toString(toMonday(${time}, 'UTC'))`;
    case 'month':
      return `toString(toStartOfMonth(${time}, 'UTC'))`;
  }
}

function metricsRow(row: Row, { groups, metrics, granularity }: MetricsQuery): MetricsRow {
  return {
    dimensions: groups.map(({ dimension: { type } }, at): DimensionValue => {
      const value = row[`d${at}`];
      if (type === 'texts') return textsOf(value);
      if (type === 'flag') return flagOf(value);
      return type === 'number' ? numberOf(value) : textOf(value);
    }),
    bucket: granularity === undefined ? null : textOf(row[`d${groups.length}`]),
    figures: metrics.map(({ aggregation }, at) =>
      aggregation === 'histogram' ? histogramOf(numbersOf(row[`a${at}`])) : numberOf(row[`a${at}`]),
    ),
  };
}

function histogramOf([min, max, ...counts]: readonly number[]): Histogram {
  return { min: min ?? null, max: max ?? null, counts };
}
