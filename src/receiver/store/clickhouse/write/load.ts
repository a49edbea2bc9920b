/** Reads the rows that a batch merges into. */

import type { Connection } from '../connection/connection.js';
import { pairs, raw, sql, texts } from '../connection/sql.js';
import { countOf } from '../read/row-values.js';
import { microsSql, type Tables } from '../tables.js';
import {
  READ_COLUMNS as OBSERVATION_COLUMNS,
  observationOfRow,
  type WrittenObservation,
} from './observation.js';
import { READ_COLUMNS as TRACE_COLUMNS, traceOfRow, type WrittenTrace } from './trace.js';

/** Values of one query. The server takes parameters of up to 128 KiB. */
const KEYS_AT_A_TIME = 1000;
const MAX_CHARS = 32 * 1024;
/** Trace and id are in the key, so all versions of a row have the same: an index may look before they are merged. */
export const BY_KEY = { use_skip_indexes_if_final: '1' };

export const keyOf = (traceId: string, id: string) => `${traceId}\u0000${id}`;

export async function loadObservations(
  connection: Connection,
  tables: Tables,
  keys: readonly (readonly [traceId: string, id: string])[],
): Promise<Map<string, WrittenObservation>> {
  const found = new Map<string, WrittenObservation>();
  for (const some of chunks(keys)) {
    const rows = await connection.rows(
      sql`SELECT ${raw(OBSERVATION_COLUMNS)} FROM ${tables.observations} AS o FINAL
        WHERE o.trace_id IN ${texts([...new Set(some.map(([traceId]) => traceId))])} AND (o.trace_id, o.id) IN ${pairs(some)}`,
      { settings: BY_KEY },
    );
    for (const row of rows) {
      const observation = observationOfRow(row);
      found.set(keyOf(observation.row.traceId, observation.row.id), observation);
    }
  }
  return found;
}

export async function loadTraces(
  connection: Connection,
  tables: Tables,
  ids: readonly string[],
): Promise<Map<string, WrittenTrace>> {
  const found = new Map<string, WrittenTrace>();
  for (const some of chunks(ids)) {
    const rows = await connection.rows(
      sql`SELECT ${raw(TRACE_COLUMNS)} FROM ${tables.traces} AS t FINAL WHERE t.id IN ${texts(some)}`,
    );
    for (const row of rows) found.set(String(row.id), traceOfRow(row));
  }
  return found;
}

/** Id of an observation → its trace. */
export async function tracesOfObservations(
  connection: Connection,
  tables: Tables,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const some of chunks(ids)) {
    const rows = await connection.rows(
      sql`SELECT o.id AS id, argMin(o.trace_id, o.created_at) AS trace_id FROM ${tables.observations} AS o FINAL
        WHERE o.id IN ${texts(some)} GROUP BY o.id`,
      { settings: BY_KEY },
    );
    for (const { id, trace_id } of rows) found.set(String(id), String(trace_id));
  }
  return found;
}

export interface StoredTimes {
  createdUs: number;
  versionUs: number;
}

/** Of scores and complaints: when the rows with these ids were created and written. */
export async function loadTimes(
  connection: Connection,
  table: Tables['scores'],
  created: 'created_at' | 'at',
  ids: readonly string[],
): Promise<Map<string, StoredTimes>> {
  const found = new Map<string, StoredTimes>();
  for (const some of chunks(ids)) {
    const rows = await connection.rows(
      sql`SELECT s.id AS id, ${raw(microsSql(`s.${created}`))} AS created_us, ${raw(microsSql('s.event_ts'))} AS version_us
        FROM ${table} AS s FINAL WHERE s.id IN ${texts(some)}`,
    );
    for (const row of rows) {
      found.set(String(row.id), { createdUs: countOf(row.created_us), versionUs: countOf(row.version_us) });
    }
  }
  return found;
}

export function chunks<T extends string | readonly string[]>(items: readonly T[]): T[][] {
  const some: T[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const item of items) {
    if (chars > MAX_CHARS || (some.at(-1)?.length ?? 0) >= KEYS_AT_A_TIME) {
      some.push([]);
      chars = 0;
    }
    some.at(-1)?.push(item);
    chars += typeof item === 'string' ? item.length : item.join().length;
  }
  return some;
}
