/** Sums over traces by session and by user. */

import type { ScoreSum, TraceSum } from '../../contract/summaries.js';
import type { Row } from '../connection/connection.js';
import { raw, type Sql, sql } from '../connection/sql.js';
import { type Selection, selectedTraces } from '../lists/page-filter.js';
import { LATENCY_FIGURES, LATENCY_US } from '../read/rollups.js';
import { countOf, flagOf, numberOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql } from '../tables.js';

const FIGURES = [
  'error_count',
  'total_tokens',
  'total_cost',
  'has_estimated_tokens',
  'has_estimated_cost',
  ...LATENCY_FIGURES,
] as const;
const START = microsSql('t.timestamp');

const having = (selection: Selection, column: string): Selection => ({
  ...selection,
  conditions: [...selection.conditions, raw(`${column} IS NOT NULL`)],
});

async function sumsBy(
  { connection, tables }: Reading,
  selection: Selection,
  column: 't.session_id' | 't.user_id',
  maxMs: number,
): Promise<TraceSum[]> {
  const rows = await connection.rows(
    sql`SELECT t.session_id AS session_id, t.user_id AS user_id, if(t.environment = '', 'default', t.environment) AS environment,
        count() AS traces, countIf(u.error_count > 0) AS errors, sum(u.total_tokens) AS tokens, sum(u.total_cost) AS cost,
        max(u.has_estimated_tokens) AS estimated_tokens, max(u.has_estimated_cost) AS estimated_cost,
        min(${raw(START)}) AS start_us, max(${raw(START)}) AS last_us, max(${raw(START)} + ifNull(${raw(LATENCY_US)}, 0)) AS end_us
      FROM ${selectedTraces(tables, having(selection, column), FIGURES)} GROUP BY session_id, user_id, environment`,
    { maxMs },
  );
  return rows.map(traceSum);
}

function traceSum(row: Row): TraceSum {
  return {
    sessionId: textOf(row.session_id),
    userId: textOf(row.user_id),
    environment: String(row.environment),
    traces: countOf(row.traces),
    errors: countOf(row.errors),
    tokens: numberOf(row.tokens),
    cost: numberOf(row.cost),
    hasEstimatedTokens: flagOf(row.estimated_tokens),
    hasEstimatedCost: flagOf(row.estimated_cost),
    startUs: countOf(row.start_us),
    lastUs: countOf(row.last_us),
    endUs: countOf(row.end_us),
  };
}

export const userPart = (reading: Reading, selection: Selection, maxMs: number): Promise<TraceSum[]> =>
  sumsBy(reading, selection, 't.user_id', maxMs);

export async function sessionPart(
  reading: Reading,
  selection: Selection,
  maxMs: number,
): Promise<{ sums: TraceSum[]; scores: ScoreSum[] }> {
  const [sums, scores] = await Promise.all([
    sumsBy(reading, selection, 't.session_id', maxMs),
    reading.connection.rows(scoresSql(reading, having(selection, 't.session_id')), { maxMs }),
  ]);
  return {
    sums,
    scores: scores.map((row) => ({
      sessionId: String(row.session_id),
      name: String(row.name),
      count: countOf(row.count),
      numbers: countOf(row.numbers),
      sum: countOf(row.sum),
      last: textOf(row.last)?.slice(0, 100) ?? null,
    })),
  };
}

/** Of the scores on the traces, and the text of the latest trace that has one. */
function scoresSql({ tables }: Reading, selection: Selection): Sql {
  const traces = sql`(SELECT t.id AS id, t.session_id AS session_id, t.timestamp AS at FROM ${selectedTraces(tables, selection)})`;
  return sql`SELECT n.session_id AS session_id, s.name AS name, count() AS count, countIf(s.value IS NOT NULL) AS numbers,
      sum(ifNull(s.value, 0)) AS sum, argMax(s.string_value, (n.at, s.timestamp)) AS last
    FROM (SELECT trace_id, name, value, string_value, timestamp FROM ${tables.scores} FINAL WHERE trace_id IS NOT NULL) AS s
    INNER JOIN ${traces} AS n ON n.id = s.trace_id GROUP BY session_id, name`;
}
