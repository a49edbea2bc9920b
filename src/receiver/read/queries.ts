/** Queries: pages of traces, sessions, observations and scores, and single rows. */

import { IS_ROOT_OBSERVATION } from '../store/derived-sql.js';
import { OBSERVATION_TEXTS, TRACE_TEXTS } from '../store/payload-sql.js';
import { bindable, type Database, type SqlRow, type SqlValue } from '../store/sqlite.js';
import { answerTooLarge, MAX_ANSWER_BYTES } from './answers.js';
import { type Filter, whereClause } from './conditions.js';
import type { Paging } from './parameters.js';

export interface Page {
  rows: SqlRow[];
  totalItems: number;
}

/** If a trace has no name, input or output of its own, those of its root observation are used. */
export const TRACES_WITH_ROOT = `${TRACE_TEXTS} AS t
  LEFT JOIN ${OBSERVATION_TEXTS} AS r ON r.trace_id = t.id AND r.id = t.root_id`;

const TRACE_SUMMARY_COLUMNS = `t.id, t.timestamp_us, t.latency_us, t.observation_count, t.error_count, t.total_tokens,
  t.total_cost, t.has_estimated_tokens, t.has_estimated_cost, t.score_summary, t.user_id, t.session_id, t.release, t.version, t.environment, t.public, t.tags,
  t.created_us, t.updated_us, coalesce(t.name, r.name) AS name`;

export const TRACE_COLUMNS = `${TRACE_SUMMARY_COLUMNS}, t.metadata, coalesce(t.input, r.input) AS input,
  coalesce(t.output, r.output) AS output`;

/** Columns without a limit of length. */
export const PAYLOADS = ['input', 'output', 'metadata'];
const LONG_OF_OBSERVATION = [...PAYLOADS, 'name', 'status_message', 'model', 'model_parameters'].map(
  (column) => `o.${column}`,
);
const LONG_OF_SCORE = ['name', 'comment', 'string_value', 'metadata'].map((column) => `s.${column}`);
const LONG_OF_TRACE = ['t.metadata', 't.tags', 't.input', 't.output', 'r.input', 'r.output'];
const bytesOf = (column: string) =>
  /\.(input|output)$/.test(column) ? `${column}_bytes` : `octet_length(${column})`;

/** Filters on traces may use `t` (the trace), `r` (its root observation). */
export function pageOfTraces(database: Database, filter: Filter, order: string, paging: Paging): Page {
  return page(database, TRACE_COLUMNS, TRACES_WITH_ROOT, filter, `${order}, t.id`, paging, LONG_OF_TRACE);
}

export function findTrace(database: Database, id: string): SqlRow | undefined {
  return database
    .prepare(`SELECT ${TRACE_COLUMNS} FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`)
    .get(bindable(id));
}

/** Filters on observations may use `o` (the observation), `t` (its trace), `r` (the root observation of its trace). */
const OBSERVATIONS_WITH_TRACE = `${OBSERVATION_TEXTS} AS o JOIN traces AS t ON t.id = o.trace_id
  LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id`;

const OBSERVATION_COLUMNS = `o.*, ${IS_ROOT_OBSERVATION} AS is_root, coalesce(t.name, r.name) AS trace_name,
  t.user_id AS trace_user_id, t.session_id AS trace_session_id, t.release AS trace_release, t.tags AS trace_tags,
  t.public AS trace_public`;

export function pageOfObservations(database: Database, filter: Filter, paging: Paging): Page {
  return page(
    database,
    'o.*',
    OBSERVATIONS_WITH_TRACE,
    filter,
    'o.start_us DESC, o.id',
    paging,
    LONG_OF_OBSERVATION,
  );
}

/**
 * Orders observations with the same start. One term: with two, SQLite does not use the index of times and sorts all
 * observations (40 ms instead of 0.5 ms for 100,000).
 */
export const OBSERVATION_KEY = 'o.trace_id || char(1) || o.id';

/** In the order of the cursor of the second version. */
export function nextObservations(database: Database, filter: Filter, limit: number): SqlRow[] {
  const order = `o.start_us DESC, ${OBSERVATION_KEY} DESC`;
  return next(
    database,
    OBSERVATION_COLUMNS,
    OBSERVATIONS_WITH_TRACE,
    filter,
    order,
    limit,
    LONG_OF_OBSERVATION,
  );
}

export function findObservation(database: Database, id: string): SqlRow | undefined {
  return database.prepare(`SELECT * FROM ${OBSERVATION_TEXTS} WHERE id = ?`).get(bindable(id));
}

export function findObservationOfTrace(database: Database, traceId: string, id: string): SqlRow | undefined {
  return database
    .prepare(`SELECT * FROM ${OBSERVATION_TEXTS} WHERE trace_id = ? AND id = ?`)
    .get(bindable(traceId), bindable(id));
}

const CHUNK_ROWS = 200;

/** Throws if a trace with all of its observations is too large for one response. */
export function requireReadable(database: Database, traceId: string): void {
  const rest = `FROM ${OBSERVATION_TEXTS} AS o WHERE o.trace_id = ?`;
  requireBound(database, rest, LONG_OF_OBSERVATION, [bindable(traceId)]);
}

