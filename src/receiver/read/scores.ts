/** Routes for scores, in the three versions of Langfuse's public API. */

import { found, HttpError, type RouteContext, sendJson } from '../http/requests.js';
import { SCORE_SOURCE } from '../store/derived-sql.js';
import { SCORE_DATA_TYPES, SCORE_SOURCES } from '../store/rows.js';
import type { SqlRow } from '../store/sqlite.js';
import { sendList, sendPage } from './answers.js';
import {
  addAllOf,
  addAnyOf,
  addCondition,
  addNumber,
  addOneOf,
  addText,
  addTimes,
  bindList,
  emptyFilter,
  type Filter,
  IN_LIST,
} from './conditions.js';
import { cursor, encodeCursor } from './cursor.js';
import { SCORE_COLUMNS } from './filter-columns.js';
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
import { findScore, nextScores, pageOfScores } from './queries.js';
import {
  SCORE_FIELD_GROUPS,
  SCORE_FIELD_GROUPS_V3,
  SCORES_OF_FIRST_VERSION,
  scoreObjectV1,
  scoreObjectV2,
  scoreObjectV3,
  traceOfScore,
} from './score-shapes.js';

const OPERATORS = ['<', '>', '<=', '>=', '!=', '='];
const NO_QUEUES = { queueId: 'this receiver has no annotation queues' };

export function getScoresV1({ store, url: { searchParams: query }, response }: RouteContext): Promise<void> {
  const pages = paging(query);
  const fields = fieldGroups(query, SCORE_FIELD_GROUPS) ?? SCORE_FIELD_GROUPS;
  if (fields.length < SCORE_FIELD_GROUPS.length) {
    throw invalid(
      'fields',
      'left out here: only /api/public/v2/scores can leave out the trace',
      fields.join(),
    );
  }
  const filter = emptyFilter();
  addCondition(filter, SCORES_OF_FIRST_VERSION);
  addScoreParameters(filter, query);
  const shape = (row: SqlRow) => ({ ...scoreObjectV1(row), trace: traceOfScore(row) });
  return sendPage(response, pageOfScores(store.database, filter, pages), shape, pages);
}

export function getScoresV2({ store, url: { searchParams: query }, response }: RouteContext): Promise<void> {
  const pages = paging(query);
  const fields = fieldGroups(query, SCORE_FIELD_GROUPS) ?? SCORE_FIELD_GROUPS;
  const withTrace = fields.includes('trace');
  if (!fields.includes('score')) throw invalid('fields', 'a list that holds "score"', fields.join());
  if (!withTrace && (one(query, 'userId') !== null || query.has('traceTags'))) {
    throw invalid('fields', 'a list that holds "trace", to filter by userId or traceTags', fields.join());
  }
  const filter = emptyFilter();
  addScoreParameters(filter, query);
  const shape = (row: SqlRow) => {
    const hasTrace = withTrace && row.trace_id !== null;
    const trace = hasTrace ? { ...traceOfScore(row), sessionId: row.trace_session_id } : null;
    return { ...scoreObjectV2(row), trace };
  };
  return sendPage(response, pageOfScores(store.database, filter, pages), shape, pages);
}

/** The first version supports those of the second as well: ignoring one would answer another question. */
function addScoreParameters(filter: Filter, query: URLSearchParams): void {
  refuse(query, NO_QUEUES);
  addFilterParameter(filter, query, SCORE_COLUMNS);
  addText(filter, query, 'name', 's.name = ?');
  addText(filter, query, 'traceId', 's.trace_id = ?');
  addText(filter, query, 'sessionId', 's.session_id = ?');
  addText(filter, query, 'datasetRunId', 's.dataset_run_id = ?');
  addText(filter, query, 'configId', 's.config_id = ?');
  addText(filter, query, 'userId', 't.user_id = ?');
  addAllOf(filter, query, 'traceTags', 't.tags');
  addOneOf(filter, query, 'dataType', SCORE_DATA_TYPES, 's.data_type = ?');
  addOneOf(filter, query, 'source', SCORE_SOURCES, `${SCORE_SOURCE} = ?`);
  addTimes(filter, query, ['fromTimestamp', 'toTimestamp'], 'timestamp', 's.timestamp_us');
  addAnyOf(filter, query, 'environment', `coalesce(s.environment, 'default')`);
  addAnyOf(filter, query, 'observationId', 's.observation_id', commaList(query, 'observationId'));
  addAnyOf(filter, query, 'scoreIds', 's.id', commaList(query, 'scoreIds'));
  addNumber(filter, query, 'value', `s.value ${oneOf(query, 'operator', OPERATORS) ?? '='} ?`);
}

