/** What is stored in numbers: counts, usage and cost, and the room that it takes. */

import type { StoredCounts, StoredUsage, StoreSize, SummedFigure } from '../contract.js';
import { raw, sql, text, texts } from './connection/sql.js';
import { countOf, numberOf, textsOf } from './read/row-values.js';
import type { Reading } from './read/trace-rows.js';
import { HAS_ESTIMATED_COST, HAS_ESTIMATED_TOKENS, totalSql } from './tables.js';

export async function storedCounts({ connection, tables }: Reading): Promise<StoredCounts> {
  const [types, means, [traces], [scores]] = await Promise.all([
    connection.rows(
      sql`SELECT type, count() AS count FROM ${tables.observations} FINAL GROUP BY type ORDER BY type`,
    ),
    connection.rows(
      sql`SELECT name, avg(value) AS mean FROM ${tables.scores} FINAL WHERE value IS NOT NULL GROUP BY name ORDER BY name`,
    ),
    connection.rows(sql`SELECT count() AS count FROM ${tables.traces} FINAL`),
    connection.rows(sql`SELECT count() AS count FROM ${tables.scores} FINAL`),
  ]);
  const observationsByType = Object.fromEntries(
    types.map(({ type, count }) => [String(type).toLowerCase(), countOf(count)]),
  );
  return {
    traces: countOf(traces?.count),
    observations: Object.values(observationsByType).reduce((sum, value) => sum + value, 0),
    observationsByType,
    scores: countOf(scores?.count),
    scoreMeans: Object.fromEntries(means.map(({ name, mean }) => [String(name), Number(mean)])),
  };
}

export async function storedUsage({ connection, tables }: Reading): Promise<StoredUsage> {
  const figure = (kind: 'usage' | 'cost', flag: string, name: string) => {
    const total = totalSql(kind);
    return `sum(${total}) AS ${name}_sum, countIf(${flag}) AS ${name}_estimated, countIf(isNull(${total})) AS ${name}_unknown`;
  };
  const mark = (name: string) =>
    `arrayFilter(mark -> mark <> '', groupUniqArray(if(o.estimate = '', o.metadata['tailrace_${name}'], JSONExtractString(o.estimate, 'marks', '${name}')))) AS ${name}s`;
  const [row] = await connection.rows(
    sql`SELECT count() AS generations, ${raw(figure('usage', HAS_ESTIMATED_TOKENS, 'tokens'))},
      ${raw(figure('cost', HAS_ESTIMATED_COST, 'cost'))}, ${raw(mark('price'))}, ${raw(mark('tokenizer'))}
      FROM ${tables.observations} AS o FINAL WHERE o.type IN ('GENERATION', 'EMBEDDING')`,
  );
  const summed = (name: string): SummedFigure => ({
    sum: numberOf(row?.[`${name}_sum`]),
    estimated: countOf(row?.[`${name}_estimated`]),
    unknown: countOf(row?.[`${name}_unknown`]),
  });
  return {
    generations: countOf(row?.generations),
    tokens: summed('tokens'),
    cost: summed('cost'),
    prices: textsOf(row?.prices),
    tokenizers: textsOf(row?.tokenizers),
  };
}

/** On this server's disk. The tables have no bound but their TTL, so nothing is evicted. */
export async function storedSize(
  { connection }: Reading,
  database: string,
  names: readonly string[],
): Promise<StoreSize> {
  const [row] = await connection.rows(
    sql`SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = ${text(database)} AND table IN ${texts(names)}`,
  );
  return { usedBytes: countOf(row?.bytes), maxBytes: undefined, evictedTraces: 0 };
}
