/** Scores of the public API, and those that people give on the page. */

import { SCORE_DATA_TYPES, type ScoreDataType, type ScoreSource } from '../../../../ingest/rows.js';
import type { ScoreName, ScoreReader } from '../../contract/lists.js';
import type { ScoreWithTrace, StoredScore } from '../../contract/rows.js';
import type { Row } from '../connection/connection.js';
import { integer, raw, sql, text, texts, whereAll } from '../connection/sql.js';
import { metadataJson } from '../metadata-text.js';
import { microsSql } from '../tables.js';
import { chunks } from '../write/load.js';
import { requireAnswerable } from './answer-size.js';
import { scoreConditions } from './columns.js';
import { countOf, mapOf, numberOf, textOf, textsOf } from './row-values.js';
import type { Reading } from './trace-rows.js';

export const SCORE_COLUMNS = `s.id AS id, s.trace_id AS trace_id, s.observation_id AS observation_id, s.session_id AS session_id,
  s.dataset_run_id AS dataset_run_id, s.name AS name, s.data_type AS data_type, s.value AS value,
  s.string_value AS string_value, s.comment AS comment, s.metadata AS metadata, s.config_id AS config_id,
  s.environment AS environment, s.source AS source, ${microsSql('s.timestamp')} AS timestamp_us,
  ${microsSql('s.created_at')} AS created_us, ${microsSql('s.updated_at')} AS updated_us`;

const LONG_TEXTS = `length(ifNull(s.comment, '')) + length(ifNull(s.string_value, '')) + length(toString(s.metadata)) + length(s.name)`;
const MAX_SCORES_OF_TRACES = 100_000;

/** Of names in use: the newest scores. */
const MAX_SCORES = 20_000;
const MAX_NAMES = 100;
const MAX_VALUES = 20;
const MAX_VALUE_CHARS = 100;

export function storedScore(row: Row): StoredScore {
  return {
    id: String(row.id),
    traceId: textOf(row.trace_id),
    observationId: textOf(row.observation_id),
    sessionId: textOf(row.session_id),
    datasetRunId: textOf(row.dataset_run_id),
    name: String(row.name),
    dataType: String(row.data_type) as ScoreDataType,
    value: numberOf(row.value),
    stringValue: textOf(row.string_value),
    comment: textOf(row.comment),
    metadata: metadataJson(mapOf<string>(row.metadata)),
    configId: textOf(row.config_id),
    environment: textOf(row.environment),
    source: String(row.source) as ScoreSource,
    timestampUs: countOf(row.timestamp_us),
    createdUs: countOf(row.created_us),
    updatedUs: countOf(row.updated_us),
  };
}

