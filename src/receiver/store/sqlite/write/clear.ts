/** Empties the store, in slices: what arrives meanwhile stays. */

import type { Steps } from '../../../slices.js';
import type { Database } from '../sqlite.js';

const ROWS_AT_A_TIME = 200;

export interface ClearParts {
  /** With its complaints. */
  removeTrace(id: string): Steps<void>;
  clearComplaints(): void;
  clearSearch(): void;
}

/** The counter of evicted traces begins anew: it counts what the reader has not deleted. */
export function* clearStore(
  database: Database,
  { removeTrace, clearComplaints, clearSearch }: ClearParts,
): Steps<void> {
  // First, as complaints may come while traces are deleted.
  clearComplaints();
  const strays = [clearScores(database), clearMedia(database)];
  // Both take down what there is before the first pause.
  for (const steps of strays) steps.next();
  const { last } = rowsOf(database, 'traces');
  const some = database.prepare(
    `SELECT id FROM traces WHERE rowid <= ? ORDER BY rowid LIMIT ${ROWS_AT_A_TIME}`,
  );
  for (let rows = some.all(last); rows.length > 0; rows = some.all(last)) {
    for (const { id } of rows) {
      yield* removeTrace(String(id));
      yield;
    }
  }
  for (const steps of strays) yield* steps;
  // Words of deleted traces would stay for a while.
  clearSearch();
  database.exec('UPDATE evicted SET traces = 0');
}

function rowsOf(database: Database, table: string): { first: number; last: number } {
  const row = database.prepare(`SELECT min(rowid) AS first, max(rowid) AS last FROM ${table}`).get();
  return { first: Number(row?.first ?? 1), last: Number(row?.last ?? 0) };
}

/** Those of no trace: scores of sessions and of runs, and scores that came before their trace. */
function* clearScores(database: Database): Steps<void> {
  const { first, last } = rowsOf(database, 'scores');
  // A score that is sent again keeps its row.
  const begunUs = Date.now() * 1000;
  yield;
  const remove = database.prepare(
    `DELETE FROM scores WHERE rowid > ? AND rowid <= ? AND updated_us <= ? AND
     (trace_id IS NULL OR NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = scores.trace_id))`,
  );
  for (let row = first - 1; row < last; row += ROWS_AT_A_TIME) {
    remove.run(row, Math.min(last, row + ROWS_AT_A_TIME), begunUs);
    yield;
  }
}

/** Those that were announced for no stored trace: clients upload media before they send the trace. Others go with their traces. */
function* clearMedia(database: Database): Steps<void> {
  const strays = database
    .prepare(
      'SELECT trace_id, media_id FROM media_traces AS m WHERE NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = m.trace_id)',
    )
    .all();
  const all = database.prepare('SELECT id FROM media').all();
  yield;
  const removeStray = database.prepare('DELETE FROM media_traces WHERE trace_id = ? AND media_id = ?');
  for (const { trace_id, media_id } of strays) {
    removeStray.run(trace_id ?? '', media_id ?? '');
    yield;
  }
  const removeUnused = database.prepare(
    'DELETE FROM media WHERE id = ? AND NOT EXISTS (SELECT 1 FROM media_traces AS m WHERE m.media_id = media.id)',
  );
  for (const { id } of all) {
    removeUnused.run(id ?? '');
    yield;
  }
}
