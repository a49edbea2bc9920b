/** Reads traces and sessions for the public API, and finds a trace by what somebody types. */

import type { TraceOrder } from '../../contract/conditions.js';
import type { SessionReader, TraceReader } from '../../contract/lists.js';
import { bindable, type Database } from '../sqlite.js';
import { boundRows, pageOfRows, TRACES_WITH_ROOT } from './bounded-rows.js';
import { TRACE_COLUMN_SQL } from './column-sql.js';
import { addCondition, bindList, emptyWhere, IN_LIST, whereOf } from './conditions.js';
import { storedSession, storedTrace } from './stored-rows.js';

const COLUMNS = `t.id, t.timestamp_us, t.latency_us, t.observation_count, t.error_count, t.total_tokens,
  t.total_cost, t.has_estimated_tokens, t.has_estimated_cost, t.user_id, t.session_id, t.release, t.version, t.environment, t.public, t.tags,
  t.created_us, t.updated_us, coalesce(t.name, r.name) AS name, t.metadata, coalesce(t.input, r.input) AS input,
  coalesce(t.output, r.output) AS output`;
const LONG_TEXTS = ['t.metadata', 't.tags', 't.input', 't.output', 'r.input', 'r.output'];

const ORDERS: Record<TraceOrder['column'], string> = {
  id: 't.id',
  timestamp: 't.timestamp_us',
  name: 'coalesce(t.name, r.name)',
  userId: 't.user_id',
  sessionId: 't.session_id',
  release: 't.release',
  version: 't.version',
  public: 'coalesce(t.public, 0)',
  // Not 0, which would be the number of a column.
  bookmarked: 't.id IS NULL',
};

export function traceReader(database: Database): TraceReader {
  return {
    async page(conditions, { column, isDescending }, paging) {
      const where = whereOf(conditions, TRACE_COLUMN_SQL);
      const order = `${ORDERS[column]} ${isDescending ? 'DESC' : 'ASC'}, t.id`;
      const selection = { columns: COLUMNS, from: TRACES_WITH_ROOT, where, order, longTexts: LONG_TEXTS };
      return pageOfRows(database, selection, paging, storedTrace);
    },
    async find(id) {
      const row = database
        .prepare(`SELECT ${COLUMNS} FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`)
        .get(bindable(id));
      return row && storedTrace(row);
    },
    async ofSession(sessionId) {
      const rest = `FROM ${TRACES_WITH_ROOT} WHERE t.session_id = ? ORDER BY t.timestamp_us, t.id`;
      return boundRows(database, COLUMNS, rest, LONG_TEXTS, [bindable(sessionId)]).map(storedTrace);
    },
    async known(ids) {
      const stored = ids.map((id) => bindable(id) as string);
      const rows = database.prepare(`SELECT id FROM traces WHERE id IN ${IN_LIST}`).all(bindList(stored));
      const found = new Set(rows.map(({ id }) => String(id)));
      return new Set(ids.filter((_, at) => found.has(stored[at] as string)));
    },
    /** By the index of ids. */
    async withPrefix(prefix, limit) {
      const rows = database
        .prepare('SELECT id FROM traces WHERE id >= ? AND id < ? ORDER BY id LIMIT ?')
        .all(bindable(prefix), bindable(`${prefix}\u{10ffff}`), limit);
      return rows.map(({ id }) => String(id));
    },
    async last(hasFailed) {
      const where = hasFailed ? 'WHERE error_count > 0' : '';
      const row = database
        .prepare(`SELECT id FROM traces ${where} ORDER BY timestamp_us DESC, rowid DESC LIMIT 1`)
        .get();
      return row && String(row.id);
    },
    async isAnyBetween(fromUs, toUs) {
      const sql = 'SELECT 1 FROM traces WHERE timestamp_us BETWEEN ? AND ? LIMIT 1';
      return database.prepare(sql).get(fromUs, toUs) !== undefined;
    },
    async environmentOf(id) {
      const row = database.prepare('SELECT environment FROM traces WHERE id = ?').get(bindable(id));
      return row && String(row.environment ?? 'default');
    },
  };
}

const SESSIONS = `(SELECT session_id AS id, min(created_us) AS created_us, coalesce(environment, 'default') AS environment
  FROM traces WHERE session_id IS NOT NULL GROUP BY session_id) AS n`;

export function sessionReader(database: Database): SessionReader {
  return {
    async page({ fromUs, toUs, environments }, paging) {
      const where = emptyWhere();
      if (fromUs !== null) addCondition(where, 'n.created_us >= ?', fromUs);
      if (toUs !== null) addCondition(where, 'n.created_us < ?', toUs);
      if (environments.length > 0) addCondition(where, `n.environment IN ${IN_LIST}`, bindList(environments));
      const order = 'n.created_us DESC, n.id';
      return pageOfRows(
        database,
        { columns: 'n.*', from: SESSIONS, where, order, longTexts: [] },
        paging,
        storedSession,
      );
    },
    async find(id) {
      const row = database.prepare(`SELECT n.* FROM ${SESSIONS} WHERE n.id = ?`).get(bindable(id));
      return row && storedSession(row);
    },
  };
}
