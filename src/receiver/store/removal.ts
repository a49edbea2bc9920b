/** Deletes traces with their observations and scores, and single scores. */

import type { Steps } from '../slices.js';
import { bindable, type Database } from './sqlite.js';

export interface Deletion {
  traceIds?: readonly string[];
  scoreIds?: readonly string[];
}

/** Adds to `touched` the traces that lost a score, as their roll-up is due. */
export function prepareRemoval(
  database: Database,
): (deletion: Deletion, touched: Set<string>) => Steps<void> {
  const ofTrace = ['observations', 'scores'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE trace_id = ?`),
  );
  const trace = database.prepare('DELETE FROM traces WHERE id = ?');
  const traceOfScore = database.prepare('SELECT trace_id FROM scores WHERE id = ?');
  const score = database.prepare('DELETE FROM scores WHERE id = ?');

  return function* remove({ traceIds = [], scoreIds = [] }, touched) {
    for (const id of traceIds.map(bindable)) {
      for (const statement of [...ofTrace, trace]) statement.run(id);
      yield;
    }
    for (const id of scoreIds.map(bindable)) {
      const row = traceOfScore.get(id);
      if (row !== undefined && row.trace_id !== null) touched.add(String(row.trace_id));
      score.run(id);
      yield;
    }
  };
}
