/** What the list can do to the whole store: clear it, and load the sample. */

import { HttpError, type RouteContext, sendJson } from '../http/requests.js';

/** `DELETE /api/tailrace/all-traces`: deletes all that is stored. */
export async function deleteAll({ store, isShared, response }: RouteContext): Promise<void> {
  if (isShared) {
    throw new HttpError(
      501,
      'others keep their traces in this store too: delete single traces, or let the tables forget old ones (ttlDays)',
    );
  }
  await store.clear();
  sendJson(response, 200, { message: 'All traces are deleted' });
}

const running = new WeakMap<object, Promise<void>>();

/** `POST /api/tailrace/sample`: traces the sample agent into this server. Two requests at a time trace it once. */
export async function postSample({ store, loadSample, response }: RouteContext): Promise<void> {
  if (loadSample === undefined) throw new HttpError(404, 'this server has no sample: run npx tailrace demo');
  const load = running.get(store) ?? loadSample().finally(() => running.delete(store));
  running.set(store, load);
  await load;
  sendJson(response, 200, { message: 'The sample is loaded' });
}
