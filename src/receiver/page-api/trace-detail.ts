/** `GET /api/tailrace/trace/ID`: a trace with all of its observations as light rows; and payloads, each when it is opened. */

import type { ObservationColumns, TraceDetail } from '../../viewer/data/trace.js';
import { MAX_SHOWN_COMPLAINTS } from '../complaints/complaint-routes.js';
import { HttpError, type RouteContext } from '../http/requests.js';
import { flag } from '../read/parameters.js';
import type { OutlineRow } from '../store/contract/page.js';
import { MAX_COMPLAINTS, type Store } from '../store/contract.js';
import { sendData } from './answers.js';
import { commentView, observationDetail, scoreView } from './rows.js';
import { spanView } from './span-view.js';
import { traceRows } from './trace-list.js';

/** More are not read: the columns of so many take 20 MB. */
const MAX_OBSERVATIONS = 100_000;
/** Up to this length a payload is sent at once. */
const SHOWN_CHARS = 200_000;
/** With "show all". A longer one is a text for other programs: `/trace/ID/input`. */
const MAX_SHOWN_CHARS = 16 * 1024 * 1024;
const MAX_COMMENTS = 1_000;

export async function getTraceDetail(context: RouteContext, id: string): Promise<void> {
  const { store } = context;
  const since = context.live.since();
  const row = await store.tracePage.row(id);
  if (row === undefined) throw noSuchTrace(id);
  const [trace] = await traceRows(store, [row]);
  if (trace === undefined) throw noSuchTrace(id);
  const outline = await store.tracePage.outline(id, MAX_OBSERVATIONS);
  const scores = (await store.scores.ofTraces([id])).get(id) ?? [];
  const comments = await store.comments.ofTrace(id, MAX_COMMENTS);
  const detail: TraceDetail = {
    trace,
    observations: columnsOf(
      outline,
      trace.startUs,
      trace.complaintCount === 0 ? new Set() : await untimed(store, id),
    ),
    observationTotal: trace.observationCount,
    scores: scores.map(scoreView),
    comments: comments.map(commentView),
    complaints: await store.complaints.ofTrace(id, MAX_SHOWN_COMPLAINTS),
    since,
  };
  await sendData(context, detail);
}

/** Ids of the observations that came without any time: a server takes it from its clock, and so it is the time of their arrival. */
async function untimed(store: Store, traceId: string): Promise<ReadonlySet<string>> {
  const asked = { traceId, code: 'time-missing', severity: null };
  const { rows } = await store.complaints.page(asked, { page: 1, limit: MAX_COMPLAINTS });
  const fields = new Map<string, Set<string>>();
  for (const { observationId, field } of rows) {
    const missing = fields.get(observationId ?? '') ?? new Set();
    fields.set(observationId ?? '', missing.add(field));
  }
  return new Set([...fields].filter(([, { size }]) => size > 1).map(([observation]) => observation));
}

function columnsOf(
  rows: readonly OutlineRow[],
  traceStartUs: number,
  unknown: ReadonlySet<string>,
): ObservationColumns {
  const startOf = ([id, , , , startUs]: OutlineRow) => (unknown.has(id) ? null : startUs);
  const positions = new Map(rows.map(([id], position) => [id, position]));
  return {
    id: rows.map(([id]) => id),
    parent: rows.map(([, parentId]) => (parentId === null ? -1 : (positions.get(parentId) ?? -1))),
    type: rows.map(([, , type]) => type),
    level: rows.map(([, , , level]) => level ?? 'DEFAULT'),
    startUs: rows.map((row) => {
      const startUs = startOf(row);
      return startUs === null ? null : startUs - traceStartUs;
    }),
    durationUs: rows.map((row) => {
      const [startUs, endUs] = [startOf(row), row[5]];
      return startUs === null || endUs === null ? null : endUs - startUs;
    }),
    tokens: rows.map((row) => row[7]),
    cost: rows.map((row) => row[8]),
    estimated: rows.map((row) => row[9]),
    name: rows.map((row) => row[10]),
    model: rows.map((row) => row[11]),
    status: rows.map((row) => row[12]),
  };
}

const charsOf = ({ url }: RouteContext) => (flag(url.searchParams, 'all') ? MAX_SHOWN_CHARS : SHOWN_CHARS);

/** Input, output and metadata of the trace. Those of the root stand in for missing ones. */
export async function getTracePayloads(context: RouteContext, id: string): Promise<void> {
  const payloads = await context.store.tracePage.payloads(id, charsOf(context));
  if (payloads === undefined) throw noSuchTrace(id);
  await sendData(context, payloads);
}

export async function getObservationDetail(
  context: RouteContext,
  traceId: string,
  id: string,
): Promise<void> {
  const row = await context.store.tracePage.observation(traceId, id, charsOf(context));
  if (row === undefined) throw noSuchTrace(id);
  await sendData(context, observationDetail(row, await spanView(context.store, traceId, id)));
}

function noSuchTrace(id: string): HttpError {
  return new HttpError(404, `there is nothing stored under "${id.slice(0, 80)}"`);
}
