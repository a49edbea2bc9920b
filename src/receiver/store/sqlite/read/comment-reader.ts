/** Reads comments of people on traces, observations and sessions. A comment goes with its trace, or with the last trace of its session. */

import type { CommentObjectType, CommentRow } from '../../comment-rows.js';
import type { CommentQuery, CommentStore } from '../../contract/lists.js';
import type { Page, Paging } from '../../contract/rows.js';
import { bindable, type Database, type SqlRow } from '../sqlite.js';
import { textOf } from './stored-rows.js';

export const COMMENTS_SQL = `
CREATE TABLE comments (
  id TEXT PRIMARY KEY,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  trace_id TEXT,
  content TEXT NOT NULL,
  author_user_id TEXT,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL
) STRICT;
CREATE INDEX comments_by_trace ON comments (trace_id);
CREATE INDEX comments_by_object ON comments (object_type, object_id);
`;

/** Run with the id of a trace, before its row is deleted. The traces of a session are searched only if it has comments. */
export const REMOVE_COMMENTS_SQL = [
  'DELETE FROM comments WHERE trace_id = ?',
  `DELETE FROM comments WHERE object_type = 'SESSION'
     AND object_id = (SELECT session_id FROM traces WHERE id = ?)
     AND (SELECT count(*) FROM (SELECT 1 FROM traces WHERE session_id = comments.object_id LIMIT 2)) < 2`,
];

export function commentReader(
  database: Database,
): Omit<CommentStore, 'insert' | 'restore' | 'update' | 'remove'> {
  return {
    async page(query, paging) {
      return pageOfComments(database, query, paging);
    },
    async find(id) {
      const row = database.prepare('SELECT * FROM comments WHERE id = ?').get(bindable(id));
      return row && commentRow(row);
    },
    async ofTrace(traceId, limit) {
      return database
        .prepare('SELECT * FROM comments WHERE trace_id = ? ORDER BY created_us, rowid LIMIT ?')
        .all(bindable(traceId), limit)
        .map(commentRow);
    },
    async traceOf(objectType, objectId) {
      return traceOfCommented(database, objectType, objectId);
    },
  };
}

function pageOfComments(
  database: Database,
  { objectType, objectId, authorUserId }: CommentQuery,
  { page, limit }: Paging,
): Page<CommentRow> {
  const given = Object.entries({
    object_type: objectType,
    object_id: objectId,
    author_user_id: authorUserId,
  }).filter(([, value]) => value !== null);
  const conditions = given.map(([column]) => `${column} = ?`);
  const from = `FROM comments ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}`;
  const values = given.map(([, value]) => bindable(value));
  const count = database.prepare(`SELECT count(*) AS count ${from}`).get(...values);
  const rows = database.prepare(
    `SELECT * ${from} ORDER BY created_us, coalesce(trace_id, object_id), rowid LIMIT ? OFFSET ?`,
  );
  return {
    rows: rows.all(...values, limit, (page - 1) * limit).map(commentRow),
    totalItems: Number(count?.count ?? 0),
  };
}

function traceOfCommented(
  database: Database,
  objectType: CommentObjectType,
  objectId: string,
): { traceId: string | null } | undefined {
  const id = bindable(objectId);
  const find = (sql: string) => database.prepare(sql).get(id);
  switch (objectType) {
    case 'TRACE':
      return find('SELECT 1 FROM traces WHERE id = ?') && { traceId: objectId };
    case 'OBSERVATION': {
      const row = find('SELECT trace_id FROM observations WHERE id = ? ORDER BY rowid');
      return row && { traceId: String(row.trace_id) };
    }
    case 'SESSION':
      return find('SELECT 1 FROM traces WHERE session_id = ? LIMIT 1') && { traceId: null };
    case 'PROMPT':
      return undefined;
  }
}

export function commentRow(row: SqlRow): CommentRow {
  return {
    id: String(row.id),
    objectType: String(row.object_type) as CommentObjectType,
    objectId: String(row.object_id),
    traceId: textOf(row.trace_id),
    content: String(row.content),
    authorUserId: textOf(row.author_user_id),
    createdUs: Number(row.created_us),
    updatedUs: Number(row.updated_us),
  };
}
