/** Routes for scores, in the three versions of Langfuse's public API. */

import { SCORE_DATA_TYPES, SCORE_SOURCES } from '../../ingest/rows.js';
import { found, HttpError, type RouteContext, sendJson } from '../http/requests.js';
import { SCORE_COLUMNS, type ScoreColumn } from '../store/contract/conditions.js';
import type { ScoreWithTrace } from '../store/contract/rows.js';
import { sendList, sendPage } from './answers.js';
import {
  addAllOf,
  addAnyOf,
  addNumber,
  addOneOf,
  addText,
  addTimes,
  emptyFilter,
  type Filter,
} from './conditions.js';
import { cursor, encodeCursor } from './cursor.js';
import { addFilterParameter } from './filter-parameter.js';
import {
  commaList,
  fieldGroups,
  integer,
  invalid,
  number,
  one,
  oneOf,
  paging,
  refuse,
} from './parameters.js';
import {
  SCORE_FIELD_GROUPS,
  SCORE_FIELD_GROUPS_V3,
  scoreObjectV1,
  scoreObjectV2,
  scoreObjectV3,
  traceOfScore,
} from './score-shapes.js';

const OPERATORS = ['<', '>', '<=', '>=', '!=', '='] as const;
const NO_QUEUES = { queueId: 'this receiver has no annotation queues' };

