/** Langfuse's public read API: what its own clients ask for, in the words in which they ask. */

import { HttpError, type RouteContext, sendJson } from './http.js';
import {
  addAnyOf,
  addCondition,
  addNumber,
  addOneOf,
  addText,
  addTime,
  emptyFilter,
  invalid,
  listOf,
  orderBy,
  type Paging,
  paging,
} from './query.js';
import { observationObject, scoreObject, scoreOfListObject, traceObject } from './read-shapes.js';
import {
  findObservation,
  findScore,
  findTrace,
  observationIdsOfTrace,
  observationsOfTrace,
  pageOfObservations,
  pageOfScores,
  pageOfTraces,
  scoresOfTrace,
} from './read-store.js';
import { levels, observationTypes, scoreDataTypes } from './rows.js';

const traceOrders: Record<string, string> = {
  id: 't.id',
  timestamp: 't.timestamp_us',
  name: 'coalesce(t.name, r.name)',
  userId: 't.user_id',
  sessionId: 't.session_id',
  release: 't.release',
  version: 't.version',
  public: 't.public',
};

/** One condition for any number of tags: SQLite takes a thousand at most. */
const hasAllTags =
  'NOT EXISTS (SELECT 1 FROM json_each(?) AS asked WHERE asked.value NOT IN (SELECT value FROM json_each(t.tags)))';

export function getTraces({
  store: { database },
  url: { searchParams: query },
  response,
}: RouteContext): void {
  const pages = paging(query);
  const order = orderBy(query, traceOrders, 'timestamp.desc');
  const filter = emptyFilter();
  addText(filter, query, 'userId', 't.user_id = ?');
  addText(filter, query, 'name', 'coalesce(t.name, r.name) = ?');
  addText(filter, query, 'sessionId', 't.session_id = ?');
  addText(filter, query, 'version', 't.version = ?');
  addText(filter, query, 'release', 't.release = ?');
  addTime(filter, query, 'fromTimestamp', 't.timestamp_us >= ?');
  addTime(filter, query, 'toTimestamp', 't.timestamp_us < ?');
  addAnyOf(filter, query, 'environment', `coalesce(t.environment, 'default')`);
  // A trace must have all of the tags that are asked for.
  const tags = listOf(query, 'tags');
  if (tags.length > 0) addCondition(filter, hasAllTags, JSON.stringify(tags));

  const { rows, totalItems } = pageOfTraces(database, filter, order, pages);
  const data = rows.map((row) => {
    const id = String(row.id);
    const scoreIds = scoresOfTrace(database, id).map((score) => score.id);
    return traceObject(row, observationIdsOfTrace(database, id), scoreIds);
  });
  sendPage(response, data, totalItems, pages);
}

export function getTrace({ store: { database }, response }: RouteContext, id: string): void {
  const row = found(findTrace(database, id), 'trace', id);
  const observations = observationsOfTrace(database, id).map(observationObject);
  sendJson(response, 200, traceObject(row, observations, scoresOfTrace(database, id).map(scoreObject)));
}

export function getObservations({ store, url: { searchParams: query }, response }: RouteContext): void {
  const pages = paging(query);
  const filter = emptyFilter();
  addText(filter, query, 'name', 'o.name = ?');
  addText(filter, query, 'traceId', 'o.trace_id = ?');
  addText(filter, query, 'parentObservationId', 'o.parent_id = ?');
  addText(filter, query, 'userId', 't.user_id = ?');
  addText(filter, query, 'version', 'o.version = ?');
  addOneOf(filter, query, 'type', observationTypes, 'o.type = ?');
  addOneOf(filter, query, 'level', levels, `coalesce(o.level, 'DEFAULT') = ?`);
  addTime(filter, query, 'fromStartTime', 'o.start_us >= ?');
  addTime(filter, query, 'toStartTime', 'o.start_us < ?');
  addAnyOf(filter, query, 'environment', `coalesce(o.environment, 'default')`);
  const { rows, totalItems } = pageOfObservations(store.database, filter, pages);
  sendPage(response, rows.map(observationObject), totalItems, pages);
}

export function getObservation({ store, response }: RouteContext, id: string): void {
  sendJson(response, 200, observationObject(found(findObservation(store.database, id), 'observation', id)));
}

const scoreOperators = ['<', '>', '<=', '>=', '=', '!='];

export function getScores({ store, url: { searchParams: query }, response }: RouteContext): void {
  const pages = paging(query);
  const filter = emptyFilter();
  addText(filter, query, 'name', 's.name = ?');
  addText(filter, query, 'traceId', 's.trace_id = ?');
  addText(filter, query, 'sessionId', 's.session_id = ?');
  addText(filter, query, 'observationId', 's.observation_id = ?');
  addText(filter, query, 'configId', 's.config_id = ?');
  addText(filter, query, 'userId', 't.user_id = ?');
  addOneOf(filter, query, 'dataType', scoreDataTypes, 's.data_type = ?');
  // Every score here came over the API.
  addOneOf(filter, query, 'source', ['API', 'ANNOTATION', 'EVAL'], `'API' = ?`);
  addTime(filter, query, 'fromTimestamp', 's.timestamp_us >= ?');
  addTime(filter, query, 'toTimestamp', 's.timestamp_us < ?');
  addAnyOf(filter, query, 'environment', `coalesce(s.environment, 'default')`);
  addAnyOf(filter, query, 'scoreIds', 's.id');
  const operator = query.get('operator');
  if (operator !== null && !scoreOperators.includes(operator)) {
    throw invalid('operator', `one of ${scoreOperators.join(' ')}`, operator);
  }
  addNumber(filter, query, 'value', `s.value ${operator ?? '='} ?`);
  const { rows, totalItems } = pageOfScores(store.database, filter, pages);
  sendPage(response, rows.map(scoreOfListObject), totalItems, pages);
}

export function getScore({ store, response }: RouteContext, id: string): void {
  sendJson(response, 200, scoreObject(found(findScore(store.database, id), 'score', id)));
}

function found<T>(row: T | undefined, what: string, id: string): T {
  if (row === undefined) throw new HttpError(404, `there is no ${what} with the id "${id.slice(0, 80)}"`);
  return row;
}

function sendPage(
  response: RouteContext['response'],
  data: unknown[],
  totalItems: number,
  { page, limit }: Paging,
): void {
  sendJson(response, 200, {
    data,
    meta: { page, limit, totalItems, totalPages: Math.ceil(totalItems / limit) },
  });
}
