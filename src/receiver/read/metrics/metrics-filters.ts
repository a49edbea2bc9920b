/** Filters of a metrics query: any dimension of its view, its time, and its metadata; and the relations that they need. */

import { isObject } from '../../../ingest/json-text.js';
import type { GroupBy, Metric } from '../../store/contract/metrics.js';
import type { MetricsView } from '../../store/contract/metrics-views.js';
import type { Columns } from '../filter-parameter.js';
import { requireHere } from './metrics-names.js';

export function columnsOf({ dimensions, time }: MetricsView): Columns {
  const filtered = Object.entries(dimensions).filter(([, { pairs }]) => pairs === undefined);
  return {
    ...Object.fromEntries(filtered.map(([name, { type }]) => [name, type])),
    [time]: 'time',
    // Of text alone, as on the server.
    metadata: 'textMetadata',
  };
}

/** Dashboards send `scoreName` for `name`: as on the server, an unknown column that ends in `Name` is the name. */
export function conditionsOf(conditions: readonly unknown[], { dimensions }: MetricsView): unknown[] {
  return conditions.map((condition) => {
    const name = isObject(condition) ? condition.column : undefined;
    if (typeof name !== 'string' || Object.hasOwn(dimensions, name)) return condition;
    requireHere(name);
    return name.endsWith('Name') ? { ...(condition as object), column: 'name' } : condition;
  });
}

/** `conditions` have been checked. */
export function relationsOf(
  view: MetricsView,
  groups: readonly GroupBy[],
  metrics: readonly Metric[],
  conditions: readonly unknown[],
): Set<string> {
  const filtered = conditions.map((condition) => view.dimensions[(condition as { column: string }).column]);
  const used = [
    ...groups.map(({ dimension }) => dimension),
    ...metrics.map(({ measure }) => measure),
    ...filtered,
  ];
  return new Set(used.flatMap((one) => one?.relation ?? []));
}
