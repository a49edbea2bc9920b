/** Exports: traces in the order of their arrival, with all that belongs to them, some at a time. */

import type {
  ExportedComplaint,
  ExportedObservation,
  ExportedTrace,
  ExportReader,
} from '../../contract/transfer.js';
import type { Row } from '../connection/connection.js';
import { integer, raw, type Sql, sql, text, texts } from '../connection/sql.js';
import { selectedTraces, selectionOf } from '../lists/page-filter.js';
import type { Search } from '../lists/search.js';
import { COMMENT_COLUMNS, commentOfRow } from '../read/comments.js';
import { storedObservation } from '../read/observation-rows.js';
import { countOf, nameOf, textOf, textsOf } from '../read/row-values.js';
import { SCORE_COLUMNS, storedScore } from '../read/scores.js';
import { inOrder, type Reading } from '../read/trace-rows.js';
import { storedTrace } from '../read/traces.js';
import { microsSql } from '../tables.js';
import { BY_KEY } from '../write/load.js';
import { READ_COLUMNS as OBSERVATION_COLUMNS } from '../write/observation.js';
import { type KeptState, READ_COLUMNS as TRACE_COLUMNS, traceOfRow } from '../write/trace.js';
import { MEDIA_COLUMNS, mediumOf } from './media.js';

const AT_A_TIME = 100;
const MAX_ROWS_OF_TRACE = 100_000;
const MAX_COMPLAINTS = 1_000;

export function exportReader({ connection, tables }: Reading, search: Search): ExportReader {
  /** Rows of a query with the columns `arrived` and `id`, in their order. */
  async function* inChunks(rowsAfter: (after: Sql, limit: Sql) => Sql): AsyncGenerator<Row[]> {
    let after = raw('1');
    for (;;) {
      const rows = await connection.rows(
        rowsAfter(after, sql`ORDER BY arrived, id LIMIT ${integer(AT_A_TIME)}`),
      );
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < AT_A_TIME) return;
      after = sql`(arrived, id) > (${integer(countOf(last.arrived))}, ${text(String(last.id))})`;
    }
  }

  const comments = (condition: Sql) =>
    (async function* () {
      const arrived = raw(microsSql('c.event_ts'));
      for await (const rows of inChunks(
        (after, order) =>
          sql`SELECT * FROM (SELECT ${raw(COMMENT_COLUMNS)}, ${arrived} AS arrived FROM ${tables.comments} AS c FINAL WHERE ${condition}) WHERE ${after} ${order}`,
      )) {
        yield rows.map(commentOfRow);
      }
    })();

  return {
    async *traces(filter) {
      const found = await search(filter);
      const selection = selectionOf(tables, filter, found?.ids);
      const keys = sql`SELECT t.id AS id, ${raw(microsSql('t.created_at'))} AS arrived FROM ${selectedTraces(tables, selection)}`;
      for await (const rows of inChunks(
        (after, order) => sql`SELECT * FROM (${keys}) WHERE ${after} ${order}`,
      )) {
        const ids = rows.map(({ id }) => String(id));
        const read = await connection.rows(
          sql`SELECT ${raw(TRACE_COLUMNS)} FROM ${tables.traces} AS t FINAL WHERE t.id IN ${texts(ids)}`,
        );
        yield inOrder(ids, read.map(exportedTrace));
      }
    },
    async *observations(traceId) {
      const ofTrace = sql`FROM ${tables.observations} AS o FINAL WHERE o.trace_id = ${text(traceId)}`;
      const keys = await connection.rows(
        sql`SELECT o.id AS id ${ofTrace} ORDER BY o.created_at, o.event_ts LIMIT ${integer(MAX_ROWS_OF_TRACE)}`,
        { settings: BY_KEY },
      );
      const ids = keys.map(({ id }) => String(id));
      for (let at = 0; at < ids.length; at += AT_A_TIME) {
        const some = ids.slice(at, at + AT_A_TIME);
        const rows = await connection.rows(
          sql`SELECT ${raw(OBSERVATION_COLUMNS)} ${ofTrace} AND o.id IN ${texts(some)}`,
          { settings: BY_KEY },
        );
        yield inOrder(some, rows.map(exportedObservation));
      }
    },
    async scores(traceId) {
      const rows = await connection.rows(
        sql`SELECT ${raw(SCORE_COLUMNS)} FROM ${tables.scores} AS s FINAL WHERE s.trace_id = ${text(traceId)}
          ORDER BY s.created_at, s.event_ts LIMIT ${integer(MAX_ROWS_OF_TRACE)}`,
      );
      return rows.map(storedScore);
    },
    async *strayScores() {
      const stray = sql`s.trace_id IS NULL OR s.trace_id NOT IN (SELECT id FROM ${tables.traces} FINAL)`;
      const arrived = raw(microsSql('s.event_ts'));
      for await (const rows of inChunks(
        (after, order) =>
          sql`SELECT * FROM (SELECT ${raw(SCORE_COLUMNS)}, ${arrived} AS arrived FROM ${tables.scores} AS s FINAL WHERE ${stray}) WHERE ${after} ${order}`,
      )) {
        yield rows.map(storedScore);
      }
    },
    comments: (traceId) => comments(sql`c.trace_id = ${text(traceId)}`),
    sessionComments: (sessionId) =>
      comments(sql`c.object_type = 'SESSION' AND c.object_id = ${text(sessionId)}`),
    async complaints(traceId) {
      const rows = await connection.rows(
        sql`SELECT code, observation_id, field, message FROM ${tables.complaints} FINAL WHERE trace_id = ${text(traceId)}
          ORDER BY event_ts LIMIT ${integer(MAX_COMPLAINTS)}`,
      );
      return rows.map(
        (row): ExportedComplaint => ({
          code: String(row.code),
          observationId: textOf(row.observation_id),
          field: String(row.field),
          message: String(row.message),
        }),
      );
    },
    async media(traceId) {
      const rows = await connection.rows(
        sql`SELECT ${raw(MEDIA_COLUMNS)} FROM ${tables.media} AS m FINAL WHERE m.content IS NOT NULL
          AND m.id IN (SELECT media_id FROM ${tables.media_traces} FINAL WHERE trace_id = ${text(traceId)}) ORDER BY m.id`,
      );
      return rows.map(mediumOf);
    },
  };
}

function exportedTrace(row: Row): ExportedTrace {
  const {
    latencyUs,
    observationCount,
    errorCount,
    totalTokens,
    totalCost,
    hasEstimatedTokens,
    hasEstimatedCost,
    ...trace
  } = storedTrace(row);
  const { state } = traceOfRow(row);
  const kept = nameOf(row.state) === null ? undefined : (JSON.parse(String(row.state)) as KeptState);
  const { times, metadataTimes, metadataTexts, hasRecord, arrived, importedUs } = state;
  return {
    ...trace,
    rootId: state.rootId,
    ownStartUs: state.ownStartUs,
    ownEndUs: state.ownEndUs,
    state: {
      ...{ times, metadataTimes, metadataTexts, hasRecord, arrived, importedUs },
      inputOf: kept?.inputOf ?? null,
      outputOf: kept?.outputOf ?? null,
    },
  };
}

function exportedObservation(row: Row): ExportedObservation {
  const lost = textsOf(row.lost);
  return {
    ...storedObservation(row),
    orders: nameOf(row.orders),
    lost: lost.length === 0 ? null : JSON.stringify(lost),
  };
}
