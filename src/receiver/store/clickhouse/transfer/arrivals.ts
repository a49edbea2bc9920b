/** What has arrived since, for `tailrace tail`: by the times at which rows were created. */

import type { ArrivalReader, ObservationArrival, TraceArrival } from '../../contract/transfer.js';
import type { Row } from '../connection/connection.js';
import { integer, pairs, raw, sql, texts } from '../connection/sql.js';
import { endsColumns, endsOf } from '../lists/listed.js';
import { countOf, nameOf, numberOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql, nullableMicrosSql, totalSql } from '../tables.js';
import { BY_KEY, keyOf } from '../write/load.js';

const MAX_ARRIVALS = 500;
const MAX_STATUS_CHARS = 300;

const COLUMNS = `o.id AS id, o.trace_id AS trace_id, o.parent_id AS parent_id, o.type AS type, o.name AS name, o.level AS level,
  ${microsSql('o.start_time')} AS start_us, ${nullableMicrosSql('o.end_time')} AS end_us, ${totalSql('usage')} AS tokens,
  ${totalSql('cost')} AS cost, o.model AS model, substringUTF8(o.status_message, 1, ${MAX_STATUS_CHARS}) AS status,
  ${microsSql('o.created_at')} AS arrived${endsColumns('o.output', 'output')}`;

export function arrivalReader({ connection, tables }: Reading): ArrivalReader {
  const observations = sql`FROM ${tables.observations} AS o FINAL`;
  const since = (alias: string, us: number) =>
    sql`${raw(`${alias}.created_at`)} > fromUnixTimestamp64Micro(${integer(us)}, 'UTC')`;

  return {
    async position() {
      const last = async (table: typeof tables.traces) => {
        const [row] = await connection.rows(
          sql`SELECT max(${raw(microsSql('x.created_at'))}) AS last, count() AS count FROM ${table} AS x`,
        );
        return countOf(row?.count) === 0 ? 0 : countOf(row?.last);
      };
      const [trace, observation] = await Promise.all([last(tables.traces), last(tables.observations)]);
      return { trace, observation };
    },
    async after(position) {
      const [traces, found] = await Promise.all([
        connection.rows(
          sql`SELECT t.id AS id, t.name AS name, ${raw(microsSql('t.timestamp'))} AS start_us, t.user_id AS user_id, t.session_id AS session_id,
            ${raw(microsSql('t.created_at'))} AS arrived FROM ${tables.traces} AS t FINAL WHERE ${since('t', position.trace)}
            ORDER BY t.created_at, t.id LIMIT ${integer(MAX_ARRIVALS)}`,
        ),
        connection.rows(
          sql`SELECT ${raw(COLUMNS)} ${observations} WHERE ${since('o', position.observation)} ORDER BY o.created_at, o.event_ts LIMIT ${integer(MAX_ARRIVALS)}`,
        ),
      ]);
      const errors = await connection.rows(
        sql`SELECT o.trace_id AS trace_id, countIf(o.level = 'ERROR') AS errors ${observations}
          WHERE o.trace_id IN ${texts(traces.map(({ id }) => String(id)))} GROUP BY trace_id`,
        { settings: BY_KEY },
      );
      const errorsOf = new Map(
        errors.map(({ trace_id, errors: count }) => [String(trace_id), countOf(count)]),
      );
      return {
        traces: traces.map(
          (row): TraceArrival => ({
            id: String(row.id),
            name: textOf(row.name),
            startUs: countOf(row.start_us),
            userId: textOf(row.user_id),
            sessionId: textOf(row.session_id),
            errorCount: errorsOf.get(String(row.id)) ?? 0,
          }),
        ),
        observations: found.map(arrival),
        next: {
          trace: Math.max(position.trace, countOf(traces.at(-1)?.arrived)),
          observation: Math.max(position.observation, countOf(found.at(-1)?.arrived)),
        },
        isMore: traces.length === MAX_ARRIVALS || found.length === MAX_ARRIVALS,
      };
    },
    async observations(ids) {
      if (ids.length === 0) return [];
      const rows = await connection.rows(
        sql`SELECT ${raw(COLUMNS)} ${observations} WHERE o.trace_id IN ${texts(ids.map(([traceId]) => traceId))} AND (o.trace_id, o.id) IN ${pairs(ids)}`,
        { settings: BY_KEY },
      );
      const byKey = new Map<string, Row>(
        rows.map((row) => [keyOf(String(row.trace_id), String(row.id)), row]),
      );
      return ids.flatMap(([traceId, id]) => {
        const row = byKey.get(keyOf(traceId, id));
        return row === undefined ? [] : [arrival(row)];
      });
    },
  };
}

function arrival(row: Row): ObservationArrival {
  return {
    id: String(row.id),
    traceId: String(row.trace_id),
    parentId: textOf(row.parent_id),
    type: String(row.type),
    name: nameOf(row.name),
    level: String(row.level),
    startUs: countOf(row.start_us),
    endUs: numberOf(row.end_us),
    tokens: numberOf(row.tokens),
    cost: numberOf(row.cost),
    model: textOf(row.model),
    status: textOf(row.status),
    output: endsOf(row, 'output'),
  };
}
