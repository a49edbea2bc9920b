/** `GET /api/tailrace/trace/ID`: a trace with all of its observations as light rows; and payloads, each when it is opened. */

import type { ObservationColumns, TraceDetail } from '../../viewer/page-data.js';
import { complaintsOfTrace } from '../complaints/complaint-routes.js';
import { HttpError, type RouteContext } from '../http/requests.js';
import { flag } from '../read/parameters.js';
import { PAYLOADS, scoresOfTrace, TRACES_WITH_ROOT } from '../read/queries.js';
import { inSlices, type Steps } from '../slices.js';
import { commentsOfTrace } from '../store/comments.js';
import { OBSERVATION_TEXTS } from '../store/payload-sql.js';
import { bindable, type Database } from '../store/sqlite.js';
import { sendData } from './answers.js';
import { payloadColumns } from './payload-sql.js';
import { commentView, observationDetail, payloads, scoreView } from './rows.js';
import { spanView } from './span-view.js';
import { traceRowOf, traceRows } from './trace-list.js';

/** More are not read: the columns of so many take 20 MB. */
const MAX_OBSERVATIONS = 100_000;
/** Up to this length a payload is sent at once. */
const SHOWN_CHARS = 200_000;
/** With "show all". A longer one is a text for other programs: `/trace/ID/input`. */
const MAX_SHOWN_CHARS = 16 * 1024 * 1024;
const MAX_STATUS_CHARS = 300;
const MAX_COMMENTS = 1_000;

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
    comments: commentsOfTrace(database, id, MAX_COMMENTS).map(commentView),
    complaints: complaintsOfTrace(database, id),
    since,
  };
  await sendData(context, detail);
}

const CHUNK_ROWS = 500;

/** Not the payloads: SQLite would read them. */
const READ_COLUMNS = `rowid, id, parent_id, type, level, start_us, end_us, created_us, total_tokens, estimated_tokens,
  total_cost, estimated_cost, has_estimated_tokens, has_estimated_cost, name, model, status_message`;

/** In the order of `LightRow`. */
const LIGHT_COLUMNS = `o.rowid, o.id, o.parent_id, o.type, o.level, o.start_us, o.end_us, o.created_us,
  coalesce(o.total_tokens, o.estimated_tokens), coalesce(o.total_cost, o.estimated_cost),
  coalesce(o.has_estimated_tokens, 0) + 2 * coalesce(o.has_estimated_cost, 0), o.name, o.model,
  substr(o.status_message, 1, ${MAX_STATUS_CHARS})`;

type LightRow = [
  rowId: number,
  id: string,
  parentId: string | null,
  type: string,
  level: string | null,
  startUs: number | null,
  endUs: number | null,
  createdUs: number,
  tokens: number | null,
  cost: number | null,
  estimated: number,
  name: string | null,
  model: string | null,
  status: string | null,
];

/** SQLite makes JSON of the rows: an object for each takes twice the time (190 ms against 90 for 50,000, measured). */
const LIGHT_SQL = `SELECT json_group_array(json_array(${LIGHT_COLUMNS})) AS rows
  FROM (SELECT ${READ_COLUMNS} FROM observations WHERE rowid IN (SELECT value FROM json_each(?))) AS o`;
/** The index alone has them. */
const ROW_IDS_SQL = `SELECT json_group_array(rowid) AS rows FROM (SELECT rowid FROM observations WHERE trace_id = ? LIMIT ?)`;

/** In order of their start. Read in the order of the file, and in chunks, so that other requests get their turn. */
function* observationColumns(
  database: Database,
  traceId: string,
  traceStartUs: number,
): Steps<ObservationColumns> {
  const found = database.prepare(ROW_IDS_SQL).get(bindable(traceId), MAX_OBSERVATIONS)?.rows;
  const rowIds = (JSON.parse(String(found)) as number[]).sort((a, b) => a - b);
  const chunk = database.prepare(LIGHT_SQL);
  const rows: LightRow[] = [];
  for (let start = 0; start < rowIds.length; start += CHUNK_ROWS) {
    const json = chunk.get(JSON.stringify(rowIds.slice(start, start + CHUNK_ROWS)))?.rows;
    rows.push(...(JSON.parse(String(json)) as LightRow[]));
    yield;
  }
  rows.sort((a, b) => startOf(a) - startOf(b) || a[0] - b[0]);
  yield;
  return columnsOf(rows, traceStartUs);
}

function startOf([, , , , , startUs, endUs, createdUs]: LightRow): number {
  return startUs ?? endUs ?? createdUs;
}

function columnsOf(rows: readonly LightRow[], traceStartUs: number): ObservationColumns {
  const positions = new Map(rows.map(([, id], position) => [id, position]));
  return {
    id: rows.map(([, id]) => id),
    parent: rows.map(([, , parentId]) => (parentId === null ? -1 : (positions.get(parentId) ?? -1))),
    type: rows.map(([, , , type]) => type),
    level: rows.map(([, , , , level]) => level ?? 'DEFAULT'),
    startUs: rows.map((row) => startOf(row) - traceStartUs),
    durationUs: rows.map((row) => (row[6] === null ? null : row[6] - startOf(row))),
    tokens: rows.map((row) => row[8]),
    cost: rows.map((row) => row[9]),
    estimated: rows.map((row) => row[10]),
    name: rows.map((row) => row[11]),
    model: rows.map((row) => row[12]),
    status: rows.map((row) => row[13]),
  };
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
      `SELECT ${DETAIL_COLUMNS}, ${shownPayloads('o', charsOf(context))} FROM ${OBSERVATION_TEXTS} AS o
       WHERE o.trace_id = ? AND o.id = ?`,
    )
    .get(bindable(traceId), bindable(id));
  if (row === undefined) throw noSuchTrace(id);
  await sendData(context, observationDetail(row, spanView(context.store.database, traceId, id)));
}

function noSuchTrace(id: string): HttpError {
  return new HttpError(404, `there is nothing stored under "${id.slice(0, 80)}"`);
}
