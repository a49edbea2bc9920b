/** SQL of values that are derived from several columns, for filters and metrics: usage, cost, roots, the source of scores. */

export type DetailsKind = 'usage' | 'cost';

/** A JSON object, or null. Estimated details stand in for missing ones, as in the response. */
export const detailsSql = (table: string, kind: DetailsKind) =>
  `coalesce(${table}.${kind}_details, json_extract(${table}.estimate, '$.${kind}Details'))`;

/** The sum of all keys of a side (`input`, `input_cached_tokens`, …), or null. */
export const sideSql = (table: string, kind: DetailsKind, side: 'input' | 'output') =>
  `(SELECT sum(value) FROM json_each(${detailsSql(table, kind)}) WHERE instr(key, '${side}') > 0)`;

/** Null: unknown. */
export const totalSql = (table: string, kind: DetailsKind) =>
  kind === 'usage'
    ? `coalesce(${table}.total_tokens, ${table}.estimated_tokens)`
    : `coalesce(${table}.total_cost, ${table}.estimated_cost)`;

/** An observation `o` without a parent, or one that its client marked as the root of the application, by its trace `t`. */
export const IS_ROOT_OBSERVATION = '(o.parent_id IS NULL OR o.id IS t.root_id)';

/** Of a score `s`. */
export const SCORE_SOURCE = 's.source';
