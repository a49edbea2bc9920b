/** `GET /api/tailrace/traces`: a page of the list. It goes on from a cursor, as rows arrive while somebody reads. */

import { SORTABLE } from '../../viewer/data/filters.js';
import type { TraceList, TraceRow } from '../../viewer/data/list.js';
import type { RouteContext } from '../http/requests.js';
import { integer, invalid, one } from '../read/parameters.js';
import type { ListedTrace, ListOrder, ListQuery, TraceListPage } from '../store/contract/page.js';
import { InvalidCursor, type Store } from '../store/contract.js';
import { sendData } from './answers.js';
import { pageFilter } from './page-filter.js';
import { traceRow } from './rows.js';

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 100;

export async function getTraceList(context: RouteContext): Promise<void> {
  const { store } = context;
  const query = context.url.searchParams;
  const limit = integer(query, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT);
  const order = orderOf(one(query, 'sort') ?? '-start');
  const cursor = one(query, 'cursor');
  const since = context.live.since();
  const page = await pageOf(store, { filter: pageFilter(query), order, cursor, limit });
  const list: TraceList = {
    ...page,
    traces: await traceRows(store, page.traces),
    size: await store.size(),
    since,
    hasSample: context.loadSample !== undefined,
  };
  await sendData(context, list);
}

async function pageOf(store: Store, query: ListQuery): Promise<TraceListPage> {
  try {
    return await store.list.page(query);
  } catch (error) {
    if (!(error instanceof InvalidCursor)) throw error;
    throw invalid('cursor', 'the next of another answer', query.cursor ?? '');
  }
}

export async function traceRows(store: Store, rows: readonly ListedTrace[]): Promise<TraceRow[]> {
  const counts = await store.complaints.countByTrace(rows.map(({ id }) => id));
  return rows.map((row) => traceRow(row, counts.get(row.id) ?? 0));
}

const SCORE_PREFIX = 'score:';

function orderOf(sort: string): ListOrder {
  const isDescending = sort.startsWith('-');
  const column = isDescending ? sort.slice(1) : sort;
  if (column.startsWith(SCORE_PREFIX))
    return { by: { score: column.slice(SCORE_PREFIX.length) }, isDescending };
  const by = SORTABLE.find((name) => name === column);
  if (by === undefined) {
    throw invalid('sort', `one of ${SORTABLE.join(', ')} or score:NAME, with - in front or not`, sort);
  }
  return { by, isDescending };
}
