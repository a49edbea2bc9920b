/** Deletes traces with their observations, scores, comments and media, and single scores. */

import type { Steps } from '../../../slices.js';
import type { Deletion } from '../../contract.js';
import { REMOVE_COMMENTS_SQL } from '../read/comment-reader.js';
import { prepareSearchRemoval } from '../search/search-index.js';
import { bindable, type Database } from '../sqlite.js';
import { type Touched, touch } from './due-rollups.js';
import type { PayloadWriter } from './payload-store.js';

interface Removal {
  /** Adds to `touched` the traces that lost a score, as their roll-up is due. */
  remove(deletion: Deletion, touched: Touched): Steps<void>;
  trace(id: string): Steps<void>;
}

/** A trace may have 50,000 observations: some are deleted at a time. */
const ROWS_AT_A_TIME = 100;

export function prepareRemoval(database: Database, payloads: PayloadWriter): Removal {
  const someOf = (table: string) =>
    database.prepare(
      `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE trace_id = ? LIMIT ${ROWS_AT_A_TIME})`,
    );
  const [someObservations, someBodies] = [someOf('observations'), someOf('bodies')];
  const emptyTrace = database.prepare(
    'UPDATE traces SET input_payload = NULL, output_payload = NULL WHERE id = ?',
  );
  const rest = [
    'DELETE FROM scores WHERE trace_id = ?',
    ...REMOVE_COMMENTS_SQL,
    // Media of this trace alone.
    `DELETE FROM media WHERE id IN (
       SELECT media_id FROM media_traces AS m WHERE trace_id = ? AND NOT EXISTS (
         SELECT 1 FROM media_traces AS other WHERE other.media_id = m.media_id AND other.trace_id <> m.trace_id
       )
     )`,
    'DELETE FROM media_traces WHERE trace_id = ?',
    'DELETE FROM due_rollups WHERE trace_id = ?',
    'DELETE FROM traces WHERE id = ?',
  ].map((sql) => database.prepare(sql));
  const rowOfTrace = database.prepare('SELECT rowid AS row_id FROM traces WHERE id = ?');
  const removeFromSearch = prepareSearchRemoval(database);
  const traceOfScore = database.prepare('SELECT trace_id FROM scores WHERE id = ?');
  const score = database.prepare('DELETE FROM scores WHERE id = ?');

  /**
   * The trace's row goes last, with the last observations: what is left after a crash is a trace still. Between two steps
   * observations may arrive. They go before the bodies that they are made of.
   */
  function* trace(id: string): Steps<void> {
    const bound = bindable(id);
    const deleteSome = () => {
      if (Number(someObservations.run(bound).changes) === ROWS_AT_A_TIME) return true;
      payloads.forgetTrace(id);
      emptyTrace.run(bound);
      return Number(someBodies.run(bound).changes) === ROWS_AT_A_TIME;
    };
    while (deleteSome()) yield;
    const row = rowOfTrace.get(bound);
    if (row !== undefined) removeFromSearch(Number(row.row_id));
    for (const statement of rest) statement.run(bound);
  }

  function* remove({ traceIds = [], scoreIds = [] }: Deletion, touched: Touched): Steps<void> {
    for (const id of traceIds) {
      yield* trace(id);
      yield;
    }
    for (const id of scoreIds.map(bindable)) {
      const row = traceOfScore.get(id);
      if (row !== undefined && row.trace_id !== null) touch(touched, String(row.trace_id));
      score.run(id);
      yield;
    }
  }

  return { remove, trace };
}
