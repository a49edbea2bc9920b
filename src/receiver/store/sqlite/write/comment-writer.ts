/** Writes comments, each in a transaction of its own. */

import type { CommentRow } from '../../comment-rows.js';
import type { CommentStore } from '../../contract/lists.js';
import { bindable, type Database } from '../sqlite.js';

export interface CommentWriter {
  insertComment: CommentStore['insert'];
  restoreComment: CommentStore['restore'];
  updateComment: CommentStore['update'];
  removeComment: CommentStore['remove'];
}

export function commentWriter(database: Database): CommentWriter {
  return {
    async insertComment(row) {
      insert(database, row);
    },
    async restoreComment(row) {
      return restore(database, row);
    },
    async updateComment(traceId, id, content, updatedUs) {
      const update = database.prepare(
        'UPDATE comments SET content = ?, updated_us = ? WHERE id = ? AND trace_id = ?',
      );
      return Number(update.run(bindable(content), updatedUs, bindable(id), bindable(traceId)).changes) > 0;
    },
    async removeComment(traceId, id) {
      const remove = database.prepare('DELETE FROM comments WHERE id = ? AND trace_id = ?');
      return Number(remove.run(bindable(id), bindable(traceId)).changes) > 0;
    },
  };
}

function insert(database: Database, row: CommentRow, onConflict = ''): void {
  const { id, objectType, objectId, traceId, content, authorUserId, createdUs, updatedUs } = row;
  database
    .prepare(
      `INSERT INTO comments (id, object_type, object_id, trace_id, content, author_user_id, created_us, updated_us)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ${onConflict}`,
    )
    .run(...[id, objectType, objectId, traceId, content, authorUserId, createdUs, updatedUs].map(bindable));
}

function restore(database: Database, row: CommentRow): boolean {
  const target = row.traceId === null ? 'traces WHERE session_id = ?' : 'traces WHERE id = ?';
  const isStored = database
    .prepare(`SELECT 1 FROM ${target} LIMIT 1`)
    .get(bindable(row.traceId ?? row.objectId));
  if (isStored === undefined) return false;
  // Not replaced as a whole: it keeps its place among those of the same time.
  const columns = 'object_type object_id trace_id content author_user_id created_us updated_us'.split(' ');
  insert(
    database,
    row,
    `ON CONFLICT (id) DO UPDATE SET ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  );
  return true;
}
