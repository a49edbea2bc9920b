/**
 * Reads what an export writes: traces in the order of their arrival, and of each its observations, scores, comments, complaints
 * and media.
 */

import { type CommentRow, commentRow } from './comments.js';
import { OBSERVATION_TEXTS, TRACE_TEXTS } from './payload-sql.js';
import { bindable, type Database, type SqlRow, type SqlValue } from './sqlite.js';

/** Which traces, as SQL on `t` (the trace) and `r` (its root observation), with its bound values. */
export interface TraceSelection {
  where: string;
  values: readonly SqlValue[];
  /** No condition: scores of no stored trace belong to the export as well. */
  isEverything: boolean;
}

/** Rows that are in memory at a time; each may have a payload of some megabytes. */
const CHUNK_TRACES = 100;
const CHUNK_ROWS = 20;
const MAX_COMPLAINTS = 1000;

const SELECTED = `${TRACE_TEXTS} AS t LEFT JOIN ${OBSERVATION_TEXTS} AS r ON r.trace_id = t.id AND r.id = t.root_id`;

/** With the fields of the root observation that stand in for missing ones. */
const TRACE_COLUMNS = `t.id, t.timestamp_us, t.created_us, t.updated_us, t.root_id, t.own_start_us, t.own_end_us, t.user_id,
  t.session_id, t.release, t.version, t.environment, t.public, t.tags, t.state, t.metadata,
  coalesce(t.name, r.name) AS name, coalesce(t.input, r.input) AS input, coalesce(t.output, r.output) AS output`;

export interface ExportRows {
  /** One trace after the other. */
  traces(): Generator<SqlRow, void, void>;
  observations(traceId: string): Generator<SqlRow, void, void>;
  scores(traceId: string): SqlRow[];
  /** Scores of sessions, of runs of datasets, and of traces that are not stored. */
  strayScores(): Generator<SqlRow, void, void>;
  /** On the trace and its observations. */
  comments(traceId: string): Generator<CommentRow, void, void>;
  sessionComments(sessionId: string): Generator<CommentRow, void, void>;
  complaints(traceId: string): SqlRow[];
  /** Uploaded media, without their content. */
  media(traceId: string): SqlRow[];
}

export function prepareExport(database: Database, { where, values }: TraceSelection): ExportRows {
  const condition = where === '' ? 'WHERE' : `${where} AND`;
  const nextTraces = database.prepare(
    `SELECT t.rowid AS row_id FROM ${SELECTED} ${condition} t.rowid > ? ORDER BY t.rowid LIMIT ${CHUNK_TRACES}`,
  );
  const trace = database.prepare(`SELECT ${TRACE_COLUMNS} FROM ${SELECTED} WHERE t.rowid = ?`);
  const observationIds = database.prepare('SELECT rowid AS row_id FROM observations WHERE trace_id = ?');
  const observations = database.prepare(
    `SELECT o.* FROM json_each(?) AS wanted CROSS JOIN ${OBSERVATION_TEXTS} AS o WHERE o.rowid = wanted.value
     ORDER BY wanted.key`,
  );
  const scores = database.prepare('SELECT * FROM scores WHERE trace_id = ? ORDER BY rowid');
  const strayScores = database.prepare(
    `SELECT rowid AS row_id, * FROM scores AS s
     WHERE rowid > ? AND (trace_id IS NULL OR NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = s.trace_id))
     ORDER BY rowid LIMIT ${CHUNK_TRACES}`,
  );
  const comments = (condition: string) =>
    database.prepare(
      `SELECT rowid AS row_id, * FROM comments WHERE ${condition} AND rowid > ? ORDER BY rowid LIMIT ${CHUNK_TRACES}`,
    );
  const commentsOfTrace = comments('trace_id = ?');
  const commentsOfSession = comments(`object_type = 'SESSION' AND object_id = ?`);
  const complaints = database.prepare(
    `SELECT code, observation_id, field, message FROM complaints WHERE trace_id = ? LIMIT ${MAX_COMPLAINTS}`,
  );
  const media = database.prepare(
    `SELECT m.id, m.content_type, m.content_length, m.sha256, m.uploaded_us FROM media_traces AS of
     JOIN media AS m ON m.id = of.media_id WHERE of.trace_id = ? AND m.content IS NOT NULL ORDER BY m.id`,
  );

  return {
    *traces() {
      for (const { row_id } of inChunks(nextTraces, ...values)) {
        // It may have been deleted since.
        const row = trace.get(row_id as number);
        if (row !== undefined) yield row;
      }
    },
    *observations(traceId) {
      const rowIds = observationIds
        .all(bindable(traceId))
        .map(({ row_id }) => Number(row_id))
        // In the order of their arrival, which decides between equal starts.
        .sort((a, b) => a - b);
      for (let start = 0; start < rowIds.length; start += CHUNK_ROWS) {
        yield* observations.all(JSON.stringify(rowIds.slice(start, start + CHUNK_ROWS)));
      }
    },
    scores: (traceId) => scores.all(bindable(traceId)),
    strayScores: () => inChunks(strayScores),
    *comments(traceId) {
      for (const row of inChunks(commentsOfTrace, bindable(traceId))) yield commentRow(row);
    },
    *sessionComments(sessionId) {
      for (const row of inChunks(commentsOfSession, bindable(sessionId))) yield commentRow(row);
    },
    complaints: (traceId) => complaints.all(bindable(traceId)),
    media: (traceId) => media.all(bindable(traceId)),
  };
}

/** The statement's last value is the row that the chunk comes after. */
function* inChunks(
  statement: ReturnType<Database['prepare']>,
  ...values: SqlValue[]
): Generator<SqlRow, void, void> {
  let last = 0;
  for (;;) {
    const found = statement.all(...values, last);
    yield* found;
    if (found.length < CHUNK_TRACES) return;
    last = Number(found.at(-1)?.row_id);
  }
}
