/** Deletes by newer rows that say so, which needs no right but to insert, and no rewriting of parts. */

import type { Deletion } from '../../contract.js';
import type { Connection } from '../connection/connection.js';
import { raw, type Sql, sql, text, texts } from '../connection/sql.js';
import type { Tables } from '../tables.js';
import { timeText, type Versions } from '../times.js';
import { BY_KEY, chunks } from './load.js';

/** The key of each table, which a row that deletes must repeat. */
const KEYS: Record<keyof Tables, string> = {
  observations: 'trace_id, id, start_time',
  traces: 'id, timestamp',
  scores: 'id, timestamp',
  comments: 'id',
  complaints: 'id',
  media: 'id',
  media_traces: 'trace_id, media_id',
};

interface RemovalParts {
  readonly connection: Connection;
  readonly tables: Tables;
  readonly versions: Versions;
}

/** The trace's own row goes last: what is left after a failure is a trace still. */
export async function remove(parts: RemovalParts, { traceIds = [], scoreIds = [] }: Deletion): Promise<void> {
  for (const some of chunks(traceIds)) {
    const ids = texts(some);
    const ofTraces = sql`trace_id IN ${ids}`;
    await removeSessionComments(parts, some);
    for (const name of ['observations', 'scores', 'comments', 'complaints'] as const) {
      await removeWhere(parts, name, ofTraces);
    }
    // Media of these traces alone.
    const { media_traces } = parts.tables;
    const media = sql`SELECT media_id FROM ${media_traces} FINAL WHERE trace_id`;
    await removeWhere(parts, 'media', sql`id IN (${media} IN ${ids}) AND id NOT IN (${media} NOT IN ${ids})`);
    await removeWhere(parts, 'media_traces', ofTraces);
    await removeWhere(parts, 'traces', sql`id IN ${ids}`);
  }
  for (const some of chunks(scoreIds)) await removeWhere(parts, 'scores', sql`id IN ${texts(some)}`);
}

/** Those of sessions that have no other trace. */
async function removeSessionComments(parts: RemovalParts, traceIds: readonly string[]): Promise<void> {
  const { traces } = parts.tables;
  const ids = texts(traceIds);
  const gone = sql`SELECT ifNull(session_id, '') FROM ${traces} FINAL WHERE id IN ${ids}`;
  const left = sql`SELECT ifNull(session_id, '') FROM ${traces} FINAL WHERE id NOT IN ${ids}`;
  await removeWhere(
    parts,
    'comments',
    sql`object_type = 'SESSION' AND object_id IN (${gone}) AND object_id NOT IN (${left} AND session_id IN (${gone}))`,
  );
}

export async function removeWhere(
  { connection, tables, versions }: RemovalParts,
  name: keyof Tables,
  condition: Sql,
): Promise<void> {
  const table = tables[name];
  const key = raw(KEYS[name]);
  const version = sql`greatest(toDateTime64(${text(timeText(versions.next()))}, 6, 'UTC'), event_ts + toIntervalMicrosecond(1))`;
  await connection.run(
    sql`INSERT INTO ${table} (${key}, event_ts, is_deleted) SELECT ${key}, ${version}, 1 FROM ${table} FINAL WHERE ${condition}`,
    name === 'observations' ? BY_KEY : {},
  );
}

/** All that is stored by now. */
export async function removeAll(parts: RemovalParts): Promise<void> {
  for (const name of Object.keys(KEYS) as (keyof Tables)[]) await removeWhere(parts, name, raw('1'));
}
