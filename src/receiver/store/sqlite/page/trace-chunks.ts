/**
 * The ids of the traces that pass a filter, from the newest on, in chunks: a reader of all traces can let others run in between,
 * or stop after some time. A chunk is a number of traces that are looked at, so a filter that few pass takes no longer turn.
 */

import type { Micros } from '../../../../ingest/rows.js';
import type { Database, SqlValue } from '../sqlite.js';

const CHUNK_TRACES = 500;

/** Conditions in SQL on `t`, the trace, and `r`, its root observation, with the tables that they are about. */
export interface TraceFilter {
  from: string;
  conditions: readonly string[];
  values: readonly SqlValue[];
}

interface TimeRange {
  fromUs: Micros | null;
  /** Exclusive. */
  toUs: Micros | null;
}

export interface FoundTrace {
  id: string;
  /** Reads of the table of traces are twice as fast by it as by the id. */
  rowId: number;
  startUs: Micros;
  observations: number;
}

/** Each chunk is in the order of the starts, the newest first; one may be empty. */
export function* traceChunks(
  database: Database,
  { from, conditions, values }: TraceFilter,
  { fromUs, toUs }: TimeRange,
): Generator<FoundTrace[], void, void> {
  // The index of times ends with the number of the row, so places in it are pairs.
  const lastOfChunk = database.prepare(
    `SELECT timestamp_us, rowid AS row_id FROM traces WHERE (timestamp_us, rowid) < (?, ?)
     ORDER BY timestamp_us DESC, rowid DESC LIMIT 1 OFFSET ${CHUNK_TRACES - 1}`,
  );
  const where = ['(t.timestamp_us, t.rowid) < (?, ?)', '(t.timestamp_us, t.rowid) >= (?, ?)', ...conditions];
  const tracesOfChunk = database.prepare(
    `SELECT t.id, t.rowid AS row_id, t.timestamp_us, t.observation_count FROM ${from} WHERE ${where.join(' AND ')}
     ORDER BY t.timestamp_us DESC, t.rowid DESC`,
  );
  const lowest: [Micros, number] = [fromUs ?? -Number.MAX_VALUE, 0];
  let upper: [Micros, number] = [toUs ?? Number.MAX_VALUE, 0];
  for (;;) {
    const last = lastOfChunk.get(...upper);
    const edge: [Micros, number] | undefined = last && [Number(last.timestamp_us), Number(last.row_id)];
    const isLast = edge === undefined || edge[0] < lowest[0];
    const lower = isLast ? lowest : edge;
    yield tracesOfChunk.all(...upper, ...lower, ...values).map((row) => ({
      id: String(row.id),
      rowId: Number(row.row_id),
      startUs: Number(row.timestamp_us),
      observations: Number(row.observation_count),
    }));
    if (isLast) return;
    upper = lower;
  }
}

/** When the first and the last trace begin; null: there are none. */
export function timesOfTraces(database: Database): { firstUs: Micros; lastUs: Micros } | null {
  const row = database
    .prepare('SELECT min(timestamp_us) AS first, max(timestamp_us) AS last FROM traces')
    .get();
  return row?.first == null ? null : { firstUs: Number(row.first), lastUs: Number(row.last) };
}
