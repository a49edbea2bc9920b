/**
 * `GET /api/tailrace/arrivals`: what has arrived after the rows `trace` and `observation`, for `tailrace tail`; without them, where it is
 * now. `open`: observations to look at again, `TRACE/OBSERVATION`. Filters are those of the list.
 */

import type { Arrivals, ArrivedObservation, ArrivedTrace } from '../../viewer/page-data.js';
import type { RouteContext } from '../http/requests.js';
import { addCondition, bindList, IN_LIST, whereClause } from '../read/conditions.js';
import { integer, invalid } from '../read/parameters.js';
import { TRACES_WITH_ROOT } from '../read/queries.js';
import {
  lastPosition,
  MAX_ARRIVALS,
  observationsAfter,
  observationsOf,
  tracesAfter,
} from '../store/arrivals.js';
import type { Database, SqlRow } from '../store/sqlite.js';
import { sendData } from './answers.js';
import { pageFilter } from './page-filter.js';
import { previewOf } from './preview.js';
import { number, text } from './rows.js';

export async function getArrivals(context: RouteContext): Promise<void> {
  const { database } = context.store;
  const query = context.url.searchParams;
  const now = lastPosition(database);
  // Rows that were deleted at the end give their numbers to new ones.
  const after = (name: 'trace' | 'observation') =>
    Math.min(now[name], integer(query, name, now[name], 0, Number.MAX_SAFE_INTEGER));
  const position = { trace: after('trace'), observation: after('observation') };
  const traces = tracesAfter(database, position.trace);
  const observations = observationsAfter(database, position.observation);
  const looked = observationsOf(database, query.getAll('open').map(openPair));
  const isWanted = await matching(database, query, [
    ...traces.map(({ id }) => String(id)),
    ...[...observations, ...looked].map(({ trace_id }) => String(trace_id)),
  ]);
  const arrivals: Arrivals = {
    traces: traces.filter(({ id }) => isWanted(String(id))).map(arrivedTrace),
    observations: [...looked, ...observations]
      .filter(({ trace_id }) => isWanted(String(trace_id)))
      .map(arrivedObservation),
    next: {
      trace: Number(traces.at(-1)?.row_id ?? position.trace),
      observation: Number(observations.at(-1)?.row_id ?? position.observation),
    },
    isMore: traces.length === MAX_ARRIVALS || observations.length === MAX_ARRIVALS,
  };
  await sendData(context, arrivals);
}

async function matching(
  database: Database,
  query: URLSearchParams,
  ids: readonly string[],
): Promise<(id: string) => boolean> {
  const { filter } = await pageFilter(database, query);
  if (filter.conditions.length === 0 || ids.length === 0) return () => true;
  addCondition(filter, `t.id IN ${IN_LIST}`, bindList([...new Set(ids)]));
  const rows = database
    .prepare(`SELECT t.id FROM ${TRACES_WITH_ROOT} ${whereClause(filter)}`)
    .all(...filter.values);
  const found = new Set(rows.map(({ id }) => String(id)));
  return (id) => found.has(id);
}

function openPair(pair: string): [string, string] {
  const at = pair.lastIndexOf('/');
  if (at < 1) throw invalid('open', 'TRACE/OBSERVATION', pair);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function arrivedTrace(row: SqlRow): ArrivedTrace {
  return {
    id: String(row.id),
    name: text(row.name),
    startUs: Number(row.timestamp_us),
    userId: text(row.user_id),
    sessionId: text(row.session_id),
    errorCount: Number(row.error_count),
  };
}

function arrivedObservation(row: SqlRow): ArrivedObservation {
  const startUs = Number(row.start_us);
  const endUs = number(row.end_us);
  const head = text(row.output_head);
  return {
    id: String(row.id),
    traceId: String(row.trace_id),
    parentId: text(row.parent_id),
    type: String(row.type),
    name: text(row.name),
    level: String(row.level),
    startUs,
    durationUs: endUs === null ? null : endUs - startUs,
    tokens: number(row.tokens),
    cost: number(row.cost),
    model: text(row.model),
    status: text(row.status),
    output: head === null ? null : previewOf(head, String(row.output_tail)),
  };
}
