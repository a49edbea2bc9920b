/** Routes of the web pages: they fetch rows, and the viewer renders HTML. */

import type { ServerResponse } from 'node:http';
import { CONTENT_SECURITY_POLICY } from '../../viewer/layout.js';
import { growsByIndents } from '../../viewer/payload.js';
import { tracePage } from '../../viewer/trace-page.js';
import { tracesPage } from '../../viewer/traces-page.js';
import {
  complaintsOfTrace,
  complaintsWithoutTrace,
  countComplaints,
} from '../complaints/complaint-routes.js';
import { HttpError, type RouteContext, send } from '../http/requests.js';
import { parseIfJson } from '../json-text.js';
import { emptyFilter } from '../read/conditions.js';
import { paging } from '../read/parameters.js';
import { findObservationOfTrace, findTrace, pageOfTraceSummaries, scoresOfTrace } from '../read/queries.js';
import { MAX_OBSERVATIONS_SHOWN, observationsForPage, traceForPage } from './page-queries.js';
import { observationView, scoreView, traceSummary, traceView } from './page-views.js';

export function getTracesPage({ store, request, response, url }: RouteContext): void {
  const pages = paging(url.searchParams);
  const { rows, totalItems } = pageOfTraceSummaries(
    store.database,
    emptyFilter(),
    't.timestamp_us DESC',
    pages,
  );
  // The Host header has been checked already: it is how this browser reaches the receiver.
  const baseUrl = `http://${request.headers.host}`;
  const counts = countComplaints(
    store.database,
    rows.map(({ id }) => String(id)),
  );
  const traces = rows.map((row) => traceSummary(row, counts.get(String(row.id)) ?? 0));
  const strays = complaintsWithoutTrace(store.database);
  const complaints = { strayComplaints: strays.complaints, strayTotal: strays.total };
  const content = { traces, totalItems, ...pages, baseUrl, ...complaints, size: store.size() };
  sendHtml(response, 200, tracesPage(content));
}

export function getTracePage({ store: { database }, response }: RouteContext, id: string): void {
  const row = traceForPage(database, id);
  if (row === undefined) throw noSuchTrace(id);
  const { complaints, total } = complaintsOfTrace(database, id);
  const page = tracePage({
    trace: traceView(row, total),
    observations: observationsForPage(database, id).map(observationView),
    maxObservations: MAX_OBSERVATIONS_SHOWN,
    scores: scoresOfTrace(database, id).map(scoreView),
    complaints,
  });
  sendHtml(response, 200, page);
}

/** The URL of a trace on a Langfuse server, which clients build links with. */
export function getTraceLink({ response }: RouteContext, id: string): void {
  send(response, 302, 'text/plain; charset=utf-8', '', { location: `/trace/${encodeURIComponent(id)}` });
}

/** Nobody reads a longer JSON text line by line. */
const MAX_LAID_OUT_CHARS = 2 * 1024 * 1024;

/** A payload in full, as plain text: `/trace/ID/input` or `/trace/ID/OBSERVATION/input`. */
export function getPayloadText(
  { store: { database }, response }: RouteContext,
  id: string,
  ...rest: string[]
): void {
  const field = rest.at(-1) as 'input' | 'output' | 'metadata';
  const row =
    rest.length === 1 ? findTrace(database, id) : findObservationOfTrace(database, id, rest[0] ?? '');
  if (row === undefined) throw noSuchTrace(id);
  const stored = String(row[field] ?? '');
  const staysAsItIs = stored.length > MAX_LAID_OUT_CHARS || growsByIndents(stored);
  const value = staysAsItIs ? stored : parseIfJson(stored);
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  send(response, 200, 'text/plain; charset=utf-8', text, PAGE_HEADERS);
}

const PAGE_HEADERS = { 'content-security-policy': CONTENT_SECURITY_POLICY, 'referrer-policy': 'no-referrer' };

export function sendHtml(response: ServerResponse, status: number, html: string, headers = {}): void {
  send(response, status, 'text/html; charset=utf-8', html, { ...PAGE_HEADERS, ...headers });
}

function noSuchTrace(id: string): HttpError {
  return new HttpError(404, `there is nothing stored under "${id.slice(0, 80)}"`);
}
