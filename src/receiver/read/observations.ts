/** Observations, in the two versions of Langfuse's public API: pages, and groups of fields with a cursor. */

import { LEVELS, OBSERVATION_TYPES } from '../../ingest/rows.js';
import { found, type RouteContext } from '../http/requests.js';
import {
  OBSERVATION_COLUMNS,
  OBSERVATION_COLUMNS_V2,
  type ObservationColumn,
} from '../store/contract/conditions.js';
import type { StoredObservation } from '../store/contract/rows.js';
import { sendList, sendOne, sendPage } from './answers.js';
import { addAnyOf, addOneOf, addText, addTimes, emptyFilter, type Filter } from './conditions.js';
import { cursor, encodeCursor } from './cursor.js';
import { addFilterParameter } from './filter-parameter.js';
import { OBSERVATION_FIELD_GROUPS, observationFields } from './observation-fields.js';
import { commaList, estimatesAreAsked, fieldGroups, flag, integer, invalid, paging } from './parameters.js';
import { observationWithEstimates } from './shapes.js';

export async function getObservations({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const pages = paging(query);
  const withEstimates = estimatesAreAsked(query);
  const filter = emptyFilter<ObservationColumn>();
  addFilterParameter(filter, query, OBSERVATION_COLUMNS);
  addObservationParameters(filter, query);
  addText(filter, query, 'parentObservationId', 'parentObservationId');
  const shape = (row: StoredObservation) => observationWithEstimates(row, withEstimates);
  const page = await store.observations.page(filter.conditions, pages);
  return sendPage(response, page, shape, pages);
}

/** Parameters of both versions of the list of observations. */
function addObservationParameters(filter: Filter<ObservationColumn>, query: URLSearchParams): void {
  addText(filter, query, 'name', 'name');
  addText(filter, query, 'traceId', 'traceId');
  addText(filter, query, 'userId', 'userId');
  addText(filter, query, 'version', 'version');
  addOneOf(filter, query, 'type', OBSERVATION_TYPES, 'type');
  addOneOf(filter, query, 'level', LEVELS, 'level');
  addTimes(filter, query, ['fromStartTime', 'toStartTime'], 'startTime');
  addAnyOf(filter, query, 'environment', 'environment');
}

export async function getObservation(
  { store, url: { searchParams: query }, response }: RouteContext,
  id: string,
): Promise<void> {
  const withEstimates = estimatesAreAsked(query);
  const row = found(await store.observations.find(id), 'observation', id);
  return sendOne(response, () => observationWithEstimates(row, withEstimates));
}

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 50;
/** The operator `matches` on these. */
const SEARCHED_V2 = { metadata: 'exact', input: 'ignoring case', output: 'ignoring case' } as const;

const CURSOR_KEYS = { time: 'lastStartTimeTo', texts: ['lastTraceId', 'lastId'] } as const;

export async function getObservationsV2({
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

  const filter = emptyFilter<ObservationColumn>();
  addFilterParameter(filter, query, OBSERVATION_COLUMNS_V2, SEARCHED_V2);
  addObservationParameters(filter, query);
  addText(filter, query, 'sessionId', 'sessionId');
  addText(filter, query, 'parentObservationId', 'parentObservationId');
  if (query.get('parentObservationId') === '') {
    filter.conditions.push({ type: 'null', column: 'parentObservationId', operator: 'is null' });
  }
  const isRoot = flag(query, 'isRootObservation');
  if (isRoot !== null) {
    filter.conditions.push({ type: 'boolean', column: 'isRootObservation', operator: '=', value: isRoot });
  }
  const last = cursor(query, CURSOR_KEYS);
  const [traceId = '', id = ''] = last?.texts ?? [];
  const after = last === null ? null : { us: last.us, traceId, id };
  const rows = await store.observations.next(filter.conditions, after, limit + 1);
  const shown = rows.slice(0, limit);
  const lastShown = rows.length > limit ? shown.at(-1) : undefined;
  const meta = lastShown && {
    cursor: encodeCursor(CURSOR_KEYS, {
      us: lastShown.startUs ?? 0,
      texts: [lastShown.traceId, lastShown.id],
    }),
  };
  return sendList(response, shown, (row) => observationFields(row, { groups, cutMetadata }), meta ?? {});
}
