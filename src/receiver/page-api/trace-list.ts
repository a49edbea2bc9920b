/** `GET /api/tailrace/traces`: a page of the list. It goes on from a cursor, as rows arrive while somebody reads. */

import { SORTABLE, type TraceList, type TraceRow } from '../../viewer/page-data.js';
import { countComplaints } from '../complaints/complaint-routes.js';
import type { RouteContext } from '../http/requests.js';
import { addCondition, type Filter, whereClause } from '../read/conditions.js';
import { integer, invalid, one } from '../read/parameters.js';
import { TRACES_WITH_ROOT } from '../read/queries.js';
import { bindable, type Database, type SqlRow, type SqlValue } from '../store/sqlite.js';
import { sendData } from './answers.js';
import { pageFilter, TRACE_NAME } from './page-filter.js';
import { previewColumns } from './payload-sql.js';
import { traceRow } from './rows.js';

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 100;

export async function getTraceList(context: RouteContext): Promise<void> {
  const { database } = context.store;
  const query = context.url.searchParams;
  const limit = integer(query, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT);
  const order = orderOf(one(query, 'sort') ?? '-start');
  const cursor = one(query, 'cursor');
  const since = context.live.since();
  const { filter, isSearchComplete } = await pageFilter(database, query);
  const total = cursor === null ? count(database, whereClause(filter), filter.values) : null;
  if (cursor !== null) addCursor(filter, order, cursor);
  const rows = readRows(database, filter, order, limit + 1);
  const shown = rows.slice(0, limit);
  const list: TraceList = {
    traces: traceRows(database, shown),
    next: rows.length > limit ? cursorAfter(shown.at(-1) as SqlRow) : null,
    total,
    stored: filter.conditions.length === 0 && total !== null ? total : count(database),
    isSearchComplete,
    size: context.store.size(),
    since,
    hasSample: context.loadSample !== undefined,
  };
  await sendData(context, list);
}

function count(database: Database, where = '', values: SqlValue[] = []): number {
  const sql = `SELECT count(*) AS count FROM traces AS t ${where}`;
  return Number(database.prepare(sql).get(...values)?.count ?? 0);
}

const COLUMNS = `t.rowid AS row_id, t.id, t.timestamp_us, t.latency_us, t.observation_count, t.error_count, t.total_tokens,
  t.total_cost, t.has_estimated_tokens, t.has_estimated_cost, t.score_summary, t.user_id, t.session_id, t.release,
  t.version, t.environment, t.tags, ${TRACE_NAME} AS name`;

const PREVIEWS = [
  ['t.input', 'input'],
  ['t.output', 'output'],
  ['r.input', 'root_input'],
  ['r.output', 'root_output'],
].map(([column = '', name = '']) => previewColumns(column, name));

export function traceRows(database: Database, rows: readonly SqlRow[]): TraceRow[] {
  const counts = countComplaints(
    database,
    rows.map(({ id }) => String(id)),
  );
  return rows.map((row) => traceRow(row, counts.get(String(row.id)) ?? 0));
}

export function traceRowOf(database: Database, id: string): SqlRow | undefined {
  return database
    .prepare(`SELECT ${COLUMNS}, ${PREVIEWS.join(', ')} FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`)
    .get(bindable(id));
}

interface Order {
  sql: string;
  isDescending: boolean;
  /** Bound where `sql` has a question mark. */
  values: SqlValue[];
}

const SORTS: Record<(typeof SORTABLE)[number], string> = {
  start: 't.timestamp_us',
  name: TRACE_NAME,
  duration: 't.latency_us',
  tokens: 't.total_tokens',
  cost: 't.total_cost',
  observations: 't.observation_count',
  errors: 't.error_count',
};

function orderOf(sort: string): Order {
  const isDescending = sort.startsWith('-');
  const column = isDescending ? sort.slice(1) : sort;
  if (column.startsWith('score:')) {
    const sql = '(SELECT avg(s.value) FROM scores AS s WHERE s.trace_id = t.id AND s.name = ?)';
    return { sql, isDescending, values: [bindable(column.slice('score:'.length))] };
  }
  if (!Object.hasOwn(SORTS, column)) {
    throw invalid('sort', `one of ${SORTABLE.join(', ')} or score:NAME, with - in front or not`, sort);
  }
  return { sql: SORTS[column as keyof typeof SORTS], isDescending, values: [] };
}

/** The sort key of the last row and its number. Unknown values come last in both directions. */
function cursorAfter(row: SqlRow): string {
  return Buffer.from(JSON.stringify([row.sort_key, row.row_id])).toString('base64url');
}

function addCursor(filter: Filter, { sql, isDescending, values }: Order, cursor: string): void {
  const [key, rowId] = readCursor(cursor);
  const beyond = isDescending ? '<' : '>';
  if (key === null) addCondition(filter, `${sql} IS NULL AND t.rowid ${beyond} ?`, ...values, rowId);
  else if (sql === SORTS.start) addCondition(filter, `(${sql}, t.rowid) ${beyond} (?, ?)`, key, rowId);
  else {
    addCondition(
      filter,
      `(${sql} ${beyond} ? OR (${sql} = ? AND t.rowid ${beyond} ?) OR ${sql} IS NULL)`,
      ...[...values, key],
      ...[...values, key, rowId],
      ...values,
    );
  }
}

function readCursor(cursor: string): [SqlValue, number] {
  try {
    const [key, rowId, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isKey = key === null || typeof key === 'number' || typeof key === 'string';
    if (isKey && Number.isSafeInteger(rowId) && rest.length === 0) return [key, rowId as number];
  } catch {
    // Below.
  }
  throw invalid('cursor', 'the next of another answer', cursor);
}

/** Sorted without the payloads, which are read for the shown rows only. */
function readRows(database: Database, filter: Filter, order: Order, limit: number): SqlRow[] {
  const direction = order.isDescending ? 'DESC' : 'ASC';
  const unknownLast = order.sql === SORTS.start ? '' : 'sort_key IS NULL, ';
  const page = `SELECT t.rowid AS page_id, ${order.sql} AS sort_key FROM traces AS t ${whereClause(filter)}
    ORDER BY ${unknownLast}${order.sql === SORTS.start ? order.sql : 'sort_key'} ${direction}, t.rowid ${direction} LIMIT ?`;
  const values = [...order.values, ...filter.values, limit];
  const keys = database.prepare(page).all(...values);
  const ids = JSON.stringify(keys.map(({ page_id }) => Number(page_id)));
  const rows = database
    .prepare(
      `SELECT ${COLUMNS}, ${PREVIEWS.join(', ')} FROM json_each(?) AS wanted CROSS JOIN ${TRACES_WITH_ROOT}
       WHERE t.rowid = wanted.value ORDER BY wanted.key`,
    )
    .all(ids);
  return rows.map((row, at) => ({ ...row, sort_key: keys[at]?.sort_key ?? null }));
}
