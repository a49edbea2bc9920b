/** Values of scores by name, for distributions. */

import type { Buckets } from '../../contract/page.js';
import type { ScorePart, ScoreValues } from '../../contract/summaries.js';
import type { Database } from '../sqlite.js';

/** For lists of ids of traces as JSON. */
export interface ScoreSums {
  values(ids: string): ScoreValues[];
  tracesByName(ids: string): ScorePart['tracesByName'];
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

export function prepareScoreSums(database: Database, { firstUs, bucketUs }: Buckets): ScoreSums {
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
