/** The tables by name, and values that are derived from several columns: usage, cost, estimates. `o` is an observation. */

import { tableOf } from '../../../exporters/clickhouse/schema.js';
import type { ClickhouseTables } from '../../../shared/contract/clickhouse-options.js';
import { raw, type Sql } from './connection/sql.js';

const NAMES = [
  'observations',
  'traces',
  'scores',
  'comments',
  'complaints',
  'media',
  'media_traces',
] as const;
export type Tables = Readonly<Record<(typeof NAMES)[number], Sql>>;

/** Names were checked when the target was resolved. */
export function tablesOf(target: ClickhouseTables): Tables {
  return Object.fromEntries(NAMES.map((name) => [name, raw(tableOf(target, name))])) as Tables;
}

export type DetailsKind = 'usage' | 'cost';

/** A map. Estimated details stand in for missing ones. */
export const detailsSql = (kind: DetailsKind) =>
  `if(empty(o.${kind}_details), o.estimated_${kind}, o.${kind}_details)`;

/** The total as given, or the sum of all keys; null: unknown. */
const totalOfMap = (map: string) =>
  `if(empty(${map}), NULL, toFloat64(if(mapContains(${map}, 'total'), ${map}['total'], arraySum(mapValues(${map})))))`;

export const totalSql = (kind: DetailsKind) => totalOfMap(detailsSql(kind));

/** The sum of all keys of a side (`input`, `input_cached_tokens`, …), or null. */
export const sideSql = (kind: DetailsKind, side: 'input' | 'output') => {
  const ofSide = `mapFilter((key, value) -> position(key, '${side}') > 0, ${detailsSql(kind)})`;
  return `if(empty(${ofSide}), NULL, toFloat64(arraySum(mapValues(${ofSide}))))`;
};

/** The exporter writes its estimates as figures, and says so in the metadata; the receiver keeps them apart. */
const markSql = (name: string) =>
  `if(o.estimate = '', o.metadata['tailrace_${name}'], JSONExtractString(o.estimate, 'marks', '${name}'))`;
export const HAS_ESTIMATED_TOKENS = `(${markSql('usage')} = 'estimated')`;
export const HAS_ESTIMATED_COST = `(${markSql('cost')} IN ('computed', 'estimated'))`;

/** Microseconds since 1970 of a column of times. */
export const microsSql = (column: string) => `toUnixTimestamp64Micro(${column})`;
/** The same of a column that may have none: the function takes no nulls in earlier versions. */
export const nullableMicrosSql = (column: string) =>
  `if(${column} IS NULL, NULL, toUnixTimestamp64Micro(assumeNotNull(${column})))`;
