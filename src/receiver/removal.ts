/** Deletes traces, with the observations and scores that belong to them, and single scores. */

import { bindList, inList } from './conditions.js';
import type { Database } from './sqlite.js';

export interface Doomed {
  traceIds?: readonly string[];
  scoreIds?: readonly string[];
}

/** Returns the traces whose roll-up is due: those that lost a score and are still there. */
export function prepareRemoval(database: Database): (doomed: Doomed) => string[] {
  const ofTraces = ['observations', 'scores'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE trace_id IN ${inList}`),
  );
  const traces = database.prepare(`DELETE FROM traces WHERE id IN ${inList}`);
  const tracesOfScores = database.prepare(
    `SELECT DISTINCT trace_id FROM scores WHERE trace_id IS NOT NULL AND id IN ${inList}`,
  );
  const scores = database.prepare(`DELETE FROM scores WHERE id IN ${inList}`);

  return ({ traceIds = [], scoreIds = [] }) => {
    for (const statement of [...ofTraces, traces]) statement.run(bindList(traceIds));
    const touched = tracesOfScores.all(bindList(scoreIds)).map(({ trace_id }) => String(trace_id));
    scores.run(bindList(scoreIds));
    return touched;
  };
}
