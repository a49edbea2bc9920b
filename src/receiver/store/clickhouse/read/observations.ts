/** Observations of the public API. */

import type { Condition, ObservationColumn } from '../../contract/conditions.js';
import type { ObservationReader } from '../../contract/lists.js';
import type { ObservationWithTrace, StoredObservation } from '../../contract/rows.js';
import { integer, NOTHING, pairs, raw, type Sql, sql, text, texts, whereAll } from '../connection/sql.js';
import { BY_KEY, chunks, keyOf } from '../write/load.js';
import { READ_COLUMNS } from '../write/observation.js';
import { requireAnswerable } from './answer-size.js';
import { isRootSql, observationConditions } from './columns.js';
import { storedObservation } from './observation-rows.js';
import { countOf, flagOf, textOf, textsOf } from './row-values.js';
import type { Reading } from './trace-rows.js';

const LONG_TEXTS = `length(ifNull(o.input, '')) + length(ifNull(o.output, '')) + length(toString(o.metadata)) + length(o.name)
  + length(ifNull(o.status_message, '')) + length(ifNull(o.model_parameters, ''))`;
const ROWS_AT_A_TIME = 200;
const MAX_IDS = 100_000;

export function observationReader({ connection, tables }: Reading): ObservationReader {
  const from = sql`FROM ${tables.observations} AS o FINAL`;

  /** The rows of a query for keys, in its order. */
  async function read(keys: Sql, root: Sql = NOTHING) {
    const found = await connection.rows(sql`SELECT o.trace_id AS trace_id, o.id AS id ${keys}`);
    const wanted = found.map(({ trace_id, id }) => [String(trace_id), String(id)] as const);
    const rows = new Map<string, StoredObservation & { isRoot: boolean }>();
    for (const some of chunks(wanted)) {
      const list = pairs(some);
      const ofTraces = texts([...new Set(some.map(([traceId]) => traceId))]);
      const where = sql`WHERE o.trace_id IN ${ofTraces} AND (o.trace_id, o.id) IN ${list}`;
      await requireAnswerable(connection, sql`SELECT ${raw(LONG_TEXTS)} AS bytes ${from} ${where}`, BY_KEY);
      const sources = await connection.rows(sql`SELECT ${raw(READ_COLUMNS)}${root} ${from} ${where}`, {
        settings: BY_KEY,
      });
      for (const source of sources) {
        const row = storedObservation(source);
        rows.set(keyOf(row.traceId, row.id), { ...row, isRoot: flagOf(source.is_root) });
      }
    }
    return wanted.flatMap(([traceId, id]) => rows.get(keyOf(traceId, id)) ?? []);
  }

  async function withTraces(rows: readonly (StoredObservation & { isRoot: boolean })[]) {
    const ids = [...new Set(rows.map(({ traceId }) => traceId))];
    const traces = await connection.rows(
      sql`SELECT t.id AS id, t.name AS name, t.user_id AS user_id, t.session_id AS session_id, t.release AS release,
        t.tags AS tags, t.public AS public FROM ${tables.traces} AS t FINAL WHERE t.id IN ${texts(ids)}`,
    );
    const byId = new Map(traces.map((trace) => [String(trace.id), trace]));
    return rows.map((row): ObservationWithTrace => {
      const trace = byId.get(row.traceId);
      return {
        ...row,
        traceName: textOf(trace?.name),
        traceUserId: textOf(trace?.user_id),
        traceSessionId: textOf(trace?.session_id),
        traceRelease: textOf(trace?.release),
        traceTags: textsOf(trace?.tags),
        traceIsPublic: flagOf(trace?.public),
      };
    });
  }

  const where = (conditions: readonly Condition<ObservationColumn>[]) =>
    observationConditions(tables, conditions);

  return {
    async page(asked, { page, limit }) {
      const rest = sql`${from}${whereAll(where(asked))}`;
      const [rows, [count]] = await Promise.all([
        read(
          sql`${rest} ORDER BY o.start_time DESC, o.id, o.trace_id LIMIT ${integer(limit)} OFFSET ${integer((page - 1) * limit)}`,
        ),
        connection.rows(sql`SELECT count() AS count ${rest}`),
      ]);
      return { rows, totalItems: countOf(count?.count) };
    },
    async next(asked, after, limit) {
      const conditions = where(asked);
      if (after !== null) {
        const at = sql`fromUnixTimestamp64Micro(${integer(after.us)}, 'UTC')`;
        conditions.push(
          sql`o.start_time <= ${at} AND (o.start_time, o.trace_id, o.id) < (${at}, ${text(after.traceId)}, ${text(after.id)})`,
        );
      }
      const keys = sql`${from}${whereAll(conditions)} ORDER BY o.start_time DESC, o.trace_id DESC, o.id DESC LIMIT ${integer(limit)}`;
      return withTraces(await read(keys, sql`, ${isRootSql(tables)} AS is_root`));
    },
    async find(id) {
      const [row] = await connection.rows(
        sql`SELECT ${raw(READ_COLUMNS)} ${from} WHERE o.id = ${text(id)} ORDER BY o.created_at LIMIT 1`,
        { settings: BY_KEY },
      );
      return row && storedObservation(row);
    },
    async findOfTrace(traceId, id) {
      const [row] = await connection.rows(
        sql`SELECT ${raw(READ_COLUMNS)} ${from} WHERE o.trace_id = ${text(traceId)} AND o.id = ${text(id)} LIMIT 1`,
        { settings: BY_KEY },
      );
      return row && storedObservation(row);
    },
    async has(traceId, id) {
      const rows = await connection.rows(
        sql`SELECT 1 AS one ${from} WHERE o.trace_id = ${text(traceId)} AND o.id = ${text(id)} LIMIT 1`,
        { settings: BY_KEY },
      );
      return rows.length > 0;
    },
    async *ofTrace(traceId) {
      const bound = text(traceId);
      const ofTrace = sql`${from} WHERE o.trace_id = ${bound}`;
      await requireAnswerable(connection, sql`SELECT ${raw(LONG_TEXTS)} AS bytes ${ofTrace}`, BY_KEY);
      const keys = await connection.rows(
        sql`SELECT o.id AS id ${ofTrace} ORDER BY o.start_time, o.created_at, o.event_ts LIMIT ${integer(MAX_IDS)}`,
        { settings: BY_KEY },
      );
      const ids = keys.map(({ id }) => String(id));
      for (let at = 0; at < ids.length; at += ROWS_AT_A_TIME) {
        const some = ids.slice(at, at + ROWS_AT_A_TIME);
        const rows = await connection.rows(
          sql`SELECT ${raw(READ_COLUMNS)} ${ofTrace} AND o.id IN ${texts(some)}`,
          { settings: BY_KEY },
        );
        const byId = new Map(rows.map((row) => [String(row.id), storedObservation(row)]));
        yield some.flatMap((id) => byId.get(id) ?? []);
      }
    },
    async idsOfTraces(traceIds) {
      const found = new Map<string, string[]>(traceIds.map((id) => [id, []]));
      for (const some of chunks(traceIds)) {
        const rows = await connection.rows(
          sql`SELECT o.trace_id AS trace_id, groupArray(o.id) AS ids ${from} WHERE o.trace_id IN ${texts(some)} GROUP BY o.trace_id`,
          { settings: BY_KEY },
        );
        for (const { trace_id, ids } of rows) found.set(String(trace_id), textsOf(ids));
      }
      return found;
    },
  };
}