export function getScoreV1({ store, response }: RouteContext, id: string): void {
  const row = found(findScore(store.database, id), 'score', id);
  if (row.trace_id === null || row.data_type === 'CORRECTION') {
    throw new HttpError(404, `only /api/public/v2/scores/${id.slice(0, 80)} answers with this score`);
  }
  sendJson(response, 200, scoreObjectV1(row));
}

export function getScoreV2({ store, response }: RouteContext, id: string): void {
  sendJson(response, 200, scoreObjectV2(found(findScore(store.database, id), 'score', id)));
}

const CURSOR_KEYS = { time: 'lastTimestamp', texts: ['lastId'] } as const;

/** List parameters of the third version → the column that must have one of the values. */
const LISTS_OF_V3 = {
  id: 's.id',
  name: 's.name',
  environment: `coalesce(s.environment, 'default')`,
  configId: 's.config_id',
  traceId: 's.trace_id',
  sessionId: 's.session_id',
  observationId: 's.observation_id',
  experimentId: 's.dataset_run_id',
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

export function getScoresV3({ store, url: { searchParams: query }, response }: RouteContext): Promise<void> {
  for (const parameter of query.keys()) {
    if (!PARAMETERS_OF_V3.includes(parameter)) {
      throw new HttpError(400, `there is no query parameter ${parameter.slice(0, 80)} here`);
    }
  }
  refuse(query, REFUSED_BY_V3);
  const limit = integer(query, 'limit', 50, 1, 100);
  const groups = strictList(query, 'fields', SCORE_FIELD_GROUPS_V3);
  const filter = emptyFilter();
  for (const [parameter, sql] of Object.entries(LISTS_OF_V3)) {
    addAnyOf(filter, query, parameter, sql, commaList(query, parameter));
  }
  requireOneSubject(query);
  addAnyOf(filter, query, 'source', SCORE_SOURCE, strictList(query, 'source', SCORE_SOURCES, true));
  const dataTypes = strictList(query, 'dataType', SCORE_DATA_TYPES, true);
  addAnyOf(filter, query, 'dataType', 's.data_type', dataTypes);
  addTimes(filter, query, ['fromTimestamp', 'toTimestamp'], 'timestamp', 's.timestamp_us');
  addValues(filter, query, dataTypes);
  const last = cursor(query, CURSOR_KEYS);
  if (last !== null) addCondition(filter, '(s.timestamp_us, s.id) < (?, ?)', last.us, last.texts[0] ?? '');

  const rows = nextScores(store.database, filter, limit + 1);
  const shown = rows.slice(0, limit);
  const lastShown = rows.length > limit ? shown.at(-1) : undefined;
  const next = lastShown && {
    cursor: encodeCursor(
      CURSOR_KEYS,
      { us: Number(lastShown.timestamp_us), texts: [String(lastShown.id)] },
      { v: 1 },
    ),
  };
  return sendList(response, shown, (row) => scoreObjectV3(row, groups), { limit, ...next });
}

/** Values are compared by their type, so exactly one type must be given. */
function addValues(filter: Filter, query: URLSearchParams, dataTypes: readonly string[]): void {
  const values = commaList(query, 'value');
  const [min, max] = [number(query, 'valueMin'), number(query, 'valueMax')];
  const dataType = dataTypes.length === 1 ? dataTypes[0] : undefined;
  if ((min !== null || max !== null) && dataType !== 'NUMERIC') {
    throw invalid('dataType', 'NUMERIC alone, for valueMin and valueMax', dataTypes.join());
  }
  if (min !== null) addCondition(filter, 's.value >= ?', min);
  if (max !== null) addCondition(filter, 's.value <= ?', max);
  if (values.length === 0) return;
  if (dataType === 'CATEGORICAL') addCondition(filter, `s.string_value IN ${IN_LIST}`, bindList(values));
  else if (dataType === 'NUMERIC') addCondition(filter, `s.value IN ${IN_LIST}`, numbers(values));
  else if (dataType === 'BOOLEAN') {
    for (const value of values) {
      if (value !== 'true' && value !== 'false') throw invalid('value', 'true or false', value);
    }
    addCondition(
      filter,
      `s.value IN ${IN_LIST}`,
      JSON.stringify(values.map((value) => Number(value === 'true'))),
    );
  } else throw invalid('dataType', 'one of NUMERIC, BOOLEAN, CATEGORICAL alone, for value', dataTypes.join());
}

function numbers(values: string[]): string {
  for (const value of values) {
    if (!Number.isFinite(Number(value))) throw invalid('value', 'a list of numbers', value);
  }
  return JSON.stringify(values.map(Number));
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
