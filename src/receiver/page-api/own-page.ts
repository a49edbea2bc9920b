/** Requests of other sites: browsers name the origin only of some, but the site of all. */

import type { IncomingMessage } from 'node:http';
import { HttpError } from '../http/requests.js';

export const PAGE_API_PREFIX = '/api/tailrace/';

/** @throws HttpError 403 if a browser sends the request for a page of another site or port. */
export function requireOwnPage({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw new HttpError(403, `only this server's own page may send this request, but got: ${site}`);
}
