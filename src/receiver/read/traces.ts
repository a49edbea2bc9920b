/** Routes of Langfuse's public read API for traces and sessions. */

import { found, type RouteContext } from '../http/requests.js';
import type { SqlRow } from '../store/sqlite.js';
import { sendPage, sendWithList, written } from './answers.js';
import { addAllOf, addAnyOf, addText, addTimes, emptyFilter } from './conditions.js';
import { TRACE_COLUMNS } from './filter-columns.js';
import { addFilterParameter } from './filter-parameter.js';
import { estimatesAreAsked, fieldGroups, orderBy, paging } from './parameters.js';
import {
  findSession,
  findTrace,
  observationIdsOfTrace,
  observationsOfTrace,
  pageOfSessions,
  pageOfTraces,
  requireReadable,
  scoresOfTrace,
  tracesOfSession,
} from './queries.js';
import { scoreObjectV1 } from './score-shapes.js';
import {
  observationWithEstimates,
  plainTraceObject,
  sessionObject,
  TRACE_FIELD_GROUPS,
  traceEstimates,
  traceObject,
} from './shapes.js';

const TRACE_ORDERS: Record<string, string> = {
  id: 't.id',
  timestamp: 't.timestamp_us',
  name: 'coalesce(t.name, r.name)',
  userId: 't.user_id',
  sessionId: 't.session_id',
  release: 't.release',
  version: 't.version',
  public: 'coalesce(t.public, 0)',
  bookmarked: '0',
};

export function getTraces({
  store: { database },
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const fields = traceFields(query);
  const order = orderBy(query, TRACE_ORDERS, 'timestamp.desc');
  const withEstimates = estimatesAreAsked(query);
  const filter = emptyFilter();
  addFilterParameter(filter, query, TRACE_COLUMNS);
  addText(filter, query, 'userId', 't.user_id = ?');
  addText(filter, query, 'name', 'coalesce(t.name, r.name) = ?');
  addText(filter, query, 'sessionId', 't.session_id = ?');
  addText(filter, query, 'version', 't.version = ?');
  addText(filter, query, 'release', 't.release = ?');
  addTimes(filter, query, ['fromTimestamp', 'toTimestamp'], 'timestamp', 't.timestamp_us');
  addAnyOf(filter, query, 'environment', `coalesce(t.environment, 'default')`);
  addAllOf(filter, query, 'tags', 't.tags');

  const shape = (row: SqlRow) => {
    const id = String(row.id);
    const observations = fields.includes('observations') ? observationIdsOfTrace(database, id) : [];
    const scores = fields.includes('scores') ? listedScores(scoresOfTrace(database, id)) : [];
    const trace = traceObject(row, { fields, observations, scores: scores.map((score) => score.id) });
    return withEstimates ? { ...trace, ...traceEstimates(row) } : trace;
  };
  return sendPage(response, pageOfTraces(database, filter, order, pages), shape, pages);
}

export function getTrace(
  { store: { database }, url: { searchParams: query }, response }: RouteContext,
  id: string,
): Promise<void> {
  const fields = traceFields(query);
  const withEstimates = estimatesAreAsked(query);
  if (fields.includes('observations')) requireReadable(database, id);
  const row = found(findTrace(database, id), 'trace', id);
  const observations = fields.includes('observations') ? observationsOfTrace(database, id) : [];
  const scores = fields.includes('scores') ? listedScores(scoresOfTrace(database, id)) : [];
  const shape = () => ({
    ...traceObject(row, { fields, observations: [], scores: scores.map(scoreObjectV1) }),
    ...(withEstimates ? traceEstimates(row) : {}),
  });
  const items = written(observations, (observation) => observationWithEstimates(observation, withEstimates));
  return sendWithList(response, shape, 'observations', items);
}

export function getSessions({ store, url: { searchParams: query }, response }: RouteContext): Promise<void> {
  const pages = paging(query);
  const filter = emptyFilter();
  addTimes(filter, query, ['fromTimestamp', 'toTimestamp'], 'createdAt', 'n.created_us');
  addAnyOf(filter, query, 'environment', 'n.environment');
  return sendPage(response, pageOfSessions(store.database, filter, pages), sessionObject, pages);
}

export function getSession({ store: { database }, response }: RouteContext, id: string): Promise<void> {
  const session = found(findSession(database, id), 'session', id);
  const traces = written(tracesOfSession(database, id), (row) => plainTraceObject(row));
  return sendWithList(response, () => sessionObject(session), 'traces', traces);
}

function traceFields(query: URLSearchParams) {
  const groups = fieldGroups(query, TRACE_FIELD_GROUPS);
  return groups === null || groups.length === 0 ? TRACE_FIELD_GROUPS : groups;
}

/** Traces do not list corrections, as on the server. */
function listedScores(scores: SqlRow[]): SqlRow[] {
  return scores.filter((score) => score.data_type !== 'CORRECTION');
}
