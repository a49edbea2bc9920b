/**
 * Reads what an export writes: traces in the order of their arrival, and of each its observations, scores, comments, complaints
 * and media.
 */

import type { StoredState } from '../../contract/rows.js';
import type { ExportedObservation, ExportedTrace, ExportReader } from '../../contract/transfer.js';
import { wholeFilterSql } from '../page/page-filter.js';
import { OBSERVATION_TEXTS } from '../payload-sql.js';
import { bindable, type Database, type SqlRow, type SqlValue } from '../sqlite.js';
import { TRACES_WITH_ROOT } from './bounded-rows.js';
import { commentRow } from './comment-reader.js';
import { addCondition, whereClause } from './conditions.js';
import { storedMedium } from './media-reader.js';
import { numberOf, storedObservation, storedScore, storedTrace, textOf } from './stored-rows.js';

/** Rows that are in memory at a time; each may have a payload of some megabytes. */
const CHUNK_TRACES = 100;
const CHUNK_ROWS = 20;
const MAX_COMPLAINTS = 1000;

/** With the fields of the root observation that stand in for missing ones. */
const TRACE_COLUMNS = `t.id, t.timestamp_us, t.created_us, t.updated_us, t.root_id, t.own_start_us, t.own_end_us, t.user_id,
  t.session_id, t.release, t.version, t.environment, t.public, t.tags, t.state, t.metadata,
  coalesce(t.name, r.name) AS name, coalesce(t.input, r.input) AS input, coalesce(t.output, r.output) AS output`;

export function exportReader(database: Database): ExportReader {
  const comments = (condition: string) =>
    `SELECT rowid AS row_id, * FROM comments WHERE ${condition} AND rowid > ? ORDER BY rowid LIMIT ${CHUNK_TRACES}`;
  return {
    async *traces(filter) {
      const where = await wholeFilterSql(database, filter);
      addCondition(where, 't.rowid > ?');
      const next = `SELECT t.rowid AS row_id FROM ${TRACES_WITH_ROOT} ${whereClause(where)} ORDER BY t.rowid LIMIT ${CHUNK_TRACES}`;
      const trace = database.prepare(`SELECT ${TRACE_COLUMNS} FROM ${TRACES_WITH_ROOT} WHERE t.rowid = ?`);
      for (const chunk of inChunks(database, next, ...where.values)) {
        for (const { row_id } of chunk) {
          // It may have been deleted since.
          const row = trace.get(row_id as number);
          if (row !== undefined) yield [exportedTrace(row)];
        }
      }
    },
    async *observations(traceId) {
      const rows = database.prepare(
        `SELECT o.* FROM json_each(?) AS wanted CROSS JOIN ${OBSERVATION_TEXTS} AS o WHERE o.rowid = wanted.value
         ORDER BY wanted.key`,
      );
      const rowIds = database
        .prepare('SELECT rowid AS row_id FROM observations WHERE trace_id = ?')
        .all(bindable(traceId))
        .map(({ row_id }) => Number(row_id))
        // In the order of their arrival, which decides between equal starts.
        .sort((a, b) => a - b);
      for (let start = 0; start < rowIds.length; start += CHUNK_ROWS) {
        const chunk = JSON.stringify(rowIds.slice(start, start + CHUNK_ROWS));
        yield rows.all(chunk).map(exportedObservation);
      }
    },
    async scores(traceId) {
      const find = database.prepare('SELECT * FROM scores WHERE trace_id = ? ORDER BY rowid');
      return find.all(bindable(traceId)).map(storedScore);
    },
    async *strayScores() {
      const sql = `SELECT rowid AS row_id, * FROM scores AS s
        WHERE (trace_id IS NULL OR NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = s.trace_id)) AND rowid > ?
        ORDER BY rowid LIMIT ${CHUNK_TRACES}`;
      for (const chunk of inChunks(database, sql)) yield chunk.map(storedScore);
    },
    async *comments(traceId) {
      const sql = comments('trace_id = ?');
      for (const chunk of inChunks(database, sql, bindable(traceId))) yield chunk.map(commentRow);
    },
    async *sessionComments(sessionId) {
      const sql = comments(`object_type = 'SESSION' AND object_id = ?`);
      for (const chunk of inChunks(database, sql, bindable(sessionId))) yield chunk.map(commentRow);
    },
    async complaints(traceId) {
      return database
        .prepare(
          `SELECT code, observation_id, field, message FROM complaints WHERE trace_id = ? LIMIT ${MAX_COMPLAINTS}`,
        )
        .all(bindable(traceId))
        .map((row) => ({
          code: String(row.code),
          observationId: textOf(row.observation_id),
          field: String(row.field),
          message: String(row.message),
        }));
    },
    async media(traceId) {
      return database
        .prepare(
          `SELECT m.id, m.content_type, m.content_length, m.sha256, m.uploaded_us, 1 AS has_content FROM media_traces AS of
           JOIN media AS m ON m.id = of.media_id WHERE of.trace_id = ? AND m.content IS NOT NULL ORDER BY m.id`,
        )
        .all(bindable(traceId))
        .map(storedMedium);
    },
  };
}

/** The statement's last value is the row that the chunk comes after. */
function* inChunks(
  database: Database,
  sql: string,
  ...values: SqlValue[]
): Generator<SqlRow[], void, undefined> {
  const statement = database.prepare(sql);
  let last = 0;
  for (;;) {
    const found = statement.all(...values, last);
    yield found;
    if (found.length < CHUNK_TRACES) return;
    last = Number(found.at(-1)?.row_id);
  }
}

function exportedTrace(row: SqlRow): ExportedTrace {
  const { id, timestampUs, name, userId, sessionId, release, version, environment, tags, ...rest } =
    storedTrace(row);
  return {
    ...{ id, timestampUs, name, userId, sessionId, release, version, environment, tags },
    isPublic: rest.isPublic,
    metadata: rest.metadata,
    input: rest.input,
    output: rest.output,
    createdUs: rest.createdUs,
    updatedUs: rest.updatedUs,
    rootId: textOf(row.root_id),
    ownStartUs: numberOf(row.own_start_us),
    ownEndUs: numberOf(row.own_end_us),
    state: JSON.parse(String(row.state)) as StoredState,
  };
}

function exportedObservation(row: SqlRow): ExportedObservation {
  return { ...storedObservation(row), orders: textOf(row.orders), lost: textOf(row.lost) };
}
