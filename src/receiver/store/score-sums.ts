/** Values of scores by name: for distributions, and for scores of a session itself. */

import type { Micros } from './rows.js';
import { bindable, type Database, type SqlRow } from './sqlite.js';

/** The scores of one name, type and text in one bucket, of the traces of a chunk. */
export interface ScoreValues {
  name: string;
  dataType: string;
  /** Of categories and booleans; other texts differ each time. */
  text: string | null;
  bucket: number;
  count: number;
  numbers: number[];
}

/** For lists of ids of traces as JSON. */
export interface ScoreSums {
  values(ids: string): ScoreValues[];
  tracesByName(ids: string): { name: string; traces: number }[];
}

const CHUNK = 'json_each(?) AS wanted CROSS JOIN scores AS s ON s.trace_id = wanted.value';
/** A longer category is cut: nobody reads it in a chart. */
const MAX_TEXT_CHARS = 200;

const VALUES_SQL = `
  SELECT s.name, s.data_type, max(0, CAST((s.timestamp_us - ?) / ? AS INTEGER)) AS bucket, count(*) AS count,
    iif(s.data_type IN ('CATEGORICAL', 'BOOLEAN'), substr(s.string_value, 1, ${MAX_TEXT_CHARS}), NULL) AS text,
    json_group_array(s.value) FILTER (WHERE s.value IS NOT NULL) AS numbers
  FROM ${CHUNK} GROUP BY s.name, s.data_type, 3, text`;

const TRACES_SQL = `SELECT s.name, count(DISTINCT s.trace_id) AS traces FROM ${CHUNK} GROUP BY 1`;

/** Buckets are counted from `firstUs`. */
export function prepareScoreSums(database: Database, firstUs: Micros, bucketUs: Micros): ScoreSums {
  const [values, traces] = [database.prepare(VALUES_SQL), database.prepare(TRACES_SQL)];
  return {
    values: (ids) =>
      values.all(firstUs, bucketUs, ids).map((row) => ({
        name: String(row.name),
        dataType: String(row.data_type),
        text: row.text === null ? null : String(row.text),
        bucket: Number(row.bucket),
        count: Number(row.count),
        numbers: JSON.parse(String(row.numbers)) as number[],
      })),
    tracesByName: (ids) =>
      traces.all(ids).map(({ name, traces: count }) => ({ name: String(name), traces: Number(count) })),
  };
}

/** At most `limit` of them. */
export function scoresOfSession(database: Database, sessionId: string, limit: number): SqlRow[] {
  return database
    .prepare('SELECT * FROM scores WHERE session_id = ? ORDER BY timestamp_us, id LIMIT ?')
    .all(bindable(sessionId), limit);
}
