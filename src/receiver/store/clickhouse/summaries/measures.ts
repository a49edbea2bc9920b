/** The values of each trace that two groups of traces are compared by. */

import type { MeasurePart, ScoreMeasure } from '../../contract/summaries.js';
import { raw, sql } from '../connection/sql.js';
import { type Selection, selectedTraces } from '../lists/page-filter.js';
import { LATENCY_FIGURES, LATENCY_US } from '../read/rollups.js';
import { countOf, numberOf, numbersOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { ofScores } from './score-values.js';

/** Of more traces the values are a sample. */
const MAX_VALUES = 100_000;
const FIGURES = [
  'error_count',
  'total_tokens',
  'total_cost',
  'observation_count',
  ...LATENCY_FIGURES,
] as const;
const listOf = (value: string) => raw(`groupArraySample(${MAX_VALUES}, 1)(${value})`);

export async function measurePart(
  reading: Reading,
  selection: Selection,
  maxMs: number,
): Promise<MeasurePart> {
  const { connection, tables } = reading;
  const [[values], scores] = await Promise.all([
    connection.rows(
      sql`SELECT countIf(u.error_count > 0) AS failed, ${listOf(LATENCY_US)} AS durations, ${listOf('u.total_tokens')} AS tokens,
        ${listOf('u.total_cost')} AS costs, ${listOf('toFloat64(ifNull(u.observation_count, 0))')} AS observations
        FROM ${selectedTraces(tables, selection, FIGURES)}`,
      { maxMs },
    ),
    // A boolean has a number and a text: it is compared as a number.
    connection.rows(
      sql`SELECT name, mean, text, count() AS count FROM (
          SELECT s.name AS name, avg(s.value) AS mean, if(countIf(s.value IS NOT NULL) = 0, argMax(substringUTF8(s.string_value, 1, 100), s.timestamp), NULL) AS text
          ${ofScores(reading, selection)} GROUP BY s.trace_id, name
        ) GROUP BY name, mean, text`,
      { maxMs },
    ),
  ]);
  const byName = new Map<string, ScoreMeasure>();
  for (const row of scores) {
    const name = String(row.name);
    const entry = byName.get(name) ?? { name, means: [], texts: [] };
    byName.set(name, entry);
    const [mean, text, count] = [numberOf(row.mean), textOf(row.text), countOf(row.count)];
    if (mean !== null) for (let at = 0; at < count; at += 1) entry.means.push(mean);
    else if (text !== null) entry.texts.push({ text, count });
  }
  return {
    failed: countOf(values?.failed),
    durationUs: numbersOf(values?.durations),
    tokens: numbersOf(values?.tokens),
    cost: numbersOf(values?.costs),
    observations: numbersOf(values?.observations),
    scores: [...byName.values()],
  };
}
