/** Reads failed observations, newest first, by ranges of rows: there is no index of levels, and each range is short. */

import type { FailedObservation } from '../../contract/summaries.js';
import type { Database, SqlRow } from '../sqlite.js';

export interface FailureReader {
  /** Row numbers of the first and the last observation; 0: there is none. */
  bounds(): { first: number; last: number };
  /** Those with row numbers above `after`, up to `last`. */
  between(after: number, last: number): FailedObservation[];
}

const MAX_MESSAGE_CHARS = 2_000;

export function prepareFailures(database: Database, withWarnings: boolean): FailureReader {
  const levels = withWarnings ? `('ERROR', 'WARNING')` : `('ERROR')`;
  const bounds = database.prepare('SELECT min(rowid) AS first, max(rowid) AS last FROM observations');
  const rows = database.prepare(
    `SELECT id, trace_id, type, name, model, substr(status_message, 1, ${MAX_MESSAGE_CHARS}) AS message,
       coalesce(start_us, end_us, created_us) AS start_us
     FROM observations WHERE rowid > ? AND rowid <= ? AND level IN ${levels} ORDER BY rowid DESC`,
  );
  return {
    bounds() {
      const row = bounds.get();
      return { first: Number(row?.first ?? 0), last: Number(row?.last ?? 0) };
    },
    between: (after, last) => rows.all(after, last).map(failure),
  };
}

function failure(row: SqlRow): FailedObservation {
  const text = (name: string) => (row[name] === null ? null : String(row[name]));
  return {
    id: String(row.id),
    traceId: String(row.trace_id),
    type: String(row.type),
    name: text('name'),
    model: text('model'),
    message: text('message'),
    startUs: Number(row.start_us),
  };
}
