/** Reads what has arrived since: new traces and new observations. Rows are numbered in the order of their arrival. */

import type { ArrivalReader, ObservationArrival, TraceArrival } from '../../contract/transfer.js';
import { payloadEnds, previewColumns } from '../page/payload-cuts.js';
import { OBSERVATION_TEXTS } from '../payload-sql.js';
import { bindable, type Database, type SqlRow } from '../sqlite.js';
import { numberOf, textOf } from './stored-rows.js';

const MAX_ARRIVALS = 500;
const MAX_STATUS_CHARS = 300;

const OBSERVATION_COLUMNS = `o.rowid AS row_id, o.id, o.trace_id, o.parent_id, o.type, o.name,
  coalesce(o.level, 'DEFAULT') AS level, coalesce(o.start_us, o.end_us, o.created_us) AS start_us, o.end_us, o.model,
  coalesce(o.total_tokens, o.estimated_tokens) AS tokens, coalesce(o.total_cost, o.estimated_cost) AS cost,
  substr(o.status_message, 1, ${MAX_STATUS_CHARS}) AS status, ${previewColumns('o.output', 'output')}`;

export function arrivalReader(database: Database): ArrivalReader {
  const last = (table: string) =>
    Number(database.prepare(`SELECT max(rowid) AS last FROM ${table}`).get()?.last ?? 0);
  return {
    async position() {
      return { trace: last('traces'), observation: last('observations') };
    },
    async after(position) {
      const traces = tracesAfter(database, position.trace);
      const observations = database
        .prepare(
          `SELECT ${OBSERVATION_COLUMNS} FROM ${OBSERVATION_TEXTS} AS o WHERE o.rowid > ? ORDER BY o.rowid LIMIT ${MAX_ARRIVALS}`,
        )
        .all(position.observation);
      return {
        traces: traces.map(traceArrival),
        observations: observations.map(observationArrival),
        next: {
          trace: Number(traces.at(-1)?.row_id ?? position.trace),
          observation: Number(observations.at(-1)?.row_id ?? position.observation),
        },
        isMore: traces.length === MAX_ARRIVALS || observations.length === MAX_ARRIVALS,
      };
    },
    async observations(ids) {
      const find = database.prepare(
        `SELECT ${OBSERVATION_COLUMNS} FROM ${OBSERVATION_TEXTS} AS o WHERE o.trace_id = ? AND o.id = ?`,
      );
      return ids.flatMap(([traceId, id]) => {
        const row = find.get(bindable(traceId), bindable(id));
        return row === undefined ? [] : observationArrival(row);
      });
    },
  };
}

function tracesAfter(database: Database, position: number): SqlRow[] {
  return database
    .prepare(
      `SELECT t.rowid AS row_id, t.id, coalesce(t.name, r.name) AS name, t.timestamp_us, t.user_id, t.session_id, t.error_count
       FROM traces AS t LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id
       WHERE t.rowid > ? ORDER BY t.rowid LIMIT ${MAX_ARRIVALS}`,
    )
    .all(position);
}

function traceArrival(row: SqlRow): TraceArrival {
  return {
    id: String(row.id),
    name: textOf(row.name),
    startUs: Number(row.timestamp_us),
    userId: textOf(row.user_id),
    sessionId: textOf(row.session_id),
    errorCount: Number(row.error_count),
  };
}

function observationArrival(row: SqlRow): ObservationArrival {
  return {
    id: String(row.id),
    traceId: String(row.trace_id),
    parentId: textOf(row.parent_id),
    type: String(row.type),
    name: textOf(row.name),
    level: String(row.level),
    startUs: Number(row.start_us),
    endUs: numberOf(row.end_us),
    tokens: numberOf(row.tokens),
    cost: numberOf(row.cost),
    model: textOf(row.model),
    status: textOf(row.status),
    output: payloadEnds(row, 'output'),
  };
}
