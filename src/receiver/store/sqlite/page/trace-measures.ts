/** The values of each trace that two groups of traces are compared by. */

import type { MeasurePart, ScoreMeasure } from '../../contract/summaries.js';
import type { Database, SqlValue } from '../sqlite.js';

/** For lists of numbers of rows as JSON. */
export interface TraceMeasures {
  values(rowIds: string): Omit<MeasurePart, 'scores'>;
  scores(rowIds: string): ScoreMeasure[];
}

const CHUNK = 'json_each(?) AS wanted CROSS JOIN traces AS t ON t.rowid = wanted.value';
const listOf = (sql: string) => `json_group_array(${sql}) FILTER (WHERE ${sql} IS NOT NULL)`;

const VALUES_SQL = `SELECT coalesce(sum(t.error_count > 0), 0) AS failed, ${listOf('t.latency_us')} AS durations,
  ${listOf('t.total_tokens')} AS tokens, ${listOf('t.total_cost')} AS costs,
  ${listOf('t.observation_count')} AS observations FROM ${CHUNK}`;

/** A boolean has a number and a text: it is compared as a number. */
const SCORES_SQL = `SELECT s.value ->> '$.name' AS name, s.value ->> '$.mean' AS mean,
  iif(s.value ->> '$.mean' IS NULL, s.value ->> '$.last', NULL) AS text, count(*) AS count
  FROM ${CHUNK}, json_each(t.score_summary) AS s GROUP BY 1, 2, 3`;

export function prepareTraceMeasures(database: Database): TraceMeasures {
  const [values, scores] = [database.prepare(VALUES_SQL), database.prepare(SCORES_SQL)];
  return {
    values(rowIds) {
      const row = values.get(rowIds) ?? {};
      return {
        failed: Number(row.failed ?? 0),
        durationUs: numbersOf(row.durations),
        tokens: numbersOf(row.tokens),
        cost: numbersOf(row.costs),
        observations: numbersOf(row.observations),
      };
    },
    scores(rowIds) {
      const byName = new Map<string, ScoreMeasure>();
      for (const { name, mean, text, count } of scores.all(rowIds)) {
        const entry = byName.get(String(name)) ?? { name: String(name), means: [], texts: [] };
        byName.set(entry.name, entry);
        if (typeof mean === 'number') for (let at = 0; at < Number(count); at += 1) entry.means.push(mean);
        else if (text != null) entry.texts.push({ text: String(text), count: Number(count) });
      }
      return [...byName.values()];
    },
  };
}

const numbersOf = (json: SqlValue | undefined) => JSON.parse(String(json ?? '[]')) as number[];
