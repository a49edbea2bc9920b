/** Reads the page's list: a page of it goes on from a cursor, as rows arrive while somebody reads. */

import type { SORTABLE } from '../../../../viewer/data/filters.js';
import type { ScoreSummary } from '../../../../viewer/data/list.js';
import type { ListedTrace, ListOrder, ListQuery, ListReader, TraceListPage } from '../../contract/page.js';
import { InvalidCursor } from '../../contract.js';
import { TRACES_WITH_ROOT } from '../read/bounded-rows.js';
import { addCondition, bindList, IN_LIST, type Where, whereClause } from '../read/conditions.js';
import { traceSummary } from '../read/stored-rows.js';
import { bindable, type Database, type SqlRow, type SqlValue } from '../sqlite.js';
import { readFacets } from './facets.js';
import { pageFilterSql, TRACE_NAME, wholeFilterSql } from './page-filter.js';
import { payloadEnds, previewColumns } from './payload-cuts.js';
import { readSeries } from './series.js';
import { timesOfTraces } from './trace-chunks.js';

export function listReader(database: Database): ListReader {
  return {
    page: (query) => readPage(database, query),
    async passing(filter, ids) {
      const where = await wholeFilterSql(database, filter);
      addCondition(where, `t.id IN ${IN_LIST}`, bindList(ids));
      const rows = database
        .prepare(`SELECT t.id FROM traces AS t ${whereClause(where)}`)
        .all(...where.values);
      return new Set(rows.map(({ id }) => String(id)));
    },
    facets: (filter) => readFacets(database, filter),
    series: (filter, bucketUs) => readSeries(database, filter, bucketUs),
    async times() {
      return timesOfTraces(database);
    },
  };
}

async function readPage(database: Database, query: ListQuery): Promise<TraceListPage> {
  const { cursor, limit } = query;
  const order = orderSql(query.order);
  const { where, searchedFromUs } = await pageFilterSql(database, query.filter);
  const total = cursor === null ? count(database, whereClause(where), where.values) : null;
  const isEverything = where.conditions.length === 0;
  if (cursor !== null) addCursor(where, order, cursor);
  const rows = readRows(database, where, order, limit + 1);
  const shown = rows.slice(0, limit);
  return {
    traces: shown.map(listedTrace),
    next: rows.length > limit ? cursorAfter(shown.at(-1) as SqlRow) : null,
    total,
    stored: isEverything && total !== null ? total : count(database),
    searchedFromUs,
  };
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

export function listedTraceOf(database: Database, id: string): ListedTrace | undefined {
  const row = database
    .prepare(`SELECT ${COLUMNS}, ${PREVIEWS.join(', ')} FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`)
    .get(bindable(id));
  return row && listedTrace(row);
}

function listedTrace(row: SqlRow): ListedTrace {
  const summary = row.score_summary;
  return {
    ...traceSummary(row),
    scores: typeof summary === 'string' ? (JSON.parse(summary) as ScoreSummary[]) : [],
    input: payloadEnds(row, 'input') ?? payloadEnds(row, 'root_input'),
    output: payloadEnds(row, 'output') ?? payloadEnds(row, 'root_output'),
  };
}

interface OrderSql {
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

function orderSql({ by, isDescending }: ListOrder): OrderSql {
  if (typeof by === 'string') return { sql: SORTS[by], isDescending, values: [] };
  const sql = '(SELECT avg(s.value) FROM scores AS s WHERE s.trace_id = t.id AND s.name = ?)';
  return { sql, isDescending, values: [bindable(by.score)] };
}

/** The sort key of the last row and its number. Unknown values come last in both directions. */
function cursorAfter(row: SqlRow): string {
  return Buffer.from(JSON.stringify([row.sort_key, row.row_id])).toString('base64url');
}

function addCursor(where: Where, { sql, isDescending, values }: OrderSql, cursor: string): void {
  const [key, rowId] = readCursor(cursor);
  const beyond = isDescending ? '<' : '>';
  if (key === null) addCondition(where, `${sql} IS NULL AND t.rowid ${beyond} ?`, ...values, rowId);
  else if (sql === SORTS.start) addCondition(where, `(${sql}, t.rowid) ${beyond} (?, ?)`, key, rowId);
  else {
    addCondition(
      where,
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
  throw new InvalidCursor();
}

/** Sorted without the payloads, which are read for the shown rows only. */
function readRows(database: Database, where: Where, order: OrderSql, limit: number): SqlRow[] {
  const direction = order.isDescending ? 'DESC' : 'ASC';
  const unknownLast = order.sql === SORTS.start ? '' : 'sort_key IS NULL, ';
  const page = `SELECT t.rowid AS page_id, ${order.sql} AS sort_key FROM traces AS t ${whereClause(where)}
    ORDER BY ${unknownLast}${order.sql === SORTS.start ? order.sql : 'sort_key'} ${direction}, t.rowid ${direction} LIMIT ?`;
  const values = [...order.values, ...where.values, limit];
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
