/**
 * `GET /api/tailrace/arrivals`: what has arrived after the rows `trace` and `observation`, for `tailrace tail`; without them, where it is
 * now. `open`: observations to look at again, `TRACE/OBSERVATION`. Filters are those of the list.
 */

import type { Arrivals, ArrivedObservation } from '../../viewer/data/arrivals.js';
import type { RouteContext } from '../http/requests.js';
import { integer, invalid } from '../read/parameters.js';
import { isEverything, type PageFilter } from '../store/contract/page.js';
import type { ObservationArrival } from '../store/contract/transfer.js';
import type { Store } from '../store/contract.js';
import { sendData } from './answers.js';
import { pageFilter } from './page-filter.js';
import { previewOf } from './preview.js';

export async function getArrivals(context: RouteContext): Promise<void> {
  const { store } = context;
  const query = context.url.searchParams;
  const now = await store.arrivals.position();
  // Rows that were deleted at the end give their numbers to new ones.
  const after = (name: 'trace' | 'observation') =>
    Math.min(now[name], integer(query, name, now[name], 0, Number.MAX_SAFE_INTEGER));
  const position = { trace: after('trace'), observation: after('observation') };
  const { traces, observations, next, isMore } = await store.arrivals.after(position);
  const looked = await store.arrivals.observations(query.getAll('open').map(openPair));
  const isWanted = await matching(store, pageFilter(query), [
    ...traces.map(({ id }) => id),
    ...[...observations, ...looked].map(({ traceId }) => traceId),
  ]);
  const arrivals: Arrivals = {
    traces: traces.filter(({ id }) => isWanted(id)),
    observations: [...looked, ...observations]
      .filter(({ traceId }) => isWanted(traceId))
      .map(arrivedObservation),
    next,
    isMore,
  };
  await sendData(context, arrivals);
}

async function matching(
  store: Store,
  filter: PageFilter,
  ids: readonly string[],
): Promise<(id: string) => boolean> {
  if (isEverything(filter) || ids.length === 0) return () => true;
  const found = await store.list.passing(filter, [...new Set(ids)]);
  return (id) => found.has(id);
}

function openPair(pair: string): [string, string] {
  const at = pair.lastIndexOf('/');
  if (at < 1) throw invalid('open', 'TRACE/OBSERVATION', pair);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function arrivedObservation({ endUs, output, ...row }: ObservationArrival): ArrivedObservation {
  const head = output?.head ?? null;
  return {
    id: row.id,
    traceId: row.traceId,
    parentId: row.parentId,
    type: row.type,
    name: row.name,
    level: row.level,
    startUs: row.startUs,
    durationUs: endUs === null ? null : endUs - row.startUs,
    tokens: row.tokens,
    cost: row.cost,
    model: row.model,
    status: row.status,
    output: head === null ? null : previewOf(head, output?.tail ?? ''),
  };
}
