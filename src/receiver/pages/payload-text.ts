/** A payload in full, as plain text: `/trace/ID/input` or `/trace/ID/OBSERVATION/input`. */

import { HttpError, type RouteContext, send } from '../http/requests.js';
import { growsByIndents, parseIfJson } from '../json-text.js';
import { findObservationOfTrace, findTrace } from '../read/queries.js';
import { DOCUMENT_HEADERS } from './app-routes.js';

/** Nobody reads a longer JSON text line by line. */
const MAX_LAID_OUT_CHARS = 2 * 1024 * 1024;

export function getPayloadText(
  { store: { database }, response }: RouteContext,
  id: string,
  ...rest: string[]
): void {
  const field = rest.at(-1) as 'input' | 'output' | 'metadata';
  const row =
    rest.length === 1 ? findTrace(database, id) : findObservationOfTrace(database, id, rest[0] ?? '');
  if (row === undefined) throw new HttpError(404, `there is nothing stored under "${id.slice(0, 80)}"`);
  const stored = String(row[field] ?? '');
  const staysAsItIs = stored.length > MAX_LAID_OUT_CHARS || growsByIndents(stored);
  const value = staysAsItIs ? stored : parseIfJson(stored);
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  send(response, 200, 'text/plain; charset=utf-8', text, DOCUMENT_HEADERS);
}
