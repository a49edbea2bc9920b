/** `GET /api/tailrace/events`: the stream of changes. `Last-Event-ID`, or `since` at first: the last event that the page knows. */

import { HttpError, type RouteContext, send } from '../http/requests.js';
import { MAX_STREAMS } from './live-events.js';

export function getEvents({ live, request, response, url }: RouteContext): void {
  if (request.method === 'HEAD') {
    send(response, 200, 'text/event-stream', '');
    return;
  }
  const header = request.headers['last-event-id'];
  const lastKnown = typeof header === 'string' ? header : url.searchParams.get('since');
  if (!live.open(response, lastKnown || null)) {
    throw new HttpError(429, `at most ${MAX_STREAMS} pages are kept up to date at a time`);
  }
}
