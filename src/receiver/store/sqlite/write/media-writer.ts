/** Writes media, each step in a transaction of its own: the announcement, later the content, and the report of its upload. */

import type { MediaStore, StoredMedium } from '../../contract/transfer.js';
import { findMedium } from '../read/media-reader.js';
import { bindable, type Database } from '../sqlite.js';

export interface MediaWriter {
  announceMedium: MediaStore['announce'];
  storeContent: MediaStore['storeContent'];
  markUploaded: MediaStore['markUploaded'];
}

export function mediaWriter(database: Database): MediaWriter {
  return {
    async announceMedium({ id, contentType, contentLength, sha256 }, traceId) {
      database
        .prepare(
          `INSERT INTO media (id, content_type, content_length, sha256, announced_us) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET content_type = excluded.content_type WHERE content IS NULL`,
        )
        .run(id, contentType, contentLength, sha256, Date.now() * 1000);
      database
        .prepare('INSERT OR IGNORE INTO media_traces (trace_id, media_id) VALUES (?, ?)')
        .run(bindable(traceId), id);
      return findMedium(database, id) as StoredMedium;
    },
    async storeContent(id, content) {
      database.prepare('UPDATE media SET content = ? WHERE id = ?').run(content, id);
    },
    async markUploaded(id, uploadedUs) {
      database.prepare('UPDATE media SET uploaded_us = ? WHERE id = ?').run(uploadedUs, id);
    },
  };
}
