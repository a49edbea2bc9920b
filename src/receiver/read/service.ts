/** The service itself: `GET /api/public/health` and `/ready` say that it runs and its version, `/projects` names its one project, `/api/tailrace/server` which server it is. */

import { VERSION } from '../../shared/version.js';
import { type RouteContext, sendJson } from '../http/requests.js';
import { flag } from './parameters.js';
import { PROJECT_ID } from './row-values.js';

const RECENT_MS = 3 * 60_000;

export async function getHealth({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  if (flag(query, 'failIfDatabaseUnavailable')) await store.ping();
  if (flag(query, 'failIfNoRecentEvents')) {
    const nowMs = Date.now();
    if (!(await store.traces.isAnyBetween((nowMs - RECENT_MS) * 1000, nowMs * 1000))) {
      sendJson(response, 503, { status: 'No traces within the last 3 minutes', version: VERSION });
      return;
    }
  }
  sendJson(response, 200, { status: 'OK', version: VERSION });
}

export function getReady({ response }: RouteContext): void {
  sendJson(response, 200, { status: 'OK', version: VERSION });
}

/** Without keys: commands find out which server listens on a port before they send theirs. */
export function getServer({ instance, demandsKeys, response }: RouteContext): void {
  sendJson(response, 200, { name: 'tailrace', version: VERSION, instance, demandsKeys });
}

/** Clients ask for the project of their keys to build links. There is one project, for any keys. */
export function getProjects({ response }: RouteContext): void {
  const organization = { id: PROJECT_ID, name: PROJECT_ID };
  sendJson(response, 200, { data: [{ id: PROJECT_ID, name: PROJECT_ID, organization, metadata: {} }] });
}
