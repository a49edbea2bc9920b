/** Observations, in the two versions of Langfuse's public API: pages, and groups of fields with a cursor. */

import { found, type RouteContext } from '../http/requests.js';
import { IS_ROOT_OBSERVATION } from '../store/derived-sql.js';
import { LEVELS, OBSERVATION_TYPES } from '../store/rows.js';
import type { SqlRow } from '../store/sqlite.js';
import { sendList, sendOne, sendPage } from './answers.js';
import {
  addAnyOf,
  addCondition,
  addOneOf,
  addText,
  addTimes,
  emptyFilter,
  type Filter,
} from './conditions.js';
import { cursor, encodeCursor } from './cursor.js';
import { OBSERVATION_COLUMNS, OBSERVATION_COLUMNS_V2 } from './filter-columns.js';
import { addFilterParameter } from './filter-parameter.js';
import { OBSERVATION_FIELD_GROUPS, observationFields } from './observation-fields.js';
import { commaList, estimatesAreAsked, fieldGroups, flag, integer, invalid, paging } from './parameters.js';
import { findObservation, nextObservations, OBSERVATION_KEY, pageOfObservations } from './queries.js';
import { observationWithEstimates } from './shapes.js';

export function getObservations({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const withEstimates = estimatesAreAsked(query);
  const filter = emptyFilter();
  addFilterParameter(filter, query, OBSERVATION_COLUMNS);
  addObservationParameters(filter, query);
  addText(filter, query, 'parentObservationId', 'o.parent_id = ?');
  const shape = (row: SqlRow) => observationWithEstimates(row, withEstimates);
  return sendPage(response, pageOfObservations(store.database, filter, pages), shape, pages);
}

/** Parameters of both versions of the list of observations. */
function addObservationParameters(filter: Filter, query: URLSearchParams): void {
  addText(filter, query, 'name', 'o.name = ?');
  addText(filter, query, 'traceId', 'o.trace_id = ?');
  addText(filter, query, 'userId', 't.user_id = ?');
  addText(filter, query, 'version', 'o.version = ?');
  addOneOf(filter, query, 'type', OBSERVATION_TYPES, 'o.type = ?');
  addOneOf(filter, query, 'level', LEVELS, `coalesce(o.level, 'DEFAULT') = ?`);
  addTimes(filter, query, ['fromStartTime', 'toStartTime'], 'startTime', 'o.start_us');
  addAnyOf(filter, query, 'environment', `coalesce(o.environment, 'default')`);
}

export function getObservation(
  { store, url: { searchParams: query }, response }: RouteContext,
  id: string,
): Promise<void> {
  const withEstimates = estimatesAreAsked(query);
  const row = found(findObservation(store.database, id), 'observation', id);
  return sendOne(response, () => observationWithEstimates(row, withEstimates));
}

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 50;
const CURSOR_KEYS = { time: 'lastStartTimeTo', texts: ['lastTraceId', 'lastId'] } as const;

export function getObservationsV2({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const limit = integer(query, 'limit', DEFAULT_LIMIT, 0, MAX_LIMIT);
  const groups = fieldGroups(query, OBSERVATION_FIELD_GROUPS) ?? ['core', 'basic'];
  // With payloads the server reads its table of full rows, which has untruncated metadata.
  const cutMetadata = commaList(query, 'expandMetadata').length === 0 && !groups.includes('io');
  if (flag(query, 'parseIoAsJson') === true) {
    throw invalid(
      'parseIoAsJson',
      'false or left out: input and output are answered as they are stored',
      'true',
    );
  }

  const filter = emptyFilter();
  addFilterParameter(filter, query, OBSERVATION_COLUMNS_V2);
  addObservationParameters(filter, query);
  addText(filter, query, 'sessionId', 't.session_id = ?');
  addText(filter, query, 'parentObservationId', 'o.parent_id = ?');
  if (query.get('parentObservationId') === '') addCondition(filter, 'o.parent_id IS NULL');
  const isRoot = flag(query, 'isRootObservation');
  if (isRoot !== null) addCondition(filter, `${IS_ROOT_OBSERVATION} = ?`, isRoot ? 1 : 0);
  const last = cursor(query, CURSOR_KEYS);
  if (last !== null) {
    const [traceId = '', id = ''] = last.texts;
    const after = `(coalesce(o.start_us, 0), ${OBSERVATION_KEY}) < (?, ? || char(1) || ?)`;
    addCondition(filter, after, last.us, traceId, id);
  }

  const rows = nextObservations(store.database, filter, limit + 1);
  const shown = rows.slice(0, limit);
  const lastShown = rows.length > limit ? shown.at(-1) : undefined;
  const meta = lastShown && {
    cursor: encodeCursor(CURSOR_KEYS, {
      us: Number(lastShown.start_us ?? 0),
      texts: [String(lastShown.trace_id), String(lastShown.id)],
    }),
  };
  return sendList(response, shown, (row) => observationFields(row, { groups, cutMetadata }), meta ?? {});
}
