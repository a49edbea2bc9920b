/** Counts what is stored and sums its usage and cost, for the demo's summary and for tests. */

import type { StoredCounts, StoredUsage, SummedFigure } from '../../contract.js';
import type { Database } from '../sqlite.js';

export function countStored(database: Database): StoredCounts {
  const observationsByType: Record<string, number> = {};
  for (const row of database
    .prepare('SELECT type, count(*) AS count FROM observations GROUP BY type')
    .all()) {
    observationsByType[String(row.type).toLowerCase()] = Number(row.count);
  }
  const means = database
    .prepare('SELECT name, avg(value) AS mean FROM scores WHERE value IS NOT NULL GROUP BY name')
    .all();
  const count = (table: 'traces' | 'scores') =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  return {
    traces: count('traces'),
    observations: Object.values(observationsByType).reduce((sum, value) => sum + value, 0),
    observationsByType,
    scores: count('scores'),
    scoreMeans: Object.fromEntries(means.map(({ name, mean }) => [String(name), Number(mean)])),
  };
}

export function sumUsage(database: Database): StoredUsage {
  const billed = `FROM observations WHERE type IN ('GENERATION', 'EMBEDDING')`;
  const figure = (given: string, estimated: string, flag: string): SummedFigure => {
    const value = `coalesce(${given}, ${estimated})`;
    const row = database
      .prepare(
        `SELECT sum(${value}) AS sum, sum(${flag} = 1) AS estimated, sum(${value} IS NULL) AS unknown ${billed}`,
      )
      .get();
    return {
      sum: row?.sum === null || row?.sum === undefined ? null : Number(row.sum),
      estimated: Number(row?.estimated ?? 0),
      unknown: Number(row?.unknown ?? 0),
    };
  };
  const marks = (name: string) =>
    database
      .prepare(`SELECT DISTINCT json_extract(estimate, '$.marks.${name}') AS mark ${billed}`)
      .all()
      .flatMap(({ mark }) => (mark === null ? [] : [String(mark)]));
  return {
    generations: Number(database.prepare(`SELECT count(*) AS count ${billed}`).get()?.count),
    tokens: figure('total_tokens', 'estimated_tokens', 'has_estimated_tokens'),
    cost: figure('total_cost', 'estimated_cost', 'has_estimated_cost'),
    prices: marks('price'),
    tokenizers: marks('tokenizer'),
  };
}
