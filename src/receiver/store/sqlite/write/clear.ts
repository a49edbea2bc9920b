/** Empties the store, in slices: what arrives meanwhile stays. */

import type { Steps } from '../../../slices.js';
import type { Database } from '../sqlite.js';

const ROWS_AT_A_TIME = 200;

/** What belongs to no trace, and what it is known by. Media go with their traces, but not those of none. */
const STRAYS = [
  {
    table: 'scores',
    isStray: 'trace_id IS NULL OR NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = scores.trace_id)',
  },
  {
    table: 'media_traces',
    key: 'trace_id, media_id',
    isStray: 'NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = media_traces.trace_id)',
  },
  {
    table: 'media',
    isStray: 'NOT EXISTS (SELECT 1 FROM media_traces AS m WHERE m.media_id = media.id)',
  },
];

export interface ClearParts {
  removeTrace(id: string): Steps<void>;
  clearComplaints(): void;
  clearSearch(): void;
}

/** The counter of evicted traces begins anew: it counts what the reader has not deleted. */
export function* clearStore(
  database: Database,
  { removeTrace, clearComplaints, clearSearch }: ClearParts,
): Steps<void> {
  const last = Number(database.prepare('SELECT max(rowid) AS last FROM traces').get()?.last ?? 0);
  const some = database.prepare(
    `SELECT id FROM traces WHERE rowid <= ? ORDER BY rowid LIMIT ${ROWS_AT_A_TIME}`,
  );
  for (let rows = some.all(last); rows.length > 0; rows = some.all(last)) {
    for (const { id } of rows) {
      yield* removeTrace(String(id));
      yield;
    }
  }
  for (const { table, key = 'rowid', isStray } of STRAYS) {
    const removeSome = database.prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${isStray} LIMIT ${ROWS_AT_A_TIME})`,
    );
    while (Number(removeSome.run().changes) === ROWS_AT_A_TIME) yield;
    yield;
  }
  clearComplaints();
  // Words of deleted traces would stay for a while.
  clearSearch();
  database.exec('UPDATE evicted SET traces = 0');
}
