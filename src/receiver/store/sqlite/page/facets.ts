/** The values of each filter among the traces that the other filters leave, with counts. */

import { VALUE_FILTERS, type ValueFilter } from '../../../../viewer/data/filters.js';
import type { Facets, FacetValue, ScoreFacet } from '../../../../viewer/data/list.js';
import { nextTurn } from '../../../slices.js';
import type { PageFilter } from '../../contract/page.js';
import { bindList, IN_LIST, whereClause } from '../read/conditions.js';
import type { Database, SqlRow, SqlValue } from '../sqlite.js';
import { countTraits, type Trait } from '../traits.js';
import { isTrait, pageFilterSql, VALUES_OF_TRACE } from './page-filter.js';

const MAX_VALUES = 50;
const MAX_VALUE_CHARS = 300;
const MAX_SCORE_VALUES = 12;

/** The traces that pass a filter, as SQL with its bound values. */
interface Selection {
  where: string;
  values: SqlValue[];
  traits?: Record<Trait, Map<string, number>>;
}

export async function readFacets(database: Database, filter: PageFilter): Promise<Facets> {
  const all = await matching(database, filter);
  const selectionFor = async (name: ValueFilter | 'score') => {
    // Each facet is a query of its own, and gets a turn of the event loop.
    await nextTurn();
    const others = without(filter, name);
    return others === filter ? all : await select(database, others);
  };
  const values = {} as Record<ValueFilter, FacetValue[]>;
  for (const name of VALUE_FILTERS) values[name] = valuesOf(database, name, await selectionFor(name));
  return { values, scores: scoreFacets(database, await selectionFor('score')) };
}

/** Without the filter whose values are counted. The same filter if it has none of them. */
function without(filter: PageFilter, name: ValueFilter | 'score'): PageFilter {
  if (name !== 'score') {
    const isAsked = (filter.values[name] ?? []).length > 0;
    return isAsked ? { ...filter, values: { ...filter.values, [name]: [] } } : filter;
  }
  // Unscored ones have no values to count, unless a score is asked for.
  return filter.scores.length > 0 ? { ...filter, scores: [], unscored: [] } : filter;
}

async function select(database: Database, filter: PageFilter): Promise<Selection> {
  const { where } = await pageFilterSql(database, filter);
  return { where: whereClause(where), values: where.values };
}

/** Whether no index of traces answers the filter. */
function isCostly({ search, metadata, status, scores, isScored }: PageFilter): boolean {
  return search !== null || metadata.length > 0 || status !== null || scores.length > 0 || isScored !== null;
}

/** The traces that pass all filters. Those that pass costly ones by number: the facets share them. */
async function matching(database: Database, filter: PageFilter): Promise<Selection> {
  const { where, values } = await select(database, filter);
  if (!isCostly(filter)) return { where, values };
  const rows = database.prepare(`SELECT t.rowid AS row_id FROM traces AS t ${where}`).all(...values);
  const numbers = bindList(rows.map(({ row_id }) => Number(row_id)));
  return { where: `WHERE t.rowid IN ${IN_LIST}`, values: [numbers] };
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
