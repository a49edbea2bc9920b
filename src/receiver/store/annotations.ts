/** Scores that people give on the page: what they are on, which one is replaced, and the names that are in use. */

import { SCORE_DATA_TYPES, type ScoreDataType } from './rows.js';
import { bindable, type Database } from './sqlite.js';

/** The environment of a stored trace; undefined: there is no such trace. */
export function environmentOfTrace(database: Database, traceId: string): string | undefined {
  const row = database.prepare('SELECT environment FROM traces WHERE id = ?').get(bindable(traceId));
  return row && String(row.environment ?? 'default');
}

export function hasObservation(database: Database, traceId: string, id: string): boolean {
  const find = database.prepare('SELECT 1 FROM observations WHERE trace_id = ? AND id = ?');
  return find.get(bindable(traceId), bindable(id)) !== undefined;
}

/** Whether the score is one of a person, on this trace or one of its observations. */
export function isAnnotation(database: Database, traceId: string, scoreId: string): boolean {
  const find = database.prepare(
    `SELECT 1 FROM scores WHERE id = ? AND trace_id = ? AND source = 'ANNOTATION'`,
  );
  return find.get(bindable(scoreId), bindable(traceId)) !== undefined;
}

export interface AnnotationKey {
  traceId: string;
  observationId: string | null;
  name: string;
  dataType: ScoreDataType;
}

/** The id of the score that a person gave before under the same name on the same. */
export function findAnnotation(
  database: Database,
  { traceId, observationId, name, dataType }: AnnotationKey,
): string | undefined {
  const row = database
    .prepare(
      `SELECT id FROM scores WHERE trace_id = ? AND observation_id IS ? AND name = ? AND data_type = ?
       AND source = 'ANNOTATION'`,
    )
    .get(...[traceId, observationId, name, dataType].map(bindable));
  return row && String(row.id);
}

export interface ScoreName {
  name: string;
  dataType: ScoreDataType;
  /** Of a CATEGORICAL score: texts in use, the most frequent first. */
  values: string[];
}

/** Of the newest scores: reading a million takes a second. */
const MAX_SCORES = 20_000;
const MAX_NAMES = 100;
const MAX_VALUES = 20;
const MAX_VALUE_CHARS = 100;

/** The most frequent first. Corrections are no scores that somebody gives by name. */
export function scoreNames(database: Database): ScoreName[] {
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
