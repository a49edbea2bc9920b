/**
 * Totals of traces, computed from their observations when they are asked for. Tables that are written by many have no place for sums:
 * a row that comes again would count twice.
 */

import { raw, type Sql, sql, whereAll } from '../connection/sql.js';
import {
  HAS_ESTIMATED_COST,
  HAS_ESTIMATED_TOKENS,
  microsSql,
  nullableMicrosSql,
  sideSql,
  type Tables,
  totalSql,
} from '../tables.js';

const countLevel = (level: string) => `countIf(o.level = '${level}')`;

/** By name, so that a query computes those that it uses. */
const FIGURES = {
  observation_count: 'count()',
  error_count: countLevel('ERROR'),
  warning_count: countLevel('WARNING'),
  default_count: countLevel('DEFAULT'),
  debug_count: countLevel('DEBUG'),
  total_tokens: `sum(${totalSql('usage')})`,
  total_cost: `sum(${totalSql('cost')})`,
  input_tokens: `sum(${sideSql('usage', 'input')})`,
  output_tokens: `sum(${sideSql('usage', 'output')})`,
  input_cost: `sum(${sideSql('cost', 'input')})`,
  output_cost: `sum(${sideSql('cost', 'output')})`,
  has_estimated_tokens: `max(${HAS_ESTIMATED_TOKENS})`,
  has_estimated_cost: `max(${HAS_ESTIMATED_COST})`,
  first_us: `min(${microsSql('o.start_time')})`,
  // An event has no end; a span without an end is still open.
  last_us: `max(if(o.end_time IS NULL AND o.type = 'EVENT', ${microsSql('o.start_time')}, ${nullableMicrosSql('o.end_time')}))`,
} as const;
export type Figure = keyof typeof FIGURES;

/** By `trace_id`, of the observations (`o`) that pass. */
export function rollups(tables: Tables, figures: readonly Figure[], conditions: readonly Sql[]): Sql {
  const columns = figures.map((name) => `${FIGURES[name]} AS ${name}`).join(', ');
  return sql`(SELECT o.trace_id AS trace_id, ${raw(columns)} FROM ${tables.observations} AS o FINAL${whereAll(conditions)} GROUP BY o.trace_id)`;
}

/** From the first start to the last end of a trace `t` with its totals `u`; null: nothing has ended. */
export const LATENCY_US = `if(t.end_time IS NULL AND u.last_us IS NULL, NULL,
  greatest(ifNull(${nullableMicrosSql('t.end_time')}, toInt64(0)), ifNull(u.last_us, toInt64(0)))
  - least(${microsSql('t.timestamp')}, ifNull(u.first_us, ${microsSql('t.timestamp')})))`;
export const LATENCY_FIGURES: readonly Figure[] = ['first_us', 'last_us'];
