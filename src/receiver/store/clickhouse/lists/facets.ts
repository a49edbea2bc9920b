/** The values of each filter among the traces that the other filters leave, with counts. */

import { VALUE_FILTERS, type ValueFilter } from '../../../../viewer/data/filters.js';
import type { Facets, FacetValue, ScoreFacet } from '../../../../viewer/data/list.js';
import type { PageFilter } from '../../contract/page.js';
import type { Row } from '../connection/connection.js';
import { integer, raw, type Sql, sql, texts, whereAll } from '../connection/sql.js';
import { countOf, numberOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import {
  OF_OBSERVATION,
  OF_TRACE,
  ofSelected,
  type Selection,
  selectedTraces,
  selectionOf,
} from './page-filter.js';

const MAX_VALUES = 50;
const MAX_VALUE_CHARS = 300;
const MAX_SCORE_VALUES = 12;
/** Queries of one request at a time: a cluster serves others too. */
const AT_ONCE = 4;

export async function facetsOf(
  reading: Reading,
  filter: PageFilter,
  found?: readonly string[],
): Promise<Facets> {
  const { connection, tables } = reading;
  const values = {} as Record<ValueFilter, FacetValue[]>;
  const open = [...VALUE_FILTERS];
  const worker = async () => {
    for (let name = open.shift(); name !== undefined; name = open.shift()) {
      const others = { ...filter, values: { ...filter.values, [name]: [] } };
      const rows = await connection.rows(valuesSql(name, selectionOf(tables, others, found)));
      values[name] = rows.flatMap(facetValue);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const scores = await scoreFacets(
    reading,
    selectionOf(tables, { ...filter, scores: [], unscored: [] }, found),
  );
  return { values, scores };

  function valuesSql(name: ValueFilter, selection: Selection): Sql {
    const [ofTrace, ofObservation] = [OF_TRACE[name], OF_OBSERVATION[name]];
    const rest = sql`GROUP BY value HAVING isNotNull(value) AND value <> '' ORDER BY count DESC, value LIMIT ${integer(MAX_VALUES)}`;
    if (ofObservation !== undefined) {
      return sql`SELECT ${raw(ofObservation)} AS value, uniqExact(o.trace_id) AS count FROM ${tables.observations} AS o FINAL${whereAll(ofSelected(tables, selection))} ${rest}`;
    }
    const value = ofTrace ?? 'arrayJoin(t.tags)';
    return sql`SELECT ${raw(value)} AS value, count() AS count FROM ${selectedTraces(tables, selection)} ${rest}`;
  }
}

function facetValue({ value, count }: Row): FacetValue[] {
  const text = String(value);
  // A cut value would find nothing.
  return text === '' || text.length > MAX_VALUE_CHARS ? [] : [{ value: text, count: countOf(count) }];
}

async function scoreFacets({ connection, tables }: Reading, selection: Selection): Promise<ScoreFacet[]> {
  const of =
    selection.conditions.length === 0
      ? sql`s.trace_id IN (SELECT id FROM ${tables.traces} FINAL)`
      : sql`s.trace_id IN (SELECT t.id FROM ${selectedTraces(tables, selection)})`;
  const from = sql`FROM ${tables.scores} AS s FINAL WHERE ${of}`;
  const names = await connection.rows(
    sql`SELECT s.name AS value, uniqExact(s.trace_id) AS count, min(s.value) AS min, max(s.value) AS max ${from}
      GROUP BY s.name ORDER BY count DESC, value LIMIT ${integer(MAX_VALUES)}`,
  );
  if (names.length === 0) return [];
  const values = await connection.rows(
    sql`SELECT s.name AS name, coalesce(s.string_value, toString(s.value)) AS value, uniqExact(s.trace_id) AS count ${from}
      AND s.name IN ${texts(names.map(({ value }) => String(value)))} GROUP BY name, value HAVING isNotNull(value)
      ORDER BY count DESC, value LIMIT ${integer(MAX_SCORE_VALUES + 1)} BY name`,
  );
  return names.flatMap((row) =>
    facetValue(row).map(({ value: name, count }) => {
      const ofName = values.filter((one) => one.name === name);
      return {
        name,
        count,
        min: numberOf(row.min),
        max: numberOf(row.max),
        values: ofName.length > MAX_SCORE_VALUES ? [] : ofName.flatMap(facetValue),
      };
    }),
  );
}
