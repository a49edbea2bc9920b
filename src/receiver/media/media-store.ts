/** Stores media: the announcement, and later the content. */

import type { Micros } from '../store/rows.js';
import { bindable, type Database, type SqlRow } from '../store/sqlite.js';

export interface AnnouncedMedia {
  id: string;
  contentType: string;
  contentLength: number;
  /** In base64. */
  sha256: string;
}

/** All columns but the content, which may be large; only whether it exists. */
const COLUMNS = 'id, content_type, content_length, sha256, uploaded_us, content IS NOT NULL AS has_content';

export function announceMedia(database: Database, media: AnnouncedMedia, traceId: string): SqlRow {
  const { id, contentType, contentLength, sha256 } = media;
  database
    .prepare(
      `INSERT INTO media (id, content_type, content_length, sha256, announced_us) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET content_type = excluded.content_type WHERE content IS NULL`,
    )
    .run(id, contentType, contentLength, sha256, Date.now() * 1000);
  database
    .prepare('INSERT OR IGNORE INTO media_traces (trace_id, media_id) VALUES (?, ?)')
    .run(bindable(traceId), id);
  return findMedia(database, id) as SqlRow;
}

export function findMedia(database: Database, id: string): SqlRow | undefined {
  return database.prepare(`SELECT ${COLUMNS} FROM media WHERE id = ?`).get(bindable(id));
}

export function mediaContent(database: Database, id: string): Uint8Array | undefined {
  const content = database.prepare('SELECT content FROM media WHERE id = ?').get(bindable(id))?.content;
  return content instanceof Uint8Array ? content : undefined;
}

export function storeMediaContent(database: Database, id: string, content: Uint8Array): void {
  database.prepare('UPDATE media SET content = ? WHERE id = ?').run(content, id);
}

export function markMediaUploaded(database: Database, id: string, uploadedUs: Micros): void {
  database.prepare('UPDATE media SET uploaded_us = ? WHERE id = ?').run(uploadedUs, id);
}
