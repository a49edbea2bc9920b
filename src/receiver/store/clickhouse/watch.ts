/**
 * Changes that others write: exporters, and other servers on the same tables. The count of rows tells that something has come, at almost no
 * cost; then the newest rows are asked for their traces.
 */

import type { Micros } from '../../../ingest/rows.js';
import { integer, raw, type Sql, sql } from './connection/sql.js';
import { countOf } from './read/row-values.js';
import type { Reading } from './read/trace-rows.js';
import { microsSql } from './tables.js';

const POLL_MS = 1_000;
/** More traces than the stream of changes names. */
const MAX_IDS = 50;
const MAX_ROWS = 500;
/** Rows arrive later than they were written: clients collect them. */
const LATE_US = 60_000_000;

export interface Watch {
  /** This server has written rows of these traces: its pages know. */
  wrote(traceIds: readonly string[], versionUs: Micros): void;
  close(): void;
}

/** `onChange` gets the traces; an empty list: more has changed than can be told. */
export function watchChanges(
  { connection, tables }: Reading,
  onChange: (traceIds: readonly string[]) => void,
): Watch {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let known: number | undefined;
  let newestUs = 0;
  /** Of rows that may be seen again: their traces with the times of writing. */
  const told = new Map<string, Micros>();

  async function poll(): Promise<void> {
    const count = (name: 'observations' | 'traces' | 'scores' | 'comments') =>
      sql`(SELECT count() FROM ${tables[name]})`;
    const [row] = await connection.rows(
      sql`SELECT ${count('observations')} + ${count('traces')} + ${count('scores')} + ${count('comments')} AS rows`,
    );
    const rows = countOf(row?.rows);
    const before = known;
    known = rows;
    if (before === undefined) newestUs = await newestWrite();
    // Fewer: the engine has merged parts.
    else if (rows > before) tell(await writtenLately());
  }

  async function newestWrite(): Promise<Micros> {
    const last = (table: Sql) => sql`(SELECT max(${raw(microsSql('event_ts'))}) FROM ${table})`;
    const [row] = await connection.rows(
      sql`SELECT greatest(${last(tables.observations)}, ${last(tables.traces)}) AS newest`,
    );
    return countOf(row?.newest);
  }

  /** Traces with the times of their newest rows. */
  async function writtenLately(): Promise<{ id: string; at: Micros }[]> {
    const since = sql`fromUnixTimestamp64Micro(${integer(Math.max(0, newestUs - LATE_US))}, 'UTC')`;
    const of = (id: string, table: Sql) =>
      sql`SELECT ${raw(id)} AS id, ${raw(microsSql('event_ts'))} AS at FROM ${table} WHERE event_ts > ${since} AND ${raw(id)} IS NOT NULL`;
    const rows = await connection.rows(
      sql`SELECT id, max(at) AS at FROM (${of('trace_id', tables.observations)} UNION ALL ${of('id', tables.traces)}
        UNION ALL ${of('trace_id', tables.scores)} UNION ALL ${of('trace_id', tables.comments)})
        GROUP BY id ORDER BY at DESC LIMIT ${integer(MAX_ROWS)}`,
    );
    return rows.map((row) => ({ id: String(row.id), at: countOf(row.at) }));
  }

  function tell(written: readonly { id: string; at: Micros }[]): void {
    const fresh = written.filter(({ id, at }) => (told.get(id) ?? 0) < at);
    for (const { id, at } of written) {
      told.set(id, at);
      newestUs = Math.max(newestUs, at);
    }
    for (const [id, at] of told) if (at < newestUs - LATE_US) told.delete(id);
    if (fresh.length > MAX_IDS) onChange([]);
    else if (fresh.length > 0) onChange(fresh.map(({ id }) => id));
    // Rows have come that were written long ago, as from a disk.
    else if (written.length === 0) onChange([]);
  }

  function next(): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      // A server that is away is reported by the requests that need it.
      poll().then(next, next);
    }, POLL_MS).unref();
  }

  poll().then(next, next);
  return {
    wrote(traceIds, versionUs) {
      for (const id of traceIds) told.set(id, versionUs);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
