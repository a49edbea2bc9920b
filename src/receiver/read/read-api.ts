/** Langfuse's public read API: traces, sessions, single observations and their first list, the project. */

import { sendOne, sendPage, sendWithList, written } from '../http/answers.js';
import { HttpError, type RouteContext, sendJson } from '../http/requests.js';
import { levels, observationTypes } from '../store/rows.js';
import type { SqlRow } from '../store/sqlite.js';
import { addAllOf, addAnyOf, addOneOf, addText, addTimes, emptyFilter, type Filter } from './conditions.js';
import { observationColumns, traceColumns } from './filter-columns.js';
import { addFilterParameter } from './filter-parameter.js';
import { fieldGroups, flag, orderBy, paging } from './query.js';
import {
  observationEstimates,
  observationObject,
  plainTraceObject,
  sessionObject,
  traceEstimates,
  traceFieldGroups,
  traceObject,
} from './read-shapes.js';
import {
  findObservation,
  findSession,
  findTrace,
  observationIdsOfTrace,
  observationsOfTrace,
  pageOfObservations,
  pageOfSessions,
  pageOfTraces,
  requireReadable,
  scoresOfTrace,
  tracesOfSession,
} from './read-store.js';
import { projectId } from './read-values.js';
import { scoreObjectV1 } from './score-shapes.js';

const traceOrders: Record<string, string> = {
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
  const order = orderBy(query, traceOrders, 'timestamp.desc');
  const withEstimates = estimatesAreAsked(query);
  const filter = emptyFilter();
  addFilterParameter(filter, query, traceColumns);
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
  const items = written(observations, (observation) => describe(observation, withEstimates));
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

export function getObservations({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const withEstimates = estimatesAreAsked(query);
  const filter = emptyFilter();
  addFilterParameter(filter, query, observationColumns);
  addObservationParameters(filter, query);
  addText(filter, query, 'parentObservationId', 'o.parent_id = ?');
  const shape = (row: SqlRow) => describe(row, withEstimates);
  return sendPage(response, pageOfObservations(store.database, filter, pages), shape, pages);
}

/** What both versions of the list of observations take. */
export function addObservationParameters(filter: Filter, query: URLSearchParams): void {
  addText(filter, query, 'name', 'o.name = ?');
  addText(filter, query, 'traceId', 'o.trace_id = ?');
  addText(filter, query, 'userId', 't.user_id = ?');
  addText(filter, query, 'version', 'o.version = ?');
  addOneOf(filter, query, 'type', observationTypes, 'o.type = ?');
  addOneOf(filter, query, 'level', levels, `coalesce(o.level, 'DEFAULT') = ?`);
  addTimes(filter, query, ['fromStartTime', 'toStartTime'], 'startTime', 'o.start_us');
  addAnyOf(filter, query, 'environment', `coalesce(o.environment, 'default')`);
}

export function getObservation(
  { store, url: { searchParams: query }, response }: RouteContext,
  id: string,
): Promise<void> {
  const withEstimates = estimatesAreAsked(query);
  const row = found(findObservation(store.database, id), 'observation', id);
  return sendOne(response, () => describe(row, withEstimates));
}

/** Clients ask for the project of their keys to make links: any keys will do, and there is one project. */
export function getProjects({ response }: RouteContext): void {
  const organization = { id: projectId, name: projectId };
  sendJson(response, 200, { data: [{ id: projectId, name: projectId, organization, metadata: {} }] });
}

function describe(row: SqlRow, withEstimates: boolean): object {
  const observation = observationObject(row);
  return withEstimates ? { ...observation, ...observationEstimates(row) } : observation;
}

/** Of tailrace: the answer then says which of its figures no client gave. Langfuse's answers have no such fields. */
function estimatesAreAsked(query: URLSearchParams): boolean {
  // On a server it chooses one of two tables that hold the same.
  flag(query, 'useEventsTable');
  return flag(query, 'estimates') ?? false;
}

function traceFields(query: URLSearchParams) {
  const groups = fieldGroups(query, traceFieldGroups);
  return groups === null || groups.length === 0 ? traceFieldGroups : groups;
}

/** Corrections are left out of traces, as on the server. */
function listedScores(scores: SqlRow[]): SqlRow[] {
  return scores.filter((score) => score.data_type !== 'CORRECTION');
}

export function found<T>(row: T | undefined, what: string, id: string): T {
  if (row === undefined) throw new HttpError(404, `there is no ${what} with the id "${id.slice(0, 80)}"`);
  return row;
}
