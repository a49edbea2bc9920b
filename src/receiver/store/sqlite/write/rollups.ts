/**
 * Roll-ups: totals of a trace (counts, tokens, cost, latency, scores) on the trace's row, for the list of traces.
 *
 * They are computed anew for each trace that a transaction touched, not by adding differences:
 * records arrive repeatedly and out of order, and a sum over rows is right in any case.
 */

import { SHOWN_NAME } from '../schema.js';
import { traceWritten } from '../search/kept-searches.js';
import { bindable, type Database } from '../sqlite.js';
import { storedTraits, TRAITS_OF_OBSERVATIONS } from '../traits.js';

/** The scores of one name on a trace: the mean of numbers, or the last value. */
export interface ScoreSummary {
  name: string;
  count: number;
  mean: number | null;
  last: string | null;
}

export function prepareRollups(database: Database): (traceId: string) => void {
  // An event has no end; a span without an end is still open, and its latency is unknown.
  const rollUp = database.prepare(`
    UPDATE traces SET
      observation_count = o.count, error_count = o.errors, total_tokens = o.tokens, total_cost = o.cost,
      has_estimated_tokens = o.estimated_tokens, has_estimated_cost = o.estimated_cost,
      traits = ${storedTraits('o.traits')}, shown_name = ${SHOWN_NAME}, search_due = ?,
      timestamp_us = coalesce(min(own_start_us, o.first_us), own_start_us, o.first_us, created_us),
      latency_us = coalesce(max(own_end_us, o.last_us), own_end_us, o.last_us)
        - coalesce(min(own_start_us, o.first_us), own_start_us, o.first_us)
    FROM (
      SELECT count(*) AS count, coalesce(sum(level = 'ERROR'), 0) AS errors,
        sum(coalesce(total_tokens, estimated_tokens)) AS tokens, max(has_estimated_tokens) AS estimated_tokens,
        sum(coalesce(total_cost, estimated_cost)) AS cost, max(has_estimated_cost) AS estimated_cost,
        min(start_us) AS first_us, ${TRAITS_OF_OBSERVATIONS} AS traits,
        max(CASE WHEN end_us IS NULL AND type = 'EVENT' THEN start_us ELSE end_us END) AS last_us
      FROM observations WHERE trace_id = ?
    ) AS o
    WHERE id = ?`);
  const readScores = database.prepare(
    'SELECT name, value, string_value FROM scores WHERE trace_id = ? ORDER BY timestamp_us, id',
  );
  const writeScores = database.prepare('UPDATE traces SET score_summary = ? WHERE id = ?');

  return (id) => {
    const traceId = bindable(id);
    rollUp.run(Date.now() * 1000, traceId, traceId);
    const scores = readScores.all(traceId);
    writeScores.run(scores.length === 0 ? null : JSON.stringify(summarize(scores)), traceId);
    traceWritten(database, id);
  };
}

function summarize(scores: Record<string, unknown>[]): ScoreSummary[] {
  const byName = new Map<string, { numbers: number[]; count: number; last: string | null }>();
  for (const { name, value, string_value } of scores) {
    const entry = byName.get(String(name)) ?? { numbers: [], count: 0, last: null };
    entry.count += 1;
    if (typeof value === 'number') entry.numbers.push(value);
    entry.last = string_value === null ? null : String(string_value).slice(0, 100);
    byName.set(String(name), entry);
  }
  return [...byName].map(([name, { numbers, count, last }]) => ({
    name,
    count,
    mean: numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
    last,
  }));
}
