/** `GET /api/public/tailrace/complaints`: a path that only tailrace has. */

import { COMPLAINT_CODES, SEVERITIES } from '../../ingest/complaint-codes.js';
import { type RouteContext, sendJson } from '../http/requests.js';
import { one, oneOf, paging } from '../read/parameters.js';

/** Newest first. `meta.beyond` counts the complaints that the receiver did not keep. */
export async function getComplaints({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const asked = {
    traceId: one(query, 'traceId'),
    code: oneOf(query, 'code', Object.keys(COMPLAINT_CODES)),
    severity: oneOf(query, 'severity', SEVERITIES),
  };
  const { rows, totalItems } = await store.complaints.page(asked, pages);
  const totalPages = Math.ceil(totalItems / pages.limit);
  const meta = { ...pages, totalItems, totalPages, beyond: await store.complaints.beyond() };
  sendJson(response, 200, { data: rows, meta });
}

/** Nobody reads more rows than this on one page. */
export const MAX_SHOWN_COMPLAINTS = 200;
