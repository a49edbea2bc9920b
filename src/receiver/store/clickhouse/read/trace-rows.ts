/** Rows of traces with their totals, read by their ids: a query for what a list shows finds the ids first. */

import type { TraceSummaryRow } from '../../contract/rows.js';
import type { Connection, Row } from '../connection/connection.js';
import { raw, type Sql, sql, texts } from '../connection/sql.js';
import { microsSql, type Tables } from '../tables.js';
import { BY_KEY } from '../write/load.js';
import { LATENCY_US, rollups } from './rollups.js';
import { countOf, flagOf, numberOf, textOf, textsOf } from './row-values.js';

export interface Reading {
  readonly connection: Connection;
  readonly tables: Tables;
}

const COLUMNS = `t.id AS id, ${microsSql('t.timestamp')} AS timestamp_us, t.name AS name, t.user_id AS user_id,
  t.session_id AS session_id, t.tags AS tags, t.release AS release, t.version AS version, t.environment AS environment`;

const TOTALS = [
  'observation_count',
  'error_count',
  'total_tokens',
  'total_cost',
  'has_estimated_tokens',
  'has_estimated_cost',
  'first_us',
  'last_us',
] as const;

/** `columns`: of the trace `t`, beside those of the summary. In any order. */
export async function traceRows(
  { connection, tables }: Reading,
  ids: readonly string[],
  columns: Sql = raw(''),
): Promise<Row[]> {
  if (ids.length === 0) return [];
  const list = texts(ids);
  const totals = rollups(tables, TOTALS, [sql`o.trace_id IN ${list}`]);
  return connection.rows(
    sql`SELECT ${raw(COLUMNS)}, ${raw(TOTALS.map((name) => `u.${name} AS ${name}`).join(', '))}, ${raw(LATENCY_US)} AS latency_us${columns}
      FROM (SELECT * FROM ${tables.traces} FINAL WHERE id IN ${list}) AS t
      LEFT JOIN ${totals} AS u ON u.trace_id = t.id`,
    { settings: BY_KEY },
  );
}

export function summaryOf(row: Row): TraceSummaryRow {
  const tags = textsOf(row.tags);
  return {
    id: String(row.id),
    timestampUs: countOf(row.timestamp_us),
    latencyUs: numberOf(row.latency_us),
    observationCount: countOf(row.observation_count),
    errorCount: countOf(row.error_count),
    totalTokens: numberOf(row.total_tokens),
    totalCost: numberOf(row.total_cost),
    hasEstimatedTokens: flagOf(row.has_estimated_tokens),
    hasEstimatedCost: flagOf(row.has_estimated_cost),
    name: textOf(row.name),
    userId: textOf(row.user_id),
    sessionId: textOf(row.session_id),
    release: textOf(row.release),
    version: textOf(row.version),
    environment: textOf(row.environment),
    tags: tags.length === 0 ? null : tags,
  };
}

/** In the order of the ids. */
export function inOrder<T extends { id: string }>(ids: readonly string[], items: readonly T[]): T[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
