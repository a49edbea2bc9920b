/** Queries of the trace page: payloads are truncated in SQLite, so that a page never reads more than it shows. */

import { PAYLOADS, TRACE_COLUMNS, TRACES_WITH_ROOT } from '../read/queries.js';
import { OBSERVATION_TEXTS } from '../store/payload-sql.js';
import { bindable, type Database, type SqlRow } from '../store/sqlite.js';

/** More rows make a page that is slow in a browser and hard to read. */
export const MAX_OBSERVATIONS_SHOWN = 1000;
/** Up to this length a payload is read whole, so that its JSON can be formatted; longer ones are truncated. */
const MAX_WHOLE_CHARS = 100_000;
const CUT_CHARS = 20_000;
/** Limit for all payloads of a page: with many observations, less of each is shown. */
const PAGE_CHARS = 16_000_000;

const cut = (table: string, field: string, wholeChars = MAX_WHOLE_CHARS) =>
  `length(${table}.${field}) AS ${field}_length,
   CASE WHEN length(${table}.${field}) <= ${wholeChars} THEN ${table}.${field}
     ELSE substr(${table}.${field}, 1, ${Math.min(CUT_CHARS, wholeChars)}) END AS ${field}`;

export function traceForPage(database: Database, id: string): SqlRow | undefined {
  const withRoot = `SELECT ${TRACE_COLUMNS} FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`;
  const shown = PAYLOADS.map((field) => cut('p', field));
  return database.prepare(`SELECT p.*, ${shown.join(', ')} FROM (${withRoot}) AS p`).get(bindable(id));
}

export function observationsForPage(database: Database, traceId: string): SqlRow[] {
  const count = database.prepare('SELECT count(*) AS count FROM observations WHERE trace_id = ?');
  const found = Math.min(Number(count.get(bindable(traceId))?.count), MAX_OBSERVATIONS_SHOWN);
  const wholeChars = Math.min(MAX_WHOLE_CHARS, Math.floor(PAGE_CHARS / PAYLOADS.length / Math.max(1, found)));
  const shown = PAYLOADS.map((field) => cut('o', field, wholeChars));
  const sql = `SELECT o.*, ${shown.join(', ')} FROM ${OBSERVATION_TEXTS} AS o WHERE trace_id = ? ORDER BY start_us, rowid LIMIT ?`;
  return database.prepare(sql).all(bindable(traceId), MAX_OBSERVATIONS_SHOWN);
}
