/**
 * The rule of the second version of metrics for dimensions with a value for almost every row (ids, users, sessions): only the
 * top rows by a metric, with a limit, and not by time.
 */

import { HttpError } from '../../http/requests.js';
import type { Granularity, GroupBy, Metric } from '../../store/contract/metrics.js';

interface Asked {
  groups: readonly GroupBy[];
  metrics: readonly Metric[];
  granularity: Granularity | undefined;
  order: readonly { name: string; isDescending: boolean }[];
  rowLimit: number | undefined;
}

export function requireTopRows({ groups, metrics, granularity, order, rowLimit }: Asked): void {
  const names = groups.filter(({ dimension }) => dimension.isUnbounded).map(({ name }) => name);
  if (names.length === 0) return;
  const refused = (reason: string) =>
    new HttpError(
      400,
      `query parameter query: dimensions has ${names.join(', ')}, with a value for almost every row: ${reason}`,
    );
  if (granularity !== undefined) throw refused('timeDimension must be left out');
  const descending = order.filter(({ isDescending }) => isDescending);
  if (rowLimit === undefined || descending.length === 0) {
    throw refused('config.row_limit must be given, and orderBy with direction desc by a metric');
  }
  const isMetric = (name: string) => metrics.some((metric) => metric.name === name);
  if (!descending.every(({ name }) => isMetric(name))) {
    throw refused('orderBy with direction desc must be by a metric of the query');
  }
}
