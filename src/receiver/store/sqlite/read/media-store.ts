/** Stores media: the announcement, and later the content. */

import type { MediaStore, StoredMedium } from '../../contract/transfer.js';
import { bindable, type Database, type SqlRow } from '../sqlite.js';
import { numberOf } from './stored-rows.js';

/** All columns but the content, which may be large; only whether it exists. */
const COLUMNS = 'id, content_type, content_length, sha256, uploaded_us, content IS NOT NULL AS has_content';

export function mediaStore(database: Database): MediaStore {
  const find = (id: string): StoredMedium | undefined => {
    const row = database.prepare(`SELECT ${COLUMNS} FROM media WHERE id = ?`).get(bindable(id));
    return row && storedMedium(row);
  };
  return {
    async announce({ id, contentType, contentLength, sha256 }, traceId) {
      database
        .prepare(
          `INSERT INTO media (id, content_type, content_length, sha256, announced_us) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET content_type = excluded.content_type WHERE content IS NULL`,
        )
        .run(id, contentType, contentLength, sha256, Date.now() * 1000);
      database
        .prepare('INSERT OR IGNORE INTO media_traces (trace_id, media_id) VALUES (?, ?)')
        .run(bindable(traceId), id);
      return find(id) as StoredMedium;
    },
    async find(id) {
      return find(id);
    },
    async content(id) {
      const content = database.prepare('SELECT content FROM media WHERE id = ?').get(bindable(id))?.content;
      return content instanceof Uint8Array ? content : undefined;
    },
    async storeContent(id, content) {
      database.prepare('UPDATE media SET content = ? WHERE id = ?').run(content, id);
    },
    async markUploaded(id, uploadedUs) {
      database.prepare('UPDATE media SET uploaded_us = ? WHERE id = ?').run(uploadedUs, id);
    },
  };
}

/** Of the columns id, content_type, content_length, sha256, uploaded_us and has_content. */
export function storedMedium(row: SqlRow): StoredMedium {
  return {
    id: String(row.id),
    contentType: String(row.content_type),
    contentLength: Number(row.content_length),
    sha256: String(row.sha256),
    uploadedUs: numberOf(row.uploaded_us),
    hasContent: row.has_content === 1,
  };
}
