/** Media: the announcement, and later the content, as base64: rows travel as JSON. */

import type { AnnouncedMedium, MediaStore, StoredMedium } from '../../contract/transfer.js';
import type { Row } from '../connection/connection.js';
import { raw, sql, text } from '../connection/sql.js';
import { countOf, flagOf, numberOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql, nullableMicrosSql } from '../tables.js';
import { nowUs, timeText, timeTextOrNull, type Versions } from '../times.js';
import { insertRows } from '../write/insert.js';

export const MEDIA_COLUMNS = `m.id AS id, m.content_type AS content_type, m.content_length AS content_length, m.sha256 AS sha256,
  ${microsSql('m.announced_at')} AS announced_us, ${nullableMicrosSql('m.uploaded_at')} AS uploaded_us, isNotNull(m.content) AS has_content`;

export function mediumOf(row: Row): StoredMedium {
  return {
    id: String(row.id),
    contentType: String(row.content_type),
    contentLength: countOf(row.content_length),
    sha256: String(row.sha256),
    uploadedUs: numberOf(row.uploaded_us),
    hasContent: flagOf(row.has_content),
  };
}

export function mediaStore({ connection, tables, versions }: Reading & { versions: Versions }): MediaStore {
  const from = sql`FROM ${tables.media} AS m FINAL`;

  async function read(id: string): Promise<Row | undefined> {
    const [row] = await connection.rows(sql`SELECT ${raw(MEDIA_COLUMNS)} ${from} WHERE m.id = ${text(id)}`);
    return row;
  }

  async function contentText(id: string): Promise<string | null> {
    const [row] = await connection.rows(sql`SELECT m.content AS content ${from} WHERE m.id = ${text(id)}`);
    return textOf(row?.content);
  }

  async function write(
    medium: AnnouncedMedium & { uploadedUs: number | null },
    announcedUs: number,
    content: string | null,
  ) {
    await insertRows(connection, tables, 'media', [
      {
        id: medium.id,
        content_type: medium.contentType,
        content_length: medium.contentLength,
        sha256: medium.sha256,
        announced_at: timeText(announcedUs),
        uploaded_at: timeTextOrNull(medium.uploadedUs),
        content,
        event_ts: timeText(versions.next()),
      },
    ]);
  }

  return {
    async announce(medium, traceId) {
      const known = await read(medium.id);
      const stored = known && mediumOf(known);
      if (stored === undefined) await write({ ...medium, uploadedUs: null }, nowUs(), null);
      else if (!stored.hasContent && stored.contentType !== medium.contentType) {
        await write({ ...stored, contentType: medium.contentType }, countOf(known?.announced_us), null);
      }
      const event_ts = timeText(versions.next());
      await insertRows(connection, tables, 'media_traces', [
        { trace_id: traceId, media_id: medium.id, event_ts },
      ]);
      return mediumOf((await read(medium.id)) as Row);
    },
    async find(id) {
      const row = await read(id);
      return row && mediumOf(row);
    },
    async content(id) {
      const content = await contentText(id);
      return content === null ? undefined : Buffer.from(content, 'base64');
    },
    async storeContent(id, content) {
      const row = await read(id);
      if (row === undefined) return;
      await write(mediumOf(row), countOf(row.announced_us), Buffer.from(content).toString('base64'));
    },
    async markUploaded(id, uploadedUs) {
      const row = await read(id);
      if (row === undefined) return;
      await write({ ...mediumOf(row), uploadedUs }, countOf(row.announced_us), await contentText(id));
    },
  };
}
