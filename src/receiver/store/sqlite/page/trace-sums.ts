/** Sums over traces by session and by user, from the roll-ups on the rows of the traces. */

import type { ScoreSum, TraceSum } from '../../contract/summaries.js';
import type { Database, SqlRow } from '../sqlite.js';

/** For lists of numbers of rows as JSON. */
export interface TraceSums {
  bySession(rowIds: string): TraceSum[];
  byUser(rowIds: string): TraceSum[];
  scoresBySession(rowIds: string): ScoreSum[];
}

const CHUNK = 'json_each(?) AS wanted CROSS JOIN traces AS t ON t.rowid = wanted.value';

const sumsSql = (column: string) => `
  SELECT t.session_id, t.user_id, coalesce(t.environment, 'default') AS environment, count(*) AS traces,
    sum(t.error_count > 0) AS errors, sum(t.total_tokens) AS tokens, sum(t.total_cost) AS cost,
    max(t.has_estimated_tokens) AS estimated_tokens, max(t.has_estimated_cost) AS estimated_cost,
    min(t.timestamp_us) AS start, max(t.timestamp_us) AS last,
    max(t.timestamp_us + coalesce(t.latency_us, 0)) AS end
  FROM ${CHUNK} WHERE t.${column} IS NOT NULL GROUP BY t.session_id, t.user_id, 3`;

/** With max() SQLite takes the other columns from the row that has it. */
const SCORES_SQL = `
  SELECT t.session_id, s.value ->> '$.name' AS name, sum(s.value ->> '$.count') AS count,
    sum(iif(s.value ->> '$.mean' IS NULL, 0, s.value ->> '$.count')) AS numbers,
    sum((s.value ->> '$.mean') * (s.value ->> '$.count')) AS sum,
    max(t.timestamp_us) AS latest, s.value ->> '$.last' AS last
  FROM ${CHUNK}, json_each(t.score_summary) AS s WHERE t.session_id IS NOT NULL GROUP BY 1, 2`;

export function prepareTraceSums(database: Database): TraceSums {
  const [bySession, byUser] = [database.prepare(sumsSql('session_id')), database.prepare(sumsSql('user_id'))];
  const scores = database.prepare(SCORES_SQL);
  return {
    bySession: (rowIds) => bySession.all(rowIds).map(traceSum),
    byUser: (rowIds) => byUser.all(rowIds).map(traceSum),
    scoresBySession: (rowIds) =>
      scores.all(rowIds).map((row) => ({
        sessionId: String(row.session_id),
        name: String(row.name),
        count: Number(row.count),
        numbers: Number(row.numbers),
        sum: Number(row.sum ?? 0),
        last: row.last === null ? null : String(row.last),
      })),
  };
}

function traceSum(row: SqlRow): TraceSum {
  return {
    sessionId: row.session_id === null ? null : String(row.session_id),
    userId: row.user_id === null ? null : String(row.user_id),
    environment: String(row.environment),
    traces: Number(row.traces),
    errors: Number(row.errors),
    tokens: row.tokens === null ? null : Number(row.tokens),
    cost: row.cost === null ? null : Number(row.cost),
    hasEstimatedTokens: row.estimated_tokens === 1,
    hasEstimatedCost: row.estimated_cost === 1,
    startUs: Number(row.start),
    lastUs: Number(row.last),
    endUs: Number(row.end),
  };
}
