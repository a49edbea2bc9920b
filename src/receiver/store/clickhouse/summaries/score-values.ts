/** Values of scores by name, for distributions. */

import type { Buckets } from '../../contract/page.js';
import type { ScorePart } from '../../contract/summaries.js';
import { integer, raw, sql } from '../connection/sql.js';
import { type Selection, selectedTraces } from '../lists/page-filter.js';
import { countOf, numbersOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql } from '../tables.js';
import type { ReadPart } from './read-part.js';

/** A longer category is cut: nobody reads it in a chart. */
const MAX_TEXT_CHARS = 200;
const MAX_VALUES = 50_000;

/** A statement about the scores `s` of the traces that pass. */
export const ofScores = ({ tables }: Reading, selection: Selection) =>
  sql`FROM ${tables.scores} AS s FINAL WHERE s.trace_id IN (SELECT t.id FROM ${selectedTraces(tables, selection)})`;

export const scorePart =
  ({ firstUs, bucketUs }: Buckets): ReadPart<ScorePart> =>
  async (reading, selection, maxMs) => {
    const from = ofScores(reading, selection);
    const at = raw(microsSql('s.timestamp'));
    const [values, traces] = await Promise.all([
      reading.connection.rows(
        sql`SELECT s.name AS name, s.data_type AS data_type, greatest(0, intDiv(${at} - ${integer(firstUs)}, ${integer(bucketUs)})) AS bucket,
          if(s.data_type IN ('CATEGORICAL', 'BOOLEAN'), substringUTF8(s.string_value, 1, ${integer(MAX_TEXT_CHARS)}), NULL) AS text,
          count() AS count, groupArraySample(${raw(String(MAX_VALUES))}, 1)(s.value) AS numbers ${from} GROUP BY name, data_type, bucket, text`,
        { maxMs },
      ),
      reading.connection.rows(
        sql`SELECT s.name AS name, uniqExact(s.trace_id) AS traces ${from} GROUP BY name`,
        { maxMs },
      ),
    ]);
    return {
      values: values.map((row) => ({
        name: String(row.name),
        dataType: String(row.data_type),
        text: textOf(row.text),
        bucket: countOf(row.bucket),
        count: countOf(row.count),
        numbers: numbersOf(row.numbers),
      })),
      tracesByName: traces.map((row) => ({ name: String(row.name), traces: countOf(row.traces) })),
    };
  };