export function scoreReader({ connection, tables }: Reading): ScoreReader {
  const from = sql`FROM ${tables.scores} AS s FINAL`;
  const columns = raw(SCORE_COLUMNS);

  async function withTraces(scores: readonly StoredScore[]): Promise<ScoreWithTrace[]> {
    const ids = [...new Set(scores.flatMap(({ traceId }) => traceId ?? []))];
    const traces = await connection.rows(
      sql`SELECT t.id AS id, t.user_id AS user_id, t.session_id AS session_id, t.tags AS tags, t.environment AS environment
        FROM ${tables.traces} AS t FINAL WHERE t.id IN ${texts(ids)}`,
    );
    const byId = new Map(traces.map((trace) => [String(trace.id), trace]));
    return scores.map((score) => {
      const trace = score.traceId === null ? undefined : byId.get(score.traceId);
      return {
        ...score,
        traceUserId: textOf(trace?.user_id),
        traceSessionId: textOf(trace?.session_id),
        traceTags: trace === undefined ? null : textsOf(trace.tags),
        traceEnvironment: textOf(trace?.environment),
      };
    });
  }

  return {
    async page(asked, { page, limit }) {
      const rest = sql`${from}${whereAll(scoreConditions(tables, asked))}`;
      const shown = sql`${rest} ORDER BY s.timestamp DESC, s.id LIMIT ${integer(limit)} OFFSET ${integer((page - 1) * limit)}`;
      await requireAnswerable(connection, sql`SELECT ${raw(LONG_TEXTS)} AS bytes ${shown}`);
      const [rows, [count]] = await Promise.all([
        connection.rows(sql`SELECT ${columns} ${shown}`),
        connection.rows(sql`SELECT count() AS count ${rest}`),
      ]);
      return { rows: await withTraces(rows.map(storedScore)), totalItems: countOf(count?.count) };
    },
    async next(asked, after, limit) {
      const conditions = scoreConditions(tables, asked);
      if (after !== null) {
        const at = sql`fromUnixTimestamp64Micro(${integer(after.us)}, 'UTC')`;
        conditions.push(sql`(s.timestamp, s.id) < (${at}, ${text(after.id)})`);
      }
      const shown = sql`${from}${whereAll(conditions)} ORDER BY s.timestamp DESC, s.id DESC LIMIT ${integer(limit)}`;
      await requireAnswerable(connection, sql`SELECT ${raw(LONG_TEXTS)} AS bytes ${shown}`);
      return (await connection.rows(sql`SELECT ${columns} ${shown}`)).map(storedScore);
    },
    async find(id) {
      const [row] = await connection.rows(sql`SELECT ${columns} ${from} WHERE s.id = ${text(id)}`);
      return row && storedScore(row);
    },
    async ofTraces(traceIds) {
      const found = new Map<string, StoredScore[]>(traceIds.map((id) => [id, []]));
      for (const some of chunks(traceIds)) {
        const rows = await connection.rows(
          sql`SELECT ${columns} ${from} WHERE s.trace_id IN ${texts(some)} ORDER BY s.timestamp, s.id LIMIT ${integer(MAX_SCORES_OF_TRACES)}`,
        );
        for (const row of rows) found.get(String(row.trace_id))?.push(storedScore(row));
      }
      return found;
    },
    async ofSession(sessionId, limit) {
      const rows = await connection.rows(
        sql`SELECT ${columns} ${from} WHERE s.session_id = ${text(sessionId)} ORDER BY s.timestamp, s.id LIMIT ${integer(limit)}`,
      );
      return rows.map(storedScore);
    },
    async isAnnotation(traceId, scoreId) {
      const rows = await connection.rows(
        sql`SELECT 1 AS one ${from} WHERE s.id = ${text(scoreId)} AND s.trace_id = ${text(traceId)} AND s.source = 'ANNOTATION'`,
      );
      return rows.length > 0;
    },
    async findAnnotation({ traceId, observationId, name, dataType }) {
      const on =
        observationId === null
          ? raw('s.observation_id IS NULL')
          : sql`s.observation_id = ${text(observationId)}`;
      const [row] = await connection.rows(
        sql`SELECT s.id AS id ${from} WHERE s.trace_id = ${text(traceId)} AND ${on} AND s.name = ${text(name)}
          AND s.data_type = ${text(dataType)} AND s.source = 'ANNOTATION' LIMIT 1`,
      );
      return row && String(row.id);
    },
    async names() {
      const newest = sql`(SELECT s.name AS name, s.data_type AS data_type, s.string_value AS string_value
        ${from} WHERE s.data_type <> 'CORRECTION' ORDER BY s.created_at DESC LIMIT ${integer(MAX_SCORES)})`;
      const rows = await connection.rows(
        sql`SELECT name, data_type, count() AS count FROM ${newest} GROUP BY name, data_type
          ORDER BY count DESC, name LIMIT ${integer(MAX_NAMES)}`,
      );
      const values = await connection.rows(
        sql`SELECT name, string_value AS value FROM ${newest} WHERE data_type = 'CATEGORICAL'
          AND lengthUTF8(ifNull(string_value, '')) BETWEEN 1 AND ${integer(MAX_VALUE_CHARS)}
          GROUP BY name, value ORDER BY count() DESC, value LIMIT ${integer(MAX_VALUES)} BY name`,
      );
      return rows.map(
        ({ name, data_type }): ScoreName => ({
          name: String(name),
          dataType: SCORE_DATA_TYPES.find((type) => type === data_type) ?? 'NUMERIC',
          values:
            data_type === 'CATEGORICAL'
              ? values.filter((one) => one.name === name).map(({ value }) => String(value))
              : [],
        }),
      );
    },
  };
}
