/**
 * Traits: which levels, types, models and tools the observations of a trace have, on the row of the trace. Many traces have the same ones,
 * so the page counts and filters by them without reading observations.
 *
 *     [["DEFAULT","ERROR"],["GENERATION","TOOL"],["gpt-4o"],["search"],[]]      each list sorted, so that equal traits are equal texts
 */

import type { Database, SqlValue } from './sqlite.js';

export const TRAITS = ['level', 'type', 'model', 'tool', 'failedTool'] as const;
export type Trait = (typeof TRAITS)[number];

/** The value of an observation `o`; null: it has none. */
export const TRAIT_COLUMNS: Record<Trait, string> = {
  level: `coalesce(o.level, 'DEFAULT')`,
  type: 'o.type',
  model: 'o.model',
  tool: `CASE WHEN o.type = 'TOOL' THEN o.name END`,
  failedTool: `CASE WHEN o.type = 'TOOL' AND o.level = 'ERROR' THEN o.name END`,
};

/** A trace with more has no traits: queries look at its observations. */
const MAX_BYTES = 4_000;
const LIST = (column: string) =>
  `json_group_array(DISTINCT ${column} ORDER BY ${column}) FILTER (WHERE ${column} IS NOT NULL)`;
const LISTS = `json_array(${TRAITS.map((trait) => LIST(TRAIT_COLUMNS[trait].replaceAll('o.', ''))).join(', ')})`;

/** An aggregate of rows of `observations`. */
export const TRAITS_OF_OBSERVATIONS = LISTS;
/** What of it is stored: a second name, as SQLite would compute the lists twice. */
export const storedTraits = (column: string) =>
  `iif(octet_length(${column}) <= ${MAX_BYTES}, ${column}, NULL)`;

/** All traits that are stored, by jumps from one to the next in their index: there are few. */
const STORED_TRAITS = `WITH RECURSIVE stored(traits) AS (
  SELECT min(traits) FROM traces
  UNION ALL SELECT (SELECT min(next.traits) FROM traces AS next WHERE next.traits > stored.traits) FROM stored WHERE traits IS NOT NULL
) SELECT traits FROM stored WHERE traits IS NOT NULL`;

/** A condition on the trace `t`: an observation has one of the values. Bind a JSON list of them twice. */
export function hasTrait(trait: Trait): string {
  const wanted = 'IN (SELECT value FROM json_each(?))';
  const among = `EXISTS (SELECT 1 FROM json_each(traits, '$[${TRAITS.indexOf(trait)}]') AS one WHERE one.value ${wanted})`;
  return `(t.traits IN (SELECT traits FROM (${STORED_TRAITS}) WHERE ${among}) OR (t.traits IS NULL AND EXISTS (
    SELECT 1 FROM observations AS o WHERE o.trace_id = t.id AND ${TRAIT_COLUMNS[trait]} ${wanted}
  )))`;
}

/** How many traces have which value, of those that `from` (with the trace `t`) and `where` select. */
export function countTraits(
  database: Database,
  from: string,
  where: string,
  values: readonly SqlValue[],
): Record<Trait, Map<string, number>> {
  const counts = Object.fromEntries(TRAITS.map((trait) => [trait, new Map()])) as Record<
    Trait,
    Map<string, number>
  >;
  const add = (trait: Trait, value: string, count: number) =>
    counts[trait].set(value, (counts[trait].get(value) ?? 0) + count);
  const rows = database
    .prepare(
      `SELECT t.traits AS traits, count(*) AS count FROM ${from} ${where} GROUP BY ${where === '' ? '' : '+'}t.traits`,
    )
    .all(...values);
  for (const { traits, count } of rows) {
    if (typeof traits !== 'string') continue;
    const lists = JSON.parse(traits) as string[][];
    for (const [at, trait] of TRAITS.entries())
      for (const value of lists[at] ?? []) add(trait, value, Number(count));
  }
  if (!rows.some(({ traits }) => traits === null)) return counts;
  for (const trait of TRAITS) {
    const column = TRAIT_COLUMNS[trait];
    const looked = database.prepare(
      `SELECT ${column} AS value, count(DISTINCT o.trace_id) AS count FROM observations AS o WHERE o.trace_id IN (
         SELECT t.id FROM ${from} ${where === '' ? 'WHERE' : `${where} AND`} t.traits IS NULL
       ) AND ${column} IS NOT NULL GROUP BY 1`,
    );
    for (const { value, count } of looked.all(...values)) add(trait, String(value), Number(count));
  }
  return counts;
}