export async function getScoresV1({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const fields = fieldGroups(query, SCORE_FIELD_GROUPS) ?? SCORE_FIELD_GROUPS;
  if (fields.length < SCORE_FIELD_GROUPS.length) {
    throw invalid(
      'fields',
      'left out here: only /api/public/v2/scores can leave out the trace',
      fields.join(),
    );
  }
  const filter = emptyFilter<ScoreColumn>();
  // The first version has only scores of traces, and no corrections.
  filter.conditions.push(
    { type: 'null', column: 'traceId', operator: 'is not null' },
    { type: 'stringOptions', column: 'dataType', operator: 'none of', value: ['CORRECTION'] },
  );
  addScoreParameters(filter, query);
  const shape = (row: ScoreWithTrace) => ({ ...scoreObjectV1(row), trace: traceOfScore(row) });
  return sendPage(response, await store.scores.page(filter.conditions, pages), shape, pages);
}

export async function getScoresV2({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const fields = fieldGroups(query, SCORE_FIELD_GROUPS) ?? SCORE_FIELD_GROUPS;
  const withTrace = fields.includes('trace');
  if (!fields.includes('score')) throw invalid('fields', 'a list that holds "score"', fields.join());
  if (!withTrace && (one(query, 'userId') !== null || query.has('traceTags'))) {
    throw invalid('fields', 'a list that holds "trace", to filter by userId or traceTags', fields.join());
  }
  const filter = emptyFilter<ScoreColumn>();
  addScoreParameters(filter, query);
  const shape = (row: ScoreWithTrace) => {
    const hasTrace = withTrace && row.traceId !== null;
    const trace = hasTrace ? { ...traceOfScore(row), sessionId: row.traceSessionId } : null;
    return { ...scoreObjectV2(row), trace };
  };
  return sendPage(response, await store.scores.page(filter.conditions, pages), shape, pages);
}

/** The first version supports those of the second as well: ignoring one would answer another question. */
function addScoreParameters(filter: Filter<ScoreColumn>, query: URLSearchParams): void {
  refuse(query, NO_QUEUES);
  addFilterParameter(filter, query, SCORE_COLUMNS);
  addText(filter, query, 'name', 'name');
  addText(filter, query, 'traceId', 'traceId');
  addText(filter, query, 'sessionId', 'sessionId');
  addText(filter, query, 'datasetRunId', 'datasetRunId');
  addText(filter, query, 'configId', 'configId');
  addText(filter, query, 'userId', 'traceUserId');
  addAllOf(filter, query, 'traceTags', 'traceTags');
  addOneOf(filter, query, 'dataType', SCORE_DATA_TYPES, 'dataType');
  addOneOf(filter, query, 'source', SCORE_SOURCES, 'source');
  addTimes(filter, query, ['fromTimestamp', 'toTimestamp'], 'timestamp');
  addAnyOf(filter, query, 'environment', 'environment');
  addAnyOf(filter, query, 'observationId', 'observationId', commaList(query, 'observationId'));
  addAnyOf(filter, query, 'scoreIds', 'id', commaList(query, 'scoreIds'));
  addNumber(filter, query, 'value', 'value', oneOf(query, 'operator', OPERATORS) ?? '=');
}

export async function getScoreV1({ store, response }: RouteContext, id: string): Promise<void> {
  const row = found(await store.scores.find(id), 'score', id);
  if (row.traceId === null || row.dataType === 'CORRECTION') {
    throw new HttpError(404, `only /api/public/v2/scores/${id.slice(0, 80)} answers with this score`);
  }
  sendJson(response, 200, scoreObjectV1(row));
}

export async function getScoreV2({ store, response }: RouteContext, id: string): Promise<void> {
  sendJson(response, 200, scoreObjectV2(found(await store.scores.find(id), 'score', id)));
}

const CURSOR_KEYS = { time: 'lastTimestamp', texts: ['lastId'] } as const;

/** List parameters of the third version → the column that must have one of the values. */
const LISTS_OF_V3: Record<string, ScoreColumn> = {
  id: 'id',
  name: 'name',
  environment: 'environment',
  configId: 'configId',
  traceId: 'traceId',
  sessionId: 'sessionId',
  observationId: 'observationId',
  experimentId: 'datasetRunId',
};
const REFUSED_BY_V3 = {
  userId: '/api/public/v2/scores filters by the trace',
  traceTags: '/api/public/v2/scores filters by the trace',
  ...NO_QUEUES,
  authorUserId: 'this receiver has no users',
};
const OTHER_PARAMETERS_OF_V3 =
  'limit cursor fields source dataType value valueMin valueMax fromTimestamp toTimestamp';
const PARAMETERS_OF_V3 = [
  ...Object.keys(LISTS_OF_V3),
  ...Object.keys(REFUSED_BY_V3),
  ...OTHER_PARAMETERS_OF_V3.split(' '),
];

export async function getScoresV3({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  for (const parameter of query.keys()) {
    if (!PARAMETERS_OF_V3.includes(parameter)) {
      throw new HttpError(400, `there is no query parameter ${parameter.slice(0, 80)} here`);
    }
  }
  refuse(query, REFUSED_BY_V3);
  const limit = integer(query, 'limit', 50, 1, 100);
  const groups = strictList(query, 'fields', SCORE_FIELD_GROUPS_V3);
  const filter = emptyFilter<ScoreColumn>();
  for (const [parameter, column] of Object.entries(LISTS_OF_V3)) {
    addAnyOf(filter, query, parameter, column, commaList(query, parameter));
  }
  requireOneSubject(query);
  addAnyOf(filter, query, 'source', 'source', strictList(query, 'source', SCORE_SOURCES, true));
  const dataTypes = strictList(query, 'dataType', SCORE_DATA_TYPES, true);
  addAnyOf(filter, query, 'dataType', 'dataType', dataTypes);
  addTimes(filter, query, ['fromTimestamp', 'toTimestamp'], 'timestamp');
  addValues(filter, query, dataTypes);
  const last = cursor(query, CURSOR_KEYS);
  const after = last === null ? null : { us: last.us, id: last.texts[0] ?? '' };
  const rows = await store.scores.next(filter.conditions, after, limit + 1);
  const shown = rows.slice(0, limit);
  const lastShown = rows.length > limit ? shown.at(-1) : undefined;
  const next = lastShown && {
    cursor: encodeCursor(CURSOR_KEYS, { us: lastShown.timestampUs, texts: [lastShown.id] }, { v: 1 }),
  };
  return sendList(response, shown, (row) => scoreObjectV3(row, groups), { limit, ...next });
}

/** Values are compared by their type, so exactly one type must be given. */
function addValues(filter: Filter<ScoreColumn>, query: URLSearchParams, dataTypes: readonly string[]): void {
  const values = commaList(query, 'value');
  const [min, max] = [number(query, 'valueMin'), number(query, 'valueMax')];
  const dataType = dataTypes.length === 1 ? dataTypes[0] : undefined;
  if ((min !== null || max !== null) && dataType !== 'NUMERIC') {
    throw invalid('dataType', 'NUMERIC alone, for valueMin and valueMax', dataTypes.join());
  }
  const addBound = (operator: '>=' | '<=', value: number) =>
    filter.conditions.push({ type: 'number', column: 'value', operator, value });
  const addNumbers = (value: number[]) =>
    filter.conditions.push({ type: 'numberOptions', column: 'value', operator: 'any of', value });
  if (min !== null) addBound('>=', min);
  if (max !== null) addBound('<=', max);
  if (values.length === 0) return;
  if (dataType === 'CATEGORICAL') {
    const any = { operator: 'any of', value: values } as const;
    filter.conditions.push({ type: 'stringOptions', column: 'stringValue', ...any });
  } else if (dataType === 'NUMERIC') addNumbers(numbers(values));
  else if (dataType === 'BOOLEAN') {
    for (const value of values) {
      if (value !== 'true' && value !== 'false') throw invalid('value', 'true or false', value);
    }
    addNumbers(values.map((value) => Number(value === 'true')));
  } else throw invalid('dataType', 'one of NUMERIC, BOOLEAN, CATEGORICAL alone, for value', dataTypes.join());
}

function numbers(values: string[]): number[] {
  for (const value of values) {
    if (!Number.isFinite(Number(value))) throw invalid('value', 'a list of numbers', value);
  }
  return values.map(Number);
}

/** Observation ids are unique only within their trace. */
function requireOneSubject(query: URLSearchParams): void {
  const given = ['traceId', 'sessionId', 'experimentId'].filter((name) => one(query, name) !== null);
  if (given.length > 1) throw invalid(given[1] ?? '', `left out beside ${given[0]}`, given.join());
  const observationId = one(query, 'observationId');
  if (observationId !== null && given[0] !== 'traceId')
    throw invalid('observationId', 'given with traceId', observationId);
}

function strictList<T extends string>(
  query: URLSearchParams,
  parameter: string,
  allowed: readonly T[],
  ignoreCase = false,
): T[] {
  return commaList(query, parameter).map((given) => {
    const value = ignoreCase ? given.toUpperCase() : given;
    if (!allowed.includes(value as T)) throw invalid(parameter, `a list of ${allowed.join(', ')}`, given);
    return value as T;
  });
}
