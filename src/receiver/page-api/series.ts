/** `GET /api/tailrace/series`: counts, errors, latency and cost of the traces over time, for the chart. */

import type { RouteContext } from '../http/requests.js';
import { sendData } from './answers.js';
import { bucketLength } from './buckets.js';
import { pageFilter } from './page-filter.js';

export async function getSeries(context: RouteContext): Promise<void> {
  const filter = pageFilter(context.url.searchParams);
  await sendData(context, await context.store.list.series(filter, bucketLength));
}
