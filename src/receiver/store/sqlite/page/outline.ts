/** Reads the observations of a trace as light rows, in slices. */

import type { Steps } from '../../../slices.js';
import type { OutlineRow } from '../../contract/page.js';
import { bindable, type Database } from '../sqlite.js';

const CHUNK_ROWS = 500;
const MAX_STATUS_CHARS = 300;

/** Not the payloads: SQLite would read them. */
const READ_COLUMNS = `rowid, id, parent_id, type, level, start_us, end_us, created_us, total_tokens, estimated_tokens,
  total_cost, estimated_cost, has_estimated_tokens, has_estimated_cost, name, model, status_message`;

/** The number of the row, and the columns in the order of `OutlineRow`. */
const LIGHT_COLUMNS = `o.rowid, o.id, o.parent_id, o.type, o.level, o.start_us, o.end_us, o.created_us,
  coalesce(o.total_tokens, o.estimated_tokens), coalesce(o.total_cost, o.estimated_cost),
  coalesce(o.has_estimated_tokens, 0) + 2 * coalesce(o.has_estimated_cost, 0), o.name, o.model,
  substr(o.status_message, 1, ${MAX_STATUS_CHARS})`;
type NumberedRow = [rowId: number, ...OutlineRow];

/** SQLite makes JSON of the rows: an object for each takes twice the time (190 ms against 90 for 50,000, measured). */
const LIGHT_SQL = `SELECT json_group_array(json_array(${LIGHT_COLUMNS})) AS rows
  FROM (SELECT ${READ_COLUMNS} FROM observations WHERE rowid IN (SELECT value FROM json_each(?))) AS o`;

/** The index alone has them. */
const ROW_IDS_SQL = `SELECT json_group_array(rowid) AS rows FROM (SELECT rowid FROM observations WHERE trace_id = ? LIMIT ?)`;

/** Read in the order of the file, and in chunks, so that other requests get their turn. */
export function* outlineSteps(database: Database, traceId: string, limit: number): Steps<OutlineRow[]> {
  const found = database.prepare(ROW_IDS_SQL).get(bindable(traceId), limit)?.rows;
  const rowIds = (JSON.parse(String(found)) as number[]).sort((a, b) => a - b);
  const chunk = database.prepare(LIGHT_SQL);
  const rows: NumberedRow[] = [];
  for (let start = 0; start < rowIds.length; start += CHUNK_ROWS) {
    const json = chunk.get(JSON.stringify(rowIds.slice(start, start + CHUNK_ROWS)))?.rows;
    rows.push(...(JSON.parse(String(json)) as NumberedRow[]));
    yield;
  }
  rows.sort((a, b) => startOf(a) - startOf(b) || a[0] - b[0]);
  yield;
  return rows.map(([, ...row]) => row);
}

function startOf([, , , , , startUs, endUs, createdUs]: NumberedRow): number {
  return startUs ?? endUs ?? createdUs;
}
