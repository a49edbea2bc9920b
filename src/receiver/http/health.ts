/** `GET /api/public/health` and `/ready`: that the receiver is there, and which version. */
import { VERSION } from '../../shared/version.js';
import { flag } from '../read/query.js';
import { type RouteContext, sendJson } from './requests.js';

const recentMs = 3 * 60_000;

export function getHealth({
  store: { database },
  url: { searchParams: query },
  response,
}: RouteContext): void {
  if (flag(query, 'failIfDatabaseUnavailable')) database.prepare('SELECT 1').get();
  if (flag(query, 'failIfNoRecentEvents')) {
    const sql = 'SELECT 1 FROM traces WHERE timestamp_us BETWEEN ? AND ? LIMIT 1';
    const nowMs = Date.now();
    if (database.prepare(sql).get((nowMs - recentMs) * 1000, nowMs * 1000) === undefined) {
      sendJson(response, 503, { status: 'No traces within the last 3 minutes', version: VERSION });
      return;
    }
  }
  sendJson(response, 200, { status: 'OK', version: VERSION });
}

export function getReady({ response }: RouteContext): void {
  sendJson(response, 200, { status: 'OK', version: VERSION });
}
