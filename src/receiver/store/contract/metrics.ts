/** A metrics query: aggregates of the rows of a view (metrics-views.ts) by dimensions and time. */

import type { Micros } from '../../../ingest/rows.js';
import type { Condition } from './conditions.js';
import type { Dimension, Measure, MetricsVersion } from './metrics-views.js';

export const GRANULARITIES = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** Percentiles are those of ClickHouse's `quantile`, exact: by linear interpolation at p · (n - 1). */
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

/** A dimension of the view, which gives its name to the answer. */
export interface GroupBy {
  readonly name: string;
  readonly dimension: Dimension;
}

export interface Metric {
  /** In the answer: `sum_totalCost`. */
  readonly name: string;
  /** Of the view. */
  readonly measureName: string;
  readonly measure: Measure;
  readonly aggregation: Aggregation;
}

export interface MetricsQuery {
  readonly version: MetricsVersion;
  /** A key of `METRICS_VIEWS[version]`. */
  readonly view: string;
  readonly groups: readonly GroupBy[];
  readonly metrics: readonly Metric[];
  readonly granularity: Granularity | undefined;
  /** Of the time of the view, and of what is counted of related rows. Both inclusive. */
  readonly fromUs: Micros;
  readonly toUs: Micros;
  /** Columns are dimensions of the view, the name of its time, and `metadata`. */
  readonly conditions: readonly Condition[];
  /** Of the view: rows without one in the time range are left out. */
  readonly relations: ReadonlySet<string>;
  /** Names of dimensions, metrics and `TIME_DIMENSION`. Unknown values come last in both directions; then by the dimensions. */
  readonly order: readonly { readonly name: string; readonly isDescending: boolean }[];
  readonly bins: number;
  readonly limit: number;
}

/** The name of the time bucket in answers. */
export const TIME_DIMENSION = 'time_dimension';

export type DimensionValue = string | number | boolean | readonly string[] | null;

/** Bins of one width from the least to the greatest value; null: there is no value. */
export interface Histogram {
  min: number | null;
  max: number | null;
  counts: number[];
}

/** In the order of the query's groups and metrics. */
export interface MetricsRow {
  dimensions: DimensionValue[];
  /** The start: a full time in ISO 8601 for minutes and hours, else a date. Weeks begin on Monday. Null: not by time. */
  bucket: string | null;
  /** Over no values a sum, a minimum and a maximum are null if the measure may be unknown, else 0; means and percentiles are null. */
  figures: (number | null | Histogram)[];
}

export interface MetricsReader {
  read(query: MetricsQuery): Promise<MetricsRow[]>;
}
