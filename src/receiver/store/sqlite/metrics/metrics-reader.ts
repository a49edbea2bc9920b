/** Answers metrics queries: conditions by the names of dimensions → SQL, and rows of SQLite → rows of the contract. */

import type {
  DimensionValue,
  Histogram,
  MetricsQuery,
  MetricsReader,
  MetricsRow,
} from '../../contract/metrics.js';
import { type Dimension, METRICS_VIEWS, type MetricsView } from '../../contract/metrics-views.js';
import * as column from '../read/column-sql.js';
import { type ColumnSql, whereOf } from '../read/conditions.js';
import type { Database, SqlRow, SqlValue } from '../sqlite.js';
import { statementOf } from './statement.js';
import type { ViewSql } from './view.js';
import { VIEWS_SQL } from './views.js';

export function metricsReader(database: Database): MetricsReader {
  return {
    async read(query) {
      const sql = VIEWS_SQL[query.version][query.view] as ViewSql;
      const view = METRICS_VIEWS[query.version][query.view] as MetricsView;
      const where = whereOf(query.conditions, columnsOf(view, sql));
      const statement = database.prepare(statementOf(query, sql, where));
      const rows = statement.all(query.fromUs, query.toUs, ...where.values, query.limit);
      return rows.map((row) => metricsRow(row, query));
    },
  };
}

const COLUMN_OF: Record<Dimension['type'], (sql: string) => ColumnSql> = {
  text: column.text,
  number: column.number,
  flag: column.flag,
  texts: column.texts,
};

function columnsOf({ dimensions, time }: MetricsView, sql: ViewSql): Record<string, ColumnSql> {
  const filtered = Object.entries(dimensions).filter(([, { pairs }]) => pairs === undefined);
  return {
    ...Object.fromEntries(
      filtered.map(([name, { type }]) => [name, COLUMN_OF[type](sql.dimensions[name] as string)]),
    ),
    [time]: column.time(sql.time),
    metadata: column.metadata(sql.metadata),
  };
}

function metricsRow(row: SqlRow, { groups, metrics, granularity }: MetricsQuery): MetricsRow {
  return {
    dimensions: groups.map(({ dimension }, index) => dimensionValue(row[`d${index}`] as SqlValue, dimension)),
    bucket: granularity === undefined ? null : (row[`d${groups.length}`] as string | null),
    figures: metrics.map(({ aggregation }, index) => {
      const value = row[`a${index}`] as SqlValue;
      return aggregation === 'histogram' ? histogramOf(String(value)) : (value as number | null);
    }),
  };
}

function dimensionValue(value: SqlValue, { type }: Dimension): DimensionValue {
  if (type === 'texts') return JSON.parse(String(value)) as string[];
  return type === 'flag' ? value === 1 : (value as string | number | null);
}

function histogramOf(json: string): Histogram {
  const [min = null, max = null, ...counts] = JSON.parse(json) as (number | null)[];
  return { min, max, counts: counts.map((count) => count ?? 0) };
}
