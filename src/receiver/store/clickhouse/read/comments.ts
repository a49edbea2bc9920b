/** Comments of people. A change is a newer row. */

import type { CommentObjectType, CommentRow } from '../../comment-rows.js';
import type { CommentStore } from '../../contract/lists.js';
import type { Row } from '../connection/connection.js';
import { integer, raw, type Sql, sql, text, whereAll } from '../connection/sql.js';
import { microsSql } from '../tables.js';
import { timeText, type Versions } from '../times.js';
import { insertRows } from '../write/insert.js';
import { BY_KEY } from '../write/load.js';
import { removeWhere } from '../write/removal.js';
import { countOf, textOf } from './row-values.js';
import type { Reading } from './trace-rows.js';

export const COMMENT_COLUMNS = `c.id AS id, c.object_type AS object_type, c.object_id AS object_id, c.trace_id AS trace_id,
  c.content AS content, c.author_user_id AS author_user_id, ${microsSql('c.created_at')} AS created_us,
  ${microsSql('c.updated_at')} AS updated_us`;

export function commentOfRow(row: Row): CommentRow {
  return {
    id: String(row.id),
    objectType: String(row.object_type) as CommentObjectType,
    objectId: String(row.object_id),
    traceId: textOf(row.trace_id),
    content: String(row.content),
    authorUserId: textOf(row.author_user_id),
    createdUs: countOf(row.created_us),
    updatedUs: countOf(row.updated_us),
  };
}

export function commentStore(parts: Reading & { versions: Versions }): CommentStore {
  const { connection, tables, versions } = parts;
  const from = sql`FROM ${tables.comments} AS c FINAL`;
  const columns = raw(COMMENT_COLUMNS);

  async function insert(row: CommentRow): Promise<void> {
    await insertRows(connection, tables, 'comments', [
      {
        id: row.id,
        object_type: row.objectType,
        object_id: row.objectId,
        trace_id: row.traceId,
        content: row.content,
        author_user_id: row.authorUserId,
        created_at: timeText(row.createdUs),
        updated_at: timeText(row.updatedUs),
        event_ts: timeText(versions.next()),
      },
    ]);
  }

  async function ofTrace(traceId: string, id: string): Promise<CommentRow | undefined> {
    const [row] = await connection.rows(
      sql`SELECT ${columns} ${from} WHERE c.id = ${text(id)} AND c.trace_id = ${text(traceId)}`,
    );
    return row && commentOfRow(row);
  }

  const isAny = async (rows: Sql, settings = {}) => (await connection.rows(rows, { settings })).length > 0;
  const tracesWith = (condition: Sql) =>
    sql`SELECT 1 AS one FROM ${tables.traces} AS t FINAL WHERE ${condition} LIMIT 1`;

  return {
    async page({ objectType, objectId, authorUserId }, { page, limit }) {
      const conditions = Object.entries({
        object_type: objectType,
        object_id: objectId,
        author_user_id: authorUserId,
      }).flatMap(([column, value]) => (value === null ? [] : [sql`c.${raw(column)} = ${text(value)}`]));
      const rest = sql`${from}${whereAll(conditions)}`;
      const [rows, [count]] = await Promise.all([
        connection.rows(
          sql`SELECT ${columns} ${rest} ORDER BY c.created_at, coalesce(c.trace_id, c.object_id), c.event_ts
            LIMIT ${integer(limit)} OFFSET ${integer((page - 1) * limit)}`,
        ),
        connection.rows(sql`SELECT count() AS count ${rest}`),
      ]);
      return { rows: rows.map(commentOfRow), totalItems: countOf(count?.count) };
    },
    async find(id) {
      const [row] = await connection.rows(sql`SELECT ${columns} ${from} WHERE c.id = ${text(id)}`);
      return row && commentOfRow(row);
    },
    async ofTrace(traceId, limit) {
      const rows = await connection.rows(
        sql`SELECT ${columns} ${from} WHERE c.trace_id = ${text(traceId)} ORDER BY c.created_at, c.event_ts LIMIT ${integer(limit)}`,
      );
      return rows.map(commentOfRow);
    },
    async traceOf(objectType, objectId) {
      const id = text(objectId);
      switch (objectType) {
        case 'TRACE':
          return (await isAny(tracesWith(sql`t.id = ${id}`))) ? { traceId: objectId } : undefined;
        case 'SESSION':
          return (await isAny(tracesWith(sql`t.session_id = ${id}`))) ? { traceId: null } : undefined;
        case 'OBSERVATION': {
          const [row] = await connection.rows(
            sql`SELECT o.trace_id AS trace_id FROM ${tables.observations} AS o FINAL WHERE o.id = ${id} ORDER BY o.created_at LIMIT 1`,
            { settings: BY_KEY },
          );
          return row && { traceId: String(row.trace_id) };
        }
        case 'PROMPT':
          return undefined;
      }
    },
    insert,
    async restore(row) {
      const isOn =
        row.traceId === null ? sql`t.session_id = ${text(row.objectId)}` : sql`t.id = ${text(row.traceId)}`;
      if (!(await isAny(tracesWith(isOn)))) return false;
      await insert(row);
      return true;
    },
    async update(traceId, id, content, updatedUs) {
      const found = await ofTrace(traceId, id);
      if (found === undefined) return false;
      await insert({ ...found, content, updatedUs });
      return true;
    },
    async remove(traceId, id) {
      if ((await ofTrace(traceId, id)) === undefined) return false;
      await removeWhere(parts, 'comments', sql`id = ${text(id)}`);
      return true;
    },
  };
}
