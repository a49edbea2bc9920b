/** Reads scores for the public API, and what the page asks of those that people give. */

import { SCORE_DATA_TYPES } from '../../../../ingest/rows.js';
import { inSlices, type Steps } from '../../../slices.js';
import type { ScoreName, ScoreReader } from '../../contract/lists.js';
import type { StoredScore } from '../../contract/rows.js';
import { bindable, type Database } from '../sqlite.js';
import { nextRows, pageOfRows } from './bounded-rows.js';
import { SCORE_COLUMN_SQL } from './column-sql.js';
import { addCondition, whereOf } from './conditions.js';
import { scoreWithTrace, storedScore } from './stored-rows.js';

/** `s`: the score, `t`: its trace, if it has one. */
const WITH_TRACE = 'scores AS s LEFT JOIN traces AS t ON t.id = s.trace_id';
const COLUMNS_WITH_TRACE = `s.*, t.user_id AS trace_user_id, t.session_id AS trace_session_id, t.tags AS trace_tags,
  t.environment AS trace_environment`;
const LONG_TEXTS = ['name', 'comment', 'string_value', 'metadata'].map((column) => `s.${column}`);

export function scoreReader(database: Database): ScoreReader {
  return {
    async page(conditions, paging) {
      const where = whereOf(conditions, SCORE_COLUMN_SQL);
      const order = 's.timestamp_us DESC, s.id';
      const selection = {
        ...{ columns: COLUMNS_WITH_TRACE, from: WITH_TRACE, where, order },
        longTexts: LONG_TEXTS,
      };
      return pageOfRows(database, selection, paging, scoreWithTrace);
    },
    async next(conditions, after, limit) {
      const where = whereOf(conditions, SCORE_COLUMN_SQL);
      if (after !== null) addCondition(where, '(s.timestamp_us, s.id) < (?, ?)', after.us, after.id);
      const order = 's.timestamp_us DESC, s.id DESC';
      const selection = { columns: 's.*', from: WITH_TRACE, where, order, longTexts: LONG_TEXTS };
      return nextRows(database, selection, limit).map(storedScore);
    },
    async find(id) {
      const row = database.prepare('SELECT * FROM scores WHERE id = ?').get(bindable(id));
      return row && storedScore(row);
    },
    ofTraces: (traceIds) => inSlices(ofTraces(database, traceIds)),
    async ofSession(sessionId, limit) {
      return database
        .prepare('SELECT * FROM scores WHERE session_id = ? ORDER BY timestamp_us, id LIMIT ?')
        .all(bindable(sessionId), limit)
        .map(storedScore);
    },
    async isAnnotation(traceId, scoreId) {
      const find = database.prepare(
        `SELECT 1 FROM scores WHERE id = ? AND trace_id = ? AND source = 'ANNOTATION'`,
      );
      return find.get(bindable(scoreId), bindable(traceId)) !== undefined;
    },
    async findAnnotation({ traceId, observationId, name, dataType }) {
      const row = database
        .prepare(
          `SELECT id FROM scores WHERE trace_id = ? AND observation_id IS ? AND name = ? AND data_type = ?
           AND source = 'ANNOTATION'`,
        )
        .get(...[traceId, observationId, name, dataType].map(bindable));
      return row && String(row.id);
    },
    async names() {
      return scoreNames(database);
    },
  };
}

function* ofTraces(database: Database, traceIds: readonly string[]): Steps<Map<string, StoredScore[]>> {
  const find = database.prepare('SELECT * FROM scores WHERE trace_id = ? ORDER BY timestamp_us, id');
  const found = new Map<string, StoredScore[]>();
  for (const traceId of traceIds) {
    found.set(traceId, find.all(bindable(traceId)).map(storedScore));
    yield;
  }
  return found;
}

/** Of the newest scores: reading a million takes a second. */
const MAX_SCORES = 20_000;
const MAX_NAMES = 100;
const MAX_VALUES = 20;
const MAX_VALUE_CHARS = 100;

/** Corrections are no scores that somebody gives by name. */
function scoreNames(database: Database): ScoreName[] {
  const newest = `(SELECT name, data_type, string_value FROM scores ORDER BY rowid DESC LIMIT ${MAX_SCORES})`;
  const names = database
    .prepare(
      `SELECT name, data_type FROM ${newest} WHERE data_type <> 'CORRECTION' GROUP BY name, data_type
       ORDER BY count(*) DESC, name LIMIT ${MAX_NAMES}`,
    )
    .all();
  const valuesOf = database.prepare(
    `SELECT string_value AS value FROM ${newest} WHERE name = ? AND data_type = 'CATEGORICAL'
       AND length(string_value) <= ${MAX_VALUE_CHARS} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${MAX_VALUES}`,
  );
  return names.map(({ name, data_type }) => ({
    name: String(name),
    dataType: SCORE_DATA_TYPES.find((type) => type === data_type) ?? 'NUMERIC',
    values: data_type === 'CATEGORICAL' ? valuesOf.all(name ?? null).map(({ value }) => String(value)) : [],
  }));
}
