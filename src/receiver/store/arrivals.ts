/** Reads what has arrived since: new traces, and observations that are new or belong to traces that have changed. */

import { OBSERVATION_TEXTS } from './payload-sql.js';
import { bindable, type Database, type SqlRow } from './sqlite.js';

/** Numbers of the last rows that are known. Rows are numbered in the order of their arrival. */
export interface ArrivalPosition {
  trace: number;
  observation: number;
}

export const MAX_ARRIVALS = 500;
const MAX_STATUS_CHARS = 300;
/** Beginning and end of an output, for its preview. */
const HEAD_CHARS = 300;
const TAIL_CHARS = 2000;
const MAX_PREVIEWED_BYTES = 1024 * 1024;

const cutOutput = (sql: string) => `CASE WHEN o.output_bytes <= ${MAX_PREVIEWED_BYTES} THEN ${sql} END`;

const OBSERVATION_COLUMNS = `o.rowid AS row_id, o.id, o.trace_id, o.parent_id, o.type, o.name,
  coalesce(o.level, 'DEFAULT') AS level, coalesce(o.start_us, o.end_us, o.created_us) AS start_us, o.end_us, o.model,
  coalesce(o.total_tokens, o.estimated_tokens) AS tokens, coalesce(o.total_cost, o.estimated_cost) AS cost,
  substr(o.status_message, 1, ${MAX_STATUS_CHARS}) AS status,
  ${cutOutput(`substr(o.output, 1, ${HEAD_CHARS})`)} AS output_head,
  ${cutOutput(`substr(o.output, -${TAIL_CHARS})`)} AS output_tail`;

export function lastPosition(database: Database): ArrivalPosition {
  const last = (table: string) =>
    Number(database.prepare(`SELECT max(rowid) AS last FROM ${table}`).get()?.last ?? 0);
  return { trace: last('traces'), observation: last('observations') };
}

export function tracesAfter(database: Database, position: number): SqlRow[] {
  return database
    .prepare(
      `SELECT t.rowid AS row_id, t.id, coalesce(t.name, r.name) AS name, t.timestamp_us, t.user_id, t.session_id, t.error_count
       FROM traces AS t LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id
       WHERE t.rowid > ? ORDER BY t.rowid LIMIT ${MAX_ARRIVALS}`,
    )
    .all(position);
}

export function observationsAfter(database: Database, position: number): SqlRow[] {
  return database
    .prepare(
      `SELECT ${OBSERVATION_COLUMNS} FROM ${OBSERVATION_TEXTS} AS o WHERE o.rowid > ? ORDER BY o.rowid LIMIT ${MAX_ARRIVALS}`,
    )
    .all(position);
}

/** Observations that were open when they were read: `ids` are pairs of trace and observation. */
export function observationsOf(database: Database, ids: readonly (readonly [string, string])[]): SqlRow[] {
  const find = database.prepare(
    `SELECT ${OBSERVATION_COLUMNS} FROM ${OBSERVATION_TEXTS} AS o WHERE o.trace_id = ? AND o.id = ?`,
  );
  return ids
    .map(([traceId, id]) => find.get(bindable(traceId), bindable(id)))
    .filter((row) => row !== undefined);
}
