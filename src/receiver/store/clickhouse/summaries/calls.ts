/** Sums over calls of models and tools: by name and bucket of time, with the values that quantiles are taken of. */

import type { Buckets } from '../../contract/page.js';
import type { CallKind, CallPart } from '../../contract/summaries.js';
import { integer, raw, sql, whereAll } from '../connection/sql.js';
import { ofSelected, type Selection } from '../lists/page-filter.js';
import { countOf, flagOf, numberOf, numbersOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { detailsSql, HAS_ESTIMATED_COST, HAS_ESTIMATED_TOKENS, microsSql, totalSql } from '../tables.js';
import type { ReadPart } from './read-part.js';

const KINDS: Record<CallKind, { name: string; condition: string }> = {
  // A call of a model without a name still is one.
  model: { name: 'o.model', condition: `o.model IS NOT NULL OR o.type IN ('GENERATION', 'EMBEDDING')` },
  tool: { name: 'o.name', condition: `o.type = 'TOOL'` },
};

/** Of more calls of one name in one bucket, quantiles are of a sample of this size. */
const MAX_VALUES = 20_000;

const START = microsSql('o.start_time');
/** Rates without an end or a first token are null. */
const since = (end: string, start: string) =>
  `if(${end} IS NULL, NULL, toUnixTimestamp64Micro(assumeNotNull(${end})) - ${start})`;
const LATENCY = since('o.end_time', START);
const FIRST_TOKEN = since('o.completion_start_time', START);
const FROM_FIRST_TOKEN = since(
  'o.end_time',
  `if(o.completion_start_time IS NULL, ${START}, toUnixTimestamp64Micro(assumeNotNull(o.completion_start_time)))`,
);
const USAGE = detailsSql('usage');
/** Of the output and the time after the first token. */
const RATE = `if(mapContains(${USAGE}, 'output') AND ${FROM_FIRST_TOKEN} > 0, ${USAGE}['output'] * 1e6 / ${FROM_FIRST_TOKEN}, NULL)`;
const listOf = (value: string) =>
  `groupArraySampleIf(${MAX_VALUES}, 1)(assumeNotNull(${value}), ifNull(${value} >= 0, 0))`;

export const callPart =
  (kind: CallKind, { firstUs, bucketUs }: Buckets): ReadPart<CallPart> =>
  async ({ connection, tables }: Reading, selection: Selection, maxMs: number) => {
    const { name, condition } = KINDS[kind];
    const from = sql`FROM ${tables.observations} AS o FINAL${whereAll([raw(condition), ...ofSelected(tables, selection)])}`;
    const rows = (query: ReturnType<typeof sql>) => connection.rows(query, { maxMs });
    const [sums, traces, tokens] = await Promise.all([
      rows(
        sql`SELECT ${raw(name)} AS name, greatest(0, intDiv(${raw(START)} - ${integer(firstUs)}, ${integer(bucketUs)})) AS bucket,
          count() AS calls, countIf(o.level = 'ERROR') AS errors, sum(${raw(totalSql('cost'))}) AS cost,
          max(${raw(HAS_ESTIMATED_TOKENS)}) AS estimated_tokens, max(${raw(HAS_ESTIMATED_COST)}) AS estimated_cost,
          max(${raw(START)}) AS last, ${raw(listOf(LATENCY))} AS latencies, ${raw(listOf(FIRST_TOKEN))} AS first_tokens,
          ${raw(kind === 'model' ? listOf(RATE) : '[]')} AS rates ${from} GROUP BY name, bucket`,
      ),
      rows(sql`SELECT ${raw(name)} AS name, uniqExact(o.trace_id) AS traces ${from} GROUP BY name`),
      kind === 'tool'
        ? []
        : rows(
            sql`SELECT ${raw(name)} AS name, usage.1 AS kind, sum(usage.2) AS count ${sql`FROM (SELECT o.model AS model, ${raw(USAGE)} AS details ${from}) AS o`}
              ARRAY JOIN arrayZip(mapKeys(o.details), mapValues(o.details)) AS usage GROUP BY name, kind`,
          ),
    ]);
    return {
      sums: sums.map((row) => ({
        name: textOf(row.name),
        bucket: countOf(row.bucket),
        calls: countOf(row.calls),
        errors: countOf(row.errors),
        cost: numberOf(row.cost),
        hasEstimatedTokens: flagOf(row.estimated_tokens),
        hasEstimatedCost: flagOf(row.estimated_cost),
        lastUs: countOf(row.last),
        latenciesUs: numbersOf(row.latencies),
        firstTokensUs: numbersOf(row.first_tokens),
        tokensPerSecond: numbersOf(row.rates),
      })),
      tracesByName: traces.map((row) => ({ name: textOf(row.name), traces: countOf(row.traces) })),
      tokens: tokens.map((row) => ({
        name: textOf(row.name),
        kind: String(row.kind),
        count: countOf(row.count),
      })),
    };
  };