/** Ordered by start. Read in chunks: a trace may have 100,000, and reading all at once takes half a second. */
export function* observationsOfTrace(database: Database, traceId: string): Generator<SqlRow, void, void> {
  const sql = 'SELECT rowid FROM observations WHERE trace_id = ? ORDER BY start_us, rowid';
  const rowIds = database
    .prepare(sql)
    .all(bindable(traceId))
    .map(({ rowid }) => Number(rowid));
  // Ordered as in the list.
  // A CROSS JOIN keeps the order of the tables: otherwise each item of the list would be compared with all observations.
  const rest = `FROM json_each(?) AS wanted CROSS JOIN ${OBSERVATION_TEXTS} AS o WHERE o.rowid = wanted.value ORDER BY wanted.key`;
  for (let start = 0; start < rowIds.length; start += CHUNK_ROWS) {
    const chunk = JSON.stringify(rowIds.slice(start, start + CHUNK_ROWS));
    yield* boundRows(database, 'o.*', rest, LONG_OF_OBSERVATION, [chunk]);
  }
}

export function observationIdsOfTrace(database: Database, traceId: string): string[] {
  const rows = database.prepare('SELECT id FROM observations WHERE trace_id = ?').all(bindable(traceId));
  return rows.map(({ id }) => String(id));
}

/** Filters on scores may use `s` (the score), `t` (its trace, if it has one). */
const SCORES_WITH_TRACE = 'scores AS s LEFT JOIN traces AS t ON t.id = s.trace_id';

export function pageOfScores(database: Database, filter: Filter, paging: Paging): Page {
  const columns = `s.*, t.id AS known_trace_id, t.user_id AS trace_user_id, t.session_id AS trace_session_id,
    t.tags AS trace_tags, t.environment AS trace_environment`;
  return page(
    database,
    columns,
    SCORES_WITH_TRACE,
    filter,
    's.timestamp_us DESC, s.id',
    paging,
    LONG_OF_SCORE,
  );
}

/** In the order of the cursor of the third version. */
export function nextScores(database: Database, filter: Filter, limit: number): SqlRow[] {
  return next(
    database,
    's.*',
    SCORES_WITH_TRACE,
    filter,
    's.timestamp_us DESC, s.id DESC',
    limit,
    LONG_OF_SCORE,
  );
}

export function findScore(database: Database, id: string): SqlRow | undefined {
  return database.prepare('SELECT * FROM scores WHERE id = ?').get(bindable(id));
}

export function scoresOfTrace(database: Database, traceId: string): SqlRow[] {
  return database
    .prepare('SELECT * FROM scores WHERE trace_id = ? ORDER BY timestamp_us, id')
    .all(bindable(traceId));
}

/** Sessions are the session ids of traces. Start and environment are those of the first trace. */
const SESSIONS = `(SELECT session_id AS id, min(created_us) AS created_us, coalesce(environment, 'default') AS environment
  FROM traces WHERE session_id IS NOT NULL GROUP BY session_id) AS n`;

/** Filters on sessions may use `n` (the session). */
export function pageOfSessions(database: Database, filter: Filter, paging: Paging): Page {
  return page(database, 'n.*', SESSIONS, filter, 'n.created_us DESC, n.id', paging);
}

export function findSession(database: Database, id: string): SqlRow | undefined {
  return database.prepare(`SELECT n.* FROM ${SESSIONS} WHERE n.id = ?`).get(bindable(id));
}

export function tracesOfSession(database: Database, id: string): SqlRow[] {
  const rest = `FROM ${TRACES_WITH_ROOT} WHERE t.session_id = ? ORDER BY t.timestamp_us, t.id`;
  return boundRows(database, TRACE_COLUMNS, rest, LONG_OF_TRACE, [bindable(id)]);
}

/** Checks the size of the rows before it reads them: a hundred payloads of 64 MiB do not fit into memory. */
function boundRows(
  database: Database,
  columns: string,
  rest: string,
  longTexts: readonly string[],
  values: readonly SqlValue[],
): SqlRow[] {
  requireBound(database, rest, longTexts, values);
  return database.prepare(`SELECT ${columns} ${rest}`).all(...values);
}

function requireBound(
  database: Database,
  rest: string,
  longTexts: readonly string[],
  values: readonly SqlValue[],
): void {
  if (longTexts.length === 0) return;
  // SQLite returns the length of a text without reading it.
  const bytes = longTexts.map((column) => `coalesce(${bytesOf(column)}, 0)`).join(' + ');
  const sum = database
    .prepare(`SELECT sum(bytes) AS bytes FROM (SELECT ${bytes} AS bytes ${rest})`)
    .get(...values);
  if (Number(sum?.bytes ?? 0) > MAX_ANSWER_BYTES) throw answerTooLarge();
}

function next(
  database: Database,
  columns: string,
  from: string,
  filter: Filter,
  order: string,
  limit: number,
  longTexts: readonly string[],
): SqlRow[] {
  const rest = `FROM ${from} ${whereClause(filter)} ORDER BY ${order} LIMIT ?`;
  return boundRows(database, columns, rest, longTexts, [...filter.values, limit]);
}

function page(
  database: Database,
  columns: string,
  from: string,
  filter: Filter,
  order: string,
  { page, limit }: Paging,
  longTexts: readonly string[] = [],
): Page {
  const where = whereClause(filter);
  const count = database.prepare(`SELECT count(*) AS count FROM ${from} ${where}`).get(...filter.values);
  const rest = `FROM ${from} ${where} ORDER BY ${order} LIMIT ? OFFSET ?`;
  return {
    rows: boundRows(database, columns, rest, longTexts, [...filter.values, limit, (page - 1) * limit]),
    totalItems: Number(count?.count ?? 0),
  };
}
