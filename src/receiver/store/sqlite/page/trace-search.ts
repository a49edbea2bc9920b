/** Finds the observations of one trace that have a text in their input, output or metadata. */

import type { Steps } from '../../../slices.js';
import { OBSERVATION_TEXTS } from '../payload-sql.js';
import { bindable, type Database } from '../sqlite.js';

/** An input of a late turn has some hundred kilobytes. */
const ROWS_AT_A_TIME = 10;

/** Adds to `found`, so that what was found stays if the steps are not run to their end. `pattern`: one of LIKE. */
export function* findInPayloads(
  database: Database,
  traceId: string,
  pattern: string,
  found: string[],
): Steps<void> {
  const matches = ['input', 'output', 'metadata']
    .map((column) => `${column} LIKE ? ESCAPE '\\'`)
    .join(' OR ');
  const some = database.prepare(
    `SELECT id, (${matches}) AS has_text FROM ${OBSERVATION_TEXTS} WHERE trace_id = ? AND id > ?
     ORDER BY id LIMIT ${ROWS_AT_A_TIME}`,
  );
  const patterns = Array.from({ length: 3 }, () => bindable(pattern));
  let last = '';
  for (;;) {
    const rows = some.all(...patterns, bindable(traceId), last);
    for (const { id, has_text } of rows) if (has_text === 1) found.push(String(id));
    if (rows.length < ROWS_AT_A_TIME) return;
    last = String(rows.at(-1)?.id);
    yield;
  }
}
