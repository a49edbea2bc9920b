/** The store's reading side: pages of traces, sessions, observations and scores, and single ones. */

import { type Filter, whereClause } from './conditions.js';
import { isRootObservation } from './filter-columns.js';
import type { Paging } from './query.js';
import { bindable, type Database, type SqlRow } from './sqlite.js';

export interface Page {
  rows: SqlRow[];
  totalItems: number;
}

/** Where a trace has no name, input or output of its own, its root observation's stand for them. */
const tracesWithRoot = 'traces AS t LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id';

/** The columns of the list on the first page: no payloads. */
const traceSummaryColumns = `t.id, t.timestamp_us, t.latency_us, t.observation_count, t.error_count, t.total_tokens,
  t.total_cost, t.has_estimated_tokens, t.has_estimated_cost, t.score_summary, t.user_id, t.session_id, t.release, t.version, t.environment, t.public, t.tags,
  t.created_us, t.updated_us, coalesce(t.name, r.name) AS name`;

const traceColumns = `${traceSummaryColumns}, t.metadata, coalesce(t.input, r.input) AS input,
  coalesce(t.output, r.output) AS output`;

/** Filters on traces may use `t` (the trace), `r` (its root observation). */
export function pageOfTraces(database: Database, filter: Filter, order: string, paging: Paging): Page {
  return page(database, traceColumns, tracesWithRoot, filter, `${order}, t.id`, paging);
}

export function pageOfTraceSummaries(
  database: Database,
  filter: Filter,
  order: string,
  paging: Paging,
): Page {
  return page(database, traceSummaryColumns, tracesWithRoot, filter, `${order}, t.id`, paging);
}

export function findTrace(database: Database, id: string): SqlRow | undefined {
  return database.prepare(`SELECT ${traceColumns} FROM ${tracesWithRoot} WHERE t.id = ?`).get(bindable(id));
}

/** Filters on observations may use `o` (the observation), `t` (its trace), `r` (the root observation of its trace). */
const observationsWithTrace = `observations AS o JOIN traces AS t ON t.id = o.trace_id
  LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id`;

const observationColumns = `o.*, ${isRootObservation} AS is_root, coalesce(t.name, r.name) AS trace_name,
  t.user_id AS trace_user_id, t.session_id AS trace_session_id, t.release AS trace_release, t.tags AS trace_tags,
  t.public AS trace_public`;

export function pageOfObservations(database: Database, filter: Filter, paging: Paging): Page {
  return page(database, 'o.*', observationsWithTrace, filter, 'o.start_us DESC, o.id', paging);
}

/**
 * Among observations that began at the same time. As one term: with two, SQLite leaves the index of times and sorts all
 * observations (40 ms where there are 100,000, in the place of 0.5 ms).
 */
export const observationKey = 'o.trace_id || char(1) || o.id';

/** In the order of the second version's cursor. */
export function nextObservations(database: Database, filter: Filter, limit: number): SqlRow[] {
  const order = `o.start_us DESC, ${observationKey} DESC`;
  return next(database, observationColumns, observationsWithTrace, filter, order, limit);
}

export function findObservation(database: Database, id: string): SqlRow | undefined {
  return database.prepare('SELECT * FROM observations WHERE id = ?').get(bindable(id));
}

export function findObservationOfTrace(database: Database, traceId: string, id: string): SqlRow | undefined {
  return database
    .prepare('SELECT * FROM observations WHERE trace_id = ? AND id = ?')
    .get(bindable(traceId), bindable(id));
}

/** In the order in which they began. */
export function observationsOfTrace(database: Database, traceId: string): SqlRow[] {
  return database
    .prepare('SELECT * FROM observations WHERE trace_id = ? ORDER BY start_us, rowid')
    .all(bindable(traceId));
}

export function observationIdsOfTrace(database: Database, traceId: string): string[] {
  const rows = database.prepare('SELECT id FROM observations WHERE trace_id = ?').all(bindable(traceId));
  return rows.map(({ id }) => String(id));
}

/** Filters on scores may use `s` (the score), `t` (its trace, if it has one). */
const scoresWithTrace = 'scores AS s LEFT JOIN traces AS t ON t.id = s.trace_id';

