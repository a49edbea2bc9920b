/** A payload in full, as plain text: `/trace/ID/input` or `/trace/ID/OBSERVATION/input`. */

import { growsByIndents, parseIfJson } from '../../ingest/json-text.js';
import { HttpError, type RouteContext, send } from '../http/requests.js';
import { DOCUMENT_HEADERS } from './app-routes.js';

/** Nobody reads a longer JSON text line by line. */
const MAX_LAID_OUT_CHARS = 2 * 1024 * 1024;

export async function getPayloadText(
  { store, response }: RouteContext,
  id: string,
  ...rest: string[]
): Promise<void> {
  const field = rest.at(-1) as 'input' | 'output' | 'metadata';
  const row =
    rest.length === 1 ? await store.traces.find(id) : await store.observations.findOfTrace(id, rest[0] ?? '');
  if (row === undefined) throw new HttpError(404, `there is nothing stored under "${id.slice(0, 80)}"`);
  const stored = row[field] ?? '';
  const staysAsItIs = stored.length > MAX_LAID_OUT_CHARS || growsByIndents(stored);
  const value = staysAsItIs ? stored : parseIfJson(stored);
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  send(response, 200, 'text/plain; charset=utf-8', text, DOCUMENT_HEADERS);
}
