/** `GET /api/tailrace/facets`: the values of each filter among the traces that the other filters leave, with counts. */

import type { RouteContext } from '../http/requests.js';
import { sendData } from './answers.js';
import { pageFilter } from './page-filter.js';

export async function getFacets(context: RouteContext): Promise<void> {
  await sendData(context, await context.store.list.facets(pageFilter(context.url.searchParams)));
}
