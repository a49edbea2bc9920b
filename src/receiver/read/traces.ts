/** Routes of Langfuse's public read API for traces and sessions. */

import { found, type RouteContext } from '../http/requests.js';
import { inSlices } from '../slices.js';
import { TRACE_COLUMNS, TRACE_ORDER_COLUMNS, type TraceColumn } from '../store/contract/conditions.js';
import type { StoredScore, StoredTrace } from '../store/contract/rows.js';
import { sendPage, sendWithList, written, writtenInParts } from './answers.js';
import { addAllOf, addAnyOf, addText, addTimes, emptyFilter } from './conditions.js';
import { addFilterParameter } from './filter-parameter.js';
import { estimatesAreAsked, fieldGroups, list, orderBy, paging, time } from './parameters.js';
import { scoreObjectV1 } from './score-shapes.js';
import {
  observationWithEstimates,
  plainTraceObject,
  sessionObject,
  TRACE_FIELD_GROUPS,
  traceEstimates,
  traceObject,
} from './shapes.js';

export async function getTraces({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const fields = traceFields(query);
  const order = orderBy(query, TRACE_ORDER_COLUMNS, 'timestamp.desc');
  const withEstimates = estimatesAreAsked(query);
  const filter = emptyFilter<TraceColumn>();
  addFilterParameter(filter, query, TRACE_COLUMNS);
  addText(filter, query, 'userId', 'userId');
  addText(filter, query, 'name', 'name');
  addText(filter, query, 'sessionId', 'sessionId');
  addText(filter, query, 'version', 'version');
  addText(filter, query, 'release', 'release');
  addTimes(filter, query, ['fromTimestamp', 'toTimestamp'], 'timestamp');
  addAnyOf(filter, query, 'environment', 'environment');
  addAllOf(filter, query, 'tags', 'tags');
  const page = await store.traces.page(filter.conditions, order, pages);
  const ids = page.rows.map(({ id }) => id);
  const observations = fields.includes('observations') ? await store.observations.idsOfTraces(ids) : NONE;
  const scores = fields.includes('scores') ? await store.scores.ofTraces(ids) : NONE;
  const shape = (row: StoredTrace) => {
    const trace = traceObject(row, {
      fields,
      observations: observations.get(row.id) ?? [],
      scores: listedScores(scores.get(row.id)).map(({ id }) => id),
    });
    return withEstimates ? { ...trace, ...traceEstimates(row) } : trace;
  };
  return sendPage(response, page, shape, pages);
}

/** Of fields that are not asked for. */
const NONE: ReadonlyMap<string, never[]> = new Map();

export async function getTrace(
  { store, url: { searchParams: query }, response }: RouteContext,
  id: string,
): Promise<void> {
  const fields = traceFields(query);
  const withEstimates = estimatesAreAsked(query);
  const row = found(await store.traces.find(id), 'trace', id);
  const all = fields.includes('scores') ? await store.scores.ofTraces([id]) : NONE;
  const scores = listedScores(all.get(id));
  const shape = () => ({
    ...traceObject(row, { fields, observations: [], scores: scores.map(scoreObjectV1) }),
    ...(withEstimates ? traceEstimates(row) : {}),
  });
  const items = fields.includes('observations')
    ? await writtenInParts(store.observations.ofTrace(id), (observation) =>
        observationWithEstimates(observation, withEstimates),
      )
    : [];
  return sendWithList(response, shape, 'observations', items);
}

export async function getSessions({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const filter = {
    fromUs: time(query, 'fromTimestamp'),
    toUs: time(query, 'toTimestamp'),
    environments: list(query, 'environment'),
  };
  return sendPage(response, await store.sessions.page(filter, pages), sessionObject, pages);
}

export async function getSession({ store, response }: RouteContext, id: string): Promise<void> {
  const session = found(await store.sessions.find(id), 'session', id);
  const traces = await inSlices(written(await store.traces.ofSession(id), (row) => plainTraceObject(row)));
  return sendWithList(response, () => sessionObject(session), 'traces', traces);
}

function traceFields(query: URLSearchParams) {
  const groups = fieldGroups(query, TRACE_FIELD_GROUPS);
  return groups === null || groups.length === 0 ? TRACE_FIELD_GROUPS : groups;
}

/** Traces do not list corrections, as on the server. */
function listedScores(scores: readonly StoredScore[] = []): readonly StoredScore[] {
  return scores.filter(({ dataType }) => dataType !== 'CORRECTION');
}
