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
import { nextTurn } from '../slices.js';
import type { Database, SqlRow, SqlValue } from '../store/sqlite.js';
import { countTraits, type Trait } from '../store/traits.js';
import { sendData } from './answers.js';
import { isTrait, pageFilter, VALUES_OF_TRACE } from './page-filter.js';

const MAX_VALUES = 50;
const MAX_VALUE_CHARS = 300;
const MAX_SCORE_VALUES = 12;

/** The filters that no index of traces answers. */
const COSTLY_FILTERS = ['q', 'metadata', 'status', 'score', 'scored'];

/** The traces that pass a filter, as SQL with its bound values. */
interface Selection {
  where: string;
  values: SqlValue[];
  traits?: Record<Trait, Map<string, number>>;
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

/** The traces that pass all filters. Those that pass costly ones by number: the facets share them. */
async function matching(database: Database, query: URLSearchParams): Promise<Selection> {
  const { where, values } = await select(database, query);
  if (!COSTLY_FILTERS.some((name) => query.has(name))) return { where, values };
  const rows = database.prepare(`SELECT t.rowid AS row_id FROM traces AS t ${where}`).all(...values);
  const numbers = JSON.stringify(rows.map(({ row_id }) => Number(row_id)));
  return { where: 'WHERE t.rowid IN (SELECT value FROM json_each(?))', values: [numbers] };
}

function valuesOf(database: Database, name: ValueFilter, selection: Selection): FacetValue[] {
  const ofTrace = VALUES_OF_TRACE[name];
  if (ofTrace !== undefined) return ofTraces(database, ofTrace, selection);
  return isTrait(name) ? ofObservations(traitsOf(database, selection), name) : tags(database, selection);
}

/** Three facets share the counts of one selection. */
function traitsOf(database: Database, selection: Selection): Record<Trait, Map<string, number>> {
  selection.traits ??= countTraits(database, 'traces AS t', selection.where, selection.values);
  return selection.traits;
}

function ofTraces(database: Database, column: string, { where, values }: Selection): FacetValue[] {
  // The column's own index has no other columns: with a condition SQLite would look up each row. A plus keeps it away.
  const group = where === '' ? column : `+${column}`;
  const sql = `SELECT ${column} AS value, count(*) AS count FROM traces AS t ${where}
    GROUP BY ${group} HAVING value IS NOT NULL ORDER BY count DESC, value LIMIT ${MAX_VALUES}`;
  return database
    .prepare(sql)
    .all(...values)
    .flatMap(facetValue);
}

function ofObservations(counted: Record<Trait, Map<string, number>>, name: Trait): FacetValue[] {
  return [...counted[name]]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, MAX_VALUES)
    .flatMap(([value, count]) => facetValue({ value, count }));
}

/** A trace has each tag once. */
function tags(database: Database, { where, values }: Selection): FacetValue[] {
  const sql = `SELECT tag.value AS value, count(*) AS count FROM traces AS t, json_each(t.tags) AS tag
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
  if (database.prepare('SELECT 1 FROM scores LIMIT 1').get() === undefined) return [];
  const ofTraces = `scores AS s WHERE s.trace_id IN (SELECT t.id FROM traces AS t ${where})`;
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
