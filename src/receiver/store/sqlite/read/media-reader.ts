/** Reads media. */

import type { MediaStore, StoredMedium } from '../../contract/transfer.js';
import { bindable, type Database, type SqlRow } from '../sqlite.js';
import { numberOf } from './stored-rows.js';

/** All columns but the content, which may be large; only whether it exists. */
const COLUMNS = 'id, content_type, content_length, sha256, uploaded_us, content IS NOT NULL AS has_content';

export function mediaReader(database: Database): Pick<MediaStore, 'find' | 'content'> {
  return {
    async find(id) {
      return findMedium(database, id);
    },
    async content(id) {
      const content = database.prepare('SELECT content FROM media WHERE id = ?').get(bindable(id))?.content;
      return content instanceof Uint8Array ? content : undefined;
    },
  };
}

export function findMedium(database: Database, id: string): StoredMedium | undefined {
  const row = database.prepare(`SELECT ${COLUMNS} FROM media WHERE id = ?`).get(bindable(id));
  return row && storedMedium(row);
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
