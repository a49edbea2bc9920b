/** The second version of the list of observations: groups of fields, and a cursor in the place of pages. */

import { sendList } from '../http/answers.js';
import type { RouteContext } from '../http/requests.js';
import { addCondition, addText, emptyFilter } from './conditions.js';
import { cursor, encodeCursor } from './cursor.js';
import { isRootObservation, observationColumnsV2 } from './filter-columns.js';
import { addFilterParameter } from './filter-parameter.js';
import { observationFieldGroups, observationFields } from './observation-fields.js';
import { commaList, fieldGroups, flag, integer, invalid } from './query.js';
import { addObservationParameters } from './read-api.js';
import { nextObservations, observationKey } from './read-store.js';

const maxLimit = 1000;
const defaultLimit = 50;
const cursorKeys = { time: 'lastStartTimeTo', texts: ['lastTraceId', 'lastId'] } as const;

export function getObservationsV2({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  const limit = integer(query, 'limit', defaultLimit, 0, maxLimit);
  const groups = fieldGroups(query, observationFieldGroups) ?? ['core', 'basic'];
  // With payloads the server reads its table of full rows, and there metadata is whole as well.
  const cutMetadata = commaList(query, 'expandMetadata').length === 0 && !groups.includes('io');
  if (flag(query, 'parseIoAsJson') === true) {
    throw invalid(
      'parseIoAsJson',
      'false or left out: input and output are answered as they are stored',
      'true',
    );
  }

  const filter = emptyFilter();
  addFilterParameter(filter, query, observationColumnsV2);
  addObservationParameters(filter, query);
  addText(filter, query, 'sessionId', 't.session_id = ?');
  addText(filter, query, 'parentObservationId', 'o.parent_id = ?');
  if (query.get('parentObservationId') === '') addCondition(filter, 'o.parent_id IS NULL');
  const isRoot = flag(query, 'isRootObservation');
  if (isRoot !== null) addCondition(filter, `${isRootObservation} = ?`, isRoot ? 1 : 0);
  const last = cursor(query, cursorKeys);
  if (last !== null) {
    const [traceId = '', id = ''] = last.texts;
    const after = `(coalesce(o.start_us, 0), ${observationKey}) < (?, ? || char(1) || ?)`;
    addCondition(filter, after, last.us, traceId, id);
  }

  const rows = nextObservations(store.database, filter, limit + 1);
  const shown = rows.slice(0, limit);
  const lastShown = rows.length > limit ? shown.at(-1) : undefined;
  const meta = lastShown && {
    cursor: encodeCursor(cursorKeys, {
      us: Number(lastShown.start_us ?? 0),
      texts: [String(lastShown.trace_id), String(lastShown.id)],
    }),
  };
  return sendList(response, shown, (row) => observationFields(row, { groups, cutMetadata }), meta ?? {});
}
