/** `GET /api/tailrace/facets`: the values of each filter among the traces that the other filters leave, with counts. */

import {
  type Facets,
  type FacetValue,
  type ScoreFacet,
  VALUE_FILTERS,
  type ValueFilter,
} from '../../viewer/page-data.js';
import type { RouteContext } from '../http/requests.js';
import { whereClause } from '../read/conditions.js';
import { TRACES_WITH_ROOT } from '../read/queries.js';
import { nextTurn } from '../slices.js';
import type { Database, SqlRow, SqlValue } from '../store/sqlite.js';
import { sendData } from './answers.js';
import { pageFilter, VALUES_OF_OBSERVATION, VALUES_OF_TRACE } from './page-filter.js';

const MAX_VALUES = 50;
const MAX_VALUE_CHARS = 300;
const MAX_SCORE_VALUES = 12;
/** Values of observations are counted in the newest traces only: a million observations take a second. */
const MAX_TRACES_LOOKED_INTO = 2_000;

/** The traces that pass a filter, as SQL with its bound values. */
interface Selection {
  where: string;
  values: SqlValue[];
}

export async function getFacets(context: RouteContext): Promise<void> {
  const { database } = context.store;
  const query = context.url.searchParams;
  const all = await matching(database, query);
  const selectionFor = async (name: ValueFilter | 'score') => {
    // Each facet is a query of its own, and gets a turn of the event loop.
    await nextTurn();
    return query.has(name) ? await select(database, query, name) : all;
  };
  const values = {} as Record<ValueFilter, FacetValue[]>;
  for (const name of VALUE_FILTERS) values[name] = valuesOf(database, name, await selectionFor(name));
  const facets: Facets = { values, scores: scoreFacets(database, await selectionFor('score')) };
  await sendData(context, facets);
}

async function select(
  database: Database,
  query: URLSearchParams,
  except?: ValueFilter | 'score',
): Promise<Selection> {
  const { filter } = await pageFilter(database, query, except);
  return { where: whereClause(filter), values: filter.values };
}

/** The traces that pass all filters, by number: ten facets share them, and conditions on observations are tried once. */
async function matching(database: Database, query: URLSearchParams): Promise<Selection> {
  const { where, values } = await select(database, query);
  if (where === '') return { where, values };
  const rows = database.prepare(`SELECT t.rowid AS row_id FROM ${TRACES_WITH_ROOT} ${where}`).all(...values);
  const numbers = JSON.stringify(rows.map(({ row_id }) => Number(row_id)));
  return { where: 'WHERE t.rowid IN (SELECT value FROM json_each(?))', values: [numbers] };
}

function valuesOf(database: Database, name: ValueFilter, selection: Selection): FacetValue[] {
  const [ofTrace, ofObservation] = [VALUES_OF_TRACE[name], VALUES_OF_OBSERVATION[name]];
  if (ofTrace !== undefined) return ofTraces(database, ofTrace, selection);
  return ofObservation === undefined
    ? tags(database, selection)
    : ofObservations(database, ofObservation, selection);
}

function ofTraces(database: Database, column: string, { where, values }: Selection): FacetValue[] {
  const sql = `SELECT ${column} AS value, count(*) AS count FROM ${TRACES_WITH_ROOT} ${where}
    GROUP BY 1 HAVING value IS NOT NULL ORDER BY count DESC, value LIMIT ${MAX_VALUES}`;
  return database
    .prepare(sql)
    .all(...values)
    .flatMap(facetValue);
}

const newestIds = (where: string) =>
  `SELECT t.id FROM ${TRACES_WITH_ROOT} ${where} ORDER BY t.timestamp_us DESC LIMIT ${MAX_TRACES_LOOKED_INTO}`;

function ofObservations(database: Database, column: string, { where, values }: Selection): FacetValue[] {
  const sql = `SELECT ${column} AS value, count(DISTINCT o.trace_id) AS count FROM observations AS o
    WHERE o.trace_id IN (${newestIds(where)}) AND ${column} IS NOT NULL
    GROUP BY 1 ORDER BY count DESC, value LIMIT ${MAX_VALUES}`;
  return database
    .prepare(sql)
    .all(...values)
    .flatMap(facetValue);
}

function tags(database: Database, { where, values }: Selection): FacetValue[] {
  const sql = `SELECT tag.value AS value, count(DISTINCT t.id) AS count FROM ${TRACES_WITH_ROOT}, json_each(t.tags) AS tag
    ${where} GROUP BY 1 ORDER BY count DESC, value LIMIT ${MAX_VALUES}`;
  return database
    .prepare(sql)
    .all(...values)
    .flatMap(facetValue);
}

function facetValue({ value, count }: SqlRow): FacetValue[] {
  const text = String(value);
  // A cut value would find nothing.
  return text === '' || text.length > MAX_VALUE_CHARS ? [] : [{ value: text, count: Number(count) }];
}

function scoreFacets(database: Database, { where, values }: Selection): ScoreFacet[] {
  const ofTraces = `scores AS s WHERE s.trace_id IN (SELECT t.id FROM ${TRACES_WITH_ROOT} ${where})`;
  const sql = `SELECT s.name AS value, count(DISTINCT s.trace_id) AS count, min(s.value) AS min, max(s.value) AS max
    FROM ${ofTraces} GROUP BY 1 ORDER BY count DESC, value LIMIT ${MAX_VALUES}`;
  const names = database.prepare(sql).all(...values);
  const byValue = database.prepare(
    `SELECT coalesce(s.string_value, s.value) AS value, count(DISTINCT s.trace_id) AS count
     FROM ${ofTraces} AND s.name = ? GROUP BY 1 ORDER BY count DESC LIMIT ${MAX_SCORE_VALUES + 1}`,
  );
  return names.flatMap((row) =>
    facetValue(row).map(({ value: name, count }) => {
      const found = byValue.all(...values, name);
      return {
        name,
        count,
        min: row.min === null ? null : Number(row.min),
        max: row.max === null ? null : Number(row.max),
        values: found.length > MAX_SCORE_VALUES ? [] : found.flatMap(facetValue),
      };
    }),
  );
}
