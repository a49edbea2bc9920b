/** Reads observations for the public API. */

import { inSlices, nextTurn, SLICE_MS, type Steps } from '../../../slices.js';
import type { ObservationReader } from '../../contract/lists.js';
import type { StoredObservation } from '../../contract/rows.js';
import { IS_ROOT_OBSERVATION } from '../derived-sql.js';
import { OBSERVATION_TEXTS } from '../payload-sql.js';
import { bindable, type Database } from '../sqlite.js';
import { boundRows, nextRows, PAYLOADS, pageOfRows, requireBound } from './bounded-rows.js';
import { OBSERVATION_COLUMN_SQL } from './column-sql.js';
import { addCondition, whereOf } from './conditions.js';
import { observationWithTrace, storedObservation } from './stored-rows.js';

/** `o`: the observation, `t`: its trace, `r`: the root observation of its trace. */
const WITH_TRACE = `${OBSERVATION_TEXTS} AS o JOIN traces AS t ON t.id = o.trace_id
  LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id`;
const COLUMNS_WITH_TRACE = `o.*, ${IS_ROOT_OBSERVATION} AS is_root, coalesce(t.name, r.name) AS trace_name,
  t.user_id AS trace_user_id, t.session_id AS trace_session_id, t.release AS trace_release, t.tags AS trace_tags,
  t.public AS trace_public`;
const LONG_TEXTS = [...PAYLOADS, 'name', 'status_message', 'model', 'model_parameters'].map(
  (column) => `o.${column}`,
);
/**
 * Orders observations with the same start. One term: with two, SQLite does not use the index of times and sorts all
 * observations (40 ms instead of 0.5 ms for 100,000).
 */
const KEY = 'o.trace_id || char(1) || o.id';
const CHUNK_ROWS = 200;

export function observationReader(database: Database): ObservationReader {
  return {
    async page(conditions, paging) {
      const where = whereOf(conditions, OBSERVATION_COLUMN_SQL);
      const order = 'o.start_us DESC, o.id';
      const selection = { columns: 'o.*', from: WITH_TRACE, where, order, longTexts: LONG_TEXTS };
      return pageOfRows(database, selection, paging, storedObservation);
    },
    async next(conditions, after, limit) {
      const where = whereOf(conditions, OBSERVATION_COLUMN_SQL);
      if (after !== null) {
        const beyond = `(coalesce(o.start_us, 0), ${KEY}) < (?, ? || char(1) || ?)`;
        addCondition(where, beyond, after.us, after.traceId, after.id);
      }
      const order = `o.start_us DESC, ${KEY} DESC`;
      const selection = {
        ...{ columns: COLUMNS_WITH_TRACE, from: WITH_TRACE, where, order },
        longTexts: LONG_TEXTS,
      };
      return nextRows(database, selection, limit).map(observationWithTrace);
    },
    async find(id) {
      const row = database.prepare(`SELECT * FROM ${OBSERVATION_TEXTS} WHERE id = ?`).get(bindable(id));
      return row && storedObservation(row);
    },
    async findOfTrace(traceId, id) {
      const row = database
        .prepare(`SELECT * FROM ${OBSERVATION_TEXTS} WHERE trace_id = ? AND id = ?`)
        .get(bindable(traceId), bindable(id));
      return row && storedObservation(row);
    },
    async has(traceId, id) {
      const find = database.prepare('SELECT 1 FROM observations WHERE trace_id = ? AND id = ?');
      return find.get(bindable(traceId), bindable(id)) !== undefined;
    },
    ofTrace: (traceId) => ofTrace(database, traceId),
    idsOfTraces: (traceIds) => inSlices(idsOfTraces(database, traceIds)),
  };
}

/** Read in chunks and in turns: reading 100,000 at once takes half a second. */
async function* ofTrace(
  database: Database,
  traceId: string,
): AsyncGenerator<StoredObservation[], void, undefined> {
  const ofOne = `FROM ${OBSERVATION_TEXTS} AS o WHERE o.trace_id = ?`;
  requireBound(database, ofOne, LONG_TEXTS, [bindable(traceId)]);
  const sql = 'SELECT rowid FROM observations WHERE trace_id = ? ORDER BY start_us, rowid';
  const rowIds = database
    .prepare(sql)
    .all(bindable(traceId))
    .map(({ rowid }) => Number(rowid));
  // Ordered as in the list.
  // A CROSS JOIN keeps the order of the tables: otherwise each item of the list would be compared with all observations.
  const rest = `FROM json_each(?) AS wanted CROSS JOIN ${OBSERVATION_TEXTS} AS o WHERE o.rowid = wanted.value ORDER BY wanted.key`;
  let endsAtMs = performance.now() + SLICE_MS;
  for (let start = 0; start < rowIds.length; start += CHUNK_ROWS) {
    const chunk = JSON.stringify(rowIds.slice(start, start + CHUNK_ROWS));
    yield boundRows(database, 'o.*', rest, LONG_TEXTS, [chunk]).map(storedObservation);
    if (performance.now() < endsAtMs) continue;
    await nextTurn();
    endsAtMs = performance.now() + SLICE_MS;
  }
}

function* idsOfTraces(database: Database, traceIds: readonly string[]): Steps<Map<string, string[]>> {
  const find = database.prepare('SELECT id FROM observations WHERE trace_id = ?');
  const found = new Map<string, string[]>();
  for (const traceId of traceIds) {
    found.set(
      traceId,
      find.all(bindable(traceId)).map(({ id }) => String(id)),
    );
    yield;
  }
  return found;
}
