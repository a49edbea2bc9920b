/**
 * SQL of the aggregations of a measure, whose values are in the column `m` with its number.
 *
 * Percentiles are those of ClickHouse's `quantile`: with the ranks 0 to n - 1 in a group, the value at p · (n - 1), between two
 * ranks by linear interpolation. The distance from that place weighs each value, so a sum finds it. SQLite sorts for the
 * ranks in files if its cache does not do, and only the groups come into JavaScript.
 */

import type { Aggregation } from '../../contract/metrics.js';
import type { Measure } from '../../contract/metrics-views.js';

const PERCENTILES: Partial<Record<Aggregation, number>> = {
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
};

/** Columns that the aggregations of a measure need of each row in its group; `by`: the columns of the group. */
export function windowColumns(aggregations: ReadonlySet<Aggregation>, number: number, by: string): string[] {
  const m = `m${number}`;
  const group = by === '' ? '' : `PARTITION BY ${by}`;
  const ofRanks = [
    `row_number() OVER (${group} ORDER BY ${m} NULLS LAST) - 1 AS rank${number}`,
    `count(${m}) OVER (${group}) AS known${number}`,
  ];
  const ofBins = ['min', 'max'].map((end) => `${end}(${m}) OVER (${group}) AS ${end}${number}`);
  const hasPercentile = [...aggregations].some((one) => PERCENTILES[one] !== undefined);
  return [...(hasPercentile ? ofRanks : []), ...(aggregations.has('histogram') ? ofBins : [])];
}

/** The number of the bin that a value is in, by the window columns; all bins have one width. */
export function binColumn(number: number, bins: number): string {
  const [m, min, max] = ['m', 'min', 'max'].map((name) => `${name}${number}`);
  const place = `(${m} - ${min}) * ${bins}.0 / nullif(${max} - ${min}, 0)`;
  return `iif(${m} IS NULL, NULL, coalesce(min(${bins - 1}, CAST(${place} AS INTEGER)), 0)) AS bin${number}`;
}

/** Over no values a sum is 0, or null if the measure may be unknown; a mean and a percentile are null. */
export function aggregateSql(
  aggregation: Aggregation,
  measure: Measure,
  number: number,
  bins: number,
): string {
  const m = `m${number}`;
  const ofNone = (sql: string) => (measure.isNullable ? sql : `coalesce(${sql}, 0)`);
  const percentile = PERCENTILES[aggregation];
  if (percentile !== undefined) {
    const distance = `abs(rank${number} - ${percentile} * (known${number} - 1))`;
    return `sum(${m} * (1 - ${distance})) FILTER (WHERE ${distance} < 1)`;
  }
  switch (aggregation) {
    case 'uniq':
      return `count(DISTINCT ${m})`;
    case 'histogram':
      return histogram(number, bins);
    case 'sum':
    case 'min':
    case 'max':
      return ofNone(`${aggregation}(${m})`);
    default:
      return `${aggregation}(${m})`;
  }
}

/** A JSON array: the least value, the greatest one, and how many values are in each bin. */
function histogram(number: number, bins: number): string {
  const counts = Array.from({ length: bins }, (_, bin) => `count(*) FILTER (WHERE bin${number} = ${bin})`);
  return `json_array(min(m${number}), max(m${number}), ${counts.join(', ')})`;
}
