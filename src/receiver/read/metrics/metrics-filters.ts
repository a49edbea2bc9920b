/** Filters of a metrics query: any dimension of its view, its time, and its metadata; and the relations that they need. */

import { isObject } from '../../json-text.js';
import type { GroupBy, Metric } from '../../store/metrics/statement.js';
import type { Dimension, MetricsView } from '../../store/metrics/view.js';
import * as column from '../filter-columns.js';
import type { Column, Columns } from '../filter-parameter.js';
import { requireHere } from './metrics-names.js';

const COLUMN_OF: Record<Dimension['type'], (sql: string) => Column> = {
  text: column.text,
  number: column.number,
  flag: column.flag,
  texts: column.texts,
};

export function columnsOf({ dimensions, time, metadata }: MetricsView): Columns {
  const filtered = Object.entries(dimensions).filter(([, { pairs }]) => pairs === undefined);
  return {
    ...Object.fromEntries(filtered.map(([name, { sql, type }]) => [name, COLUMN_OF[type](sql)])),
    [time.name]: column.time(time.sql),
    // Of text alone, as on the server.
    metadata: { stringObject: column.metadata(metadata).stringObject as string },
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
