/** `GET /api/tailrace/trace/ID`: a trace with all of its observations as light rows; and payloads, each when it is opened. */

import type { ObservationColumns, TraceDetail } from '../../viewer/page-data.js';
import { complaintsOfTrace } from '../complaints/complaint-routes.js';
import { HttpError, type RouteContext } from '../http/requests.js';
import { flag } from '../read/parameters.js';
import { PAYLOADS, scoresOfTrace, TRACES_WITH_ROOT } from '../read/queries.js';
import { inSlices, type Steps } from '../slices.js';
import { bindable, type Database, type SqlRow } from '../store/sqlite.js';
import { sendData } from './answers.js';
import { payloadColumns } from './payload-sql.js';
import { number, observationDetail, payloads, scoreView, text } from './rows.js';
import { traceRowOf, traceRows } from './trace-list.js';

/** More are not read: the columns of so many take 20 MB. */
export const MAX_OBSERVATIONS = 100_000;
/** Up to this length a payload is sent at once. */
const SHOWN_CHARS = 200_000;
/** With "show all". A longer one is a text for other programs: `/trace/ID/input`. */
const MAX_SHOWN_CHARS = 16 * 1024 * 1024;
const MAX_STATUS_CHARS = 300;

export async function getTraceDetail(context: RouteContext, id: string): Promise<void> {
  const { database } = context.store;
  const since = context.live.since();
  const row = traceRowOf(database, id);
  if (row === undefined) throw noSuchTrace(id);
  const [trace] = traceRows(database, [row]);
  if (trace === undefined) throw noSuchTrace(id);
  const detail: TraceDetail = {
    trace,
    observations: await inSlices(observationColumns(database, id, trace.startUs)),
    observationTotal: trace.observationCount,
    scores: scoresOfTrace(database, id).map(scoreView),
    complaints: complaintsOfTrace(database, id),
    since,
  };
  await sendData(context, detail);
}

const CHUNK_ROWS = 500;

const LIGHT_COLUMNS = `o.id, o.parent_id, o.type, o.level, o.start_us, o.end_us, o.created_us,
  coalesce(o.total_tokens, o.estimated_tokens) AS tokens, coalesce(o.total_cost, o.estimated_cost) AS cost,
  o.has_estimated_tokens, o.has_estimated_cost, o.name, substr(o.status_message, 1, ${MAX_STATUS_CHARS}) AS status, o.model`;

/** In order of their start. Read in chunks, so that other requests get their turn. */
function* observationColumns(
  database: Database,
  traceId: string,
  traceStartUs: number,
): Steps<ObservationColumns> {
  const numbers = database
    .prepare('SELECT rowid AS row_id FROM observations WHERE trace_id = ? ORDER BY start_us, rowid LIMIT ?')
    .all(bindable(traceId), MAX_OBSERVATIONS)
    .map(({ row_id }) => Number(row_id));
  const chunk = database.prepare(
    `SELECT ${LIGHT_COLUMNS} FROM json_each(?) AS wanted CROSS JOIN observations AS o
     WHERE o.rowid = wanted.value ORDER BY wanted.key`,
  );
  const columns = emptyColumns();
  const parents: (string | null)[] = [];
  yield;
  for (let start = 0; start < numbers.length; start += CHUNK_ROWS) {
    for (const row of chunk.all(JSON.stringify(numbers.slice(start, start + CHUNK_ROWS)))) {
      addRow(columns, row, traceStartUs);
      parents.push(text(row.parent_id));
    }
    yield;
  }
  const positions = new Map(columns.id.map((id, position) => [id, position]));
  for (const parent of parents) columns.parent.push(parent === null ? -1 : (positions.get(parent) ?? -1));
  return columns;
}

function emptyColumns(): ObservationColumns {
  return {
    id: [],
    parent: [],
    type: [],
    name: [],
    level: [],
    startUs: [],
    durationUs: [],
    tokens: [],
    cost: [],
    estimated: [],
    model: [],
    status: [],
  };
}

function addRow(columns: ObservationColumns, row: SqlRow, traceStartUs: number): void {
  const startUs = Number(row.start_us ?? row.end_us ?? row.created_us);
  columns.id.push(String(row.id));
  columns.type.push(String(row.type));
  columns.name.push(text(row.name));
  columns.level.push(text(row.level) ?? 'DEFAULT');
  columns.startUs.push(startUs - traceStartUs);
  columns.durationUs.push(row.end_us === null ? null : Number(row.end_us) - startUs);
  columns.tokens.push(number(row.tokens));
  columns.cost.push(number(row.cost));
  columns.estimated.push((row.has_estimated_tokens === 1 ? 1 : 0) + (row.has_estimated_cost === 1 ? 2 : 0));
  columns.model.push(text(row.model));
  columns.status.push(text(row.status));
}

const shownPayloads = (table: string, maxChars: number) =>
  PAYLOADS.map((field) => payloadColumns(`${table}.${field}`, field, maxChars)).join(', ');

const charsOf = ({ url }: RouteContext) => (flag(url.searchParams, 'all') ? MAX_SHOWN_CHARS : SHOWN_CHARS);

/** Input, output and metadata of the trace. Those of the root stand in for missing ones. */
export async function getTracePayloads(context: RouteContext, id: string): Promise<void> {
  const { database } = context.store;
  const maxChars = charsOf(context);
  const columns = PAYLOADS.flatMap((field) => {
    const own = payloadColumns(`t.${field}`, field, maxChars);
    return field === 'metadata' ? own : [own, payloadColumns(`r.${field}`, `root_${field}`, maxChars)];
  });
  const row = database
    .prepare(`SELECT ${columns.join(', ')} FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`)
    .get(bindable(id));
  if (row === undefined) throw noSuchTrace(id);
  for (const field of ['input', 'output']) {
    if (row[field] === null) {
      row[field] = row[`root_${field}`] ?? null;
      row[`${field}_length`] = row[`root_${field}_length`] ?? null;
    }
  }
  await sendData(context, payloads(row));
}

const DETAIL_COLUMNS = `o.status_message, o.version, o.environment, o.start_us, o.completion_start_us, o.model_parameters,
  o.usage_details, o.cost_details, o.estimate, o.prompt_name, o.prompt_version`;

export async function getObservationDetail(
  context: RouteContext,
  traceId: string,
  id: string,
): Promise<void> {
  const row = context.store.database
    .prepare(
      `SELECT ${DETAIL_COLUMNS}, ${shownPayloads('o', charsOf(context))} FROM observations AS o
       WHERE o.trace_id = ? AND o.id = ?`,
    )
    .get(bindable(traceId), bindable(id));
  if (row === undefined) throw noSuchTrace(id);
  await sendData(context, observationDetail(row));
}

function noSuchTrace(id: string): HttpError {
  return new HttpError(404, `there is nothing stored under "${id.slice(0, 80)}"`);
}
