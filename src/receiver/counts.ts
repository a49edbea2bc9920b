/** What the store holds, in numbers: for the demo's summary and for tests. */

import type { Database } from './sqlite.js';

export interface StoredCounts {
  traces: number;
  observations: number;
  /** By type in lower case: generation, tool, … */
  observationsByType: Record<string, number>;
  scores: number;
  /** Mean of the scores that have a number, by name. */
  scoreMeans: Record<string, number>;
}

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