export function pageOfScores(database: Database, filter: Filter, paging: Paging): Page {
  const columns = `s.*, t.id AS known_trace_id, t.user_id AS trace_user_id, t.session_id AS trace_session_id,
    t.tags AS trace_tags, t.environment AS trace_environment`;
  return page(database, columns, scoresWithTrace, filter, 's.timestamp_us DESC, s.id', paging);
}

/** In the order of the third version's cursor. */
export function nextScores(database: Database, filter: Filter, limit: number): SqlRow[] {
  return next(database, 's.*', scoresWithTrace, filter, 's.timestamp_us DESC, s.id DESC', limit);
}

export function findScore(database: Database, id: string): SqlRow | undefined {
  return database.prepare('SELECT * FROM scores WHERE id = ?').get(bindable(id));
}

export function scoresOfTrace(database: Database, traceId: string): SqlRow[] {
  return database
    .prepare('SELECT * FROM scores WHERE trace_id = ? ORDER BY timestamp_us, id')
    .all(bindable(traceId));
}

/** A session is what traces name: it began with the first of them, and has that one's environment. */
const sessions = `(SELECT session_id AS id, min(created_us) AS created_us, coalesce(environment, 'default') AS environment
  FROM traces WHERE session_id IS NOT NULL GROUP BY session_id) AS n`;

/** Filters on sessions may use `n` (the session). */
export function pageOfSessions(database: Database, filter: Filter, paging: Paging): Page {
  return page(database, 'n.*', sessions, filter, 'n.created_us DESC, n.id', paging);
}

export function findSession(database: Database, id: string): SqlRow | undefined {
  return database.prepare(`SELECT n.* FROM ${sessions} WHERE n.id = ?`).get(bindable(id));
}

export function tracesOfSession(database: Database, id: string): SqlRow[] {
  return database
    .prepare(
      `SELECT ${traceColumns} FROM ${tracesWithRoot} WHERE t.session_id = ? ORDER BY t.timestamp_us, t.id`,
    )
    .all(bindable(id));
}

function next(
  database: Database,
  columns: string,
  from: string,
  filter: Filter,
  order: string,
  limit: number,
): SqlRow[] {
  const sql = `SELECT ${columns} FROM ${from} ${whereClause(filter)} ORDER BY ${order} LIMIT ?`;
  return database.prepare(sql).all(...filter.values, limit);
}

function page(
  database: Database,
  columns: string,
  from: string,
  filter: Filter,
  order: string,
  { page, limit }: Paging,
): Page {
  const where = whereClause(filter);
  const count = database.prepare(`SELECT count(*) AS count FROM ${from} ${where}`).get(...filter.values);
  const select = database.prepare(
    `SELECT ${columns} FROM ${from} ${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
  );
  return {
    rows: select.all(...filter.values, limit, (page - 1) * limit),
    totalItems: Number(count?.count ?? 0),
  };
}

/** More rows than this make a page that no browser and no reader likes. */
export const maxObservationsShown = 1000;
/** Up to here a payload comes whole, so that its JSON can be laid out; of a larger one only the beginning. */
const maxWholeChars = 100_000;
const cutChars = 20_000;

const cut = (table: string, field: string) =>
  `length(${table}.${field}) AS ${field}_length,
   CASE WHEN length(${table}.${field}) <= ${maxWholeChars} THEN ${table}.${field} ELSE substr(${table}.${field}, 1, ${cutChars}) END AS ${field}`;

export function traceForPage(database: Database, id: string): SqlRow | undefined {
  const withRoot = `SELECT ${traceColumns} FROM ${tracesWithRoot} WHERE t.id = ?`;
  const payloads = ['input', 'output', 'metadata'].map((field) => cut('p', field));
  return database.prepare(`SELECT p.*, ${payloads.join(', ')} FROM (${withRoot}) AS p`).get(bindable(id));
}

export function observationsForPage(database: Database, traceId: string): SqlRow[] {
  const payloads = ['input', 'output', 'metadata'].map((field) => cut('o', field));
  const sql = `SELECT o.*, ${payloads.join(', ')} FROM observations AS o WHERE trace_id = ? ORDER BY start_us, rowid LIMIT ?`;
  return database.prepare(sql).all(bindable(traceId), maxObservationsShown);
}
