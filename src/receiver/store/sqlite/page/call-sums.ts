/** Sums over calls of models and tools: by name and bucket of time, with the values that quantiles are taken of. */

import type { Buckets } from '../../contract/page.js';
import type { CallKind, CallPart, CallSum, TokenSum } from '../../contract/summaries.js';
import type { Database, SqlRow, SqlValue } from '../sqlite.js';

/** For lists of ids of traces as JSON. */
export interface CallSums {
  /** Traces are counted by chunk, as no trace is in two. */
  sums(ids: string): CallSum[];
  tracesByName(ids: string): CallPart['tracesByName'];
  tokens(ids: string): TokenSum[];
}

const KINDS: Record<CallKind, { name: string; condition: string }> = {
  // A call of a model without a name still is one.
  model: { name: 'o.model', condition: `(o.model IS NOT NULL OR o.type IN ('GENERATION', 'EMBEDDING'))` },
  tool: { name: `coalesce(o.name, '')`, condition: `o.type = 'TOOL'` },
};

const CHUNK = 'json_each(?) AS wanted CROSS JOIN observations AS o ON o.trace_id = wanted.value';
const START = 'coalesce(o.start_us, o.created_us)';
const USAGE = `coalesce(o.usage_details, json_extract(o.estimate, '$.usageDetails'))`;
const VALID_USAGE = `iif(json_valid(${USAGE}), ${USAGE}, NULL)`;
const listOf = (sql: string) => `json_group_array(${sql}) FILTER (WHERE ${sql} >= 0)`;

/** A rate is of the output and the time after the first token; without output or time there is none. */
const RATE = `iif(o.end_us > coalesce(o.completion_start_us, o.start_us),
  json_extract(${VALID_USAGE}, '$.output') * 1e6 / (o.end_us - coalesce(o.completion_start_us, o.start_us)), NULL)`;

const sumsSql = ({ name, condition }: (typeof KINDS)[CallKind], isModel: boolean) => `
  SELECT name, bucket, count(*) AS calls, sum(level IS 'ERROR') AS errors, sum(cost) AS cost,
    max(estimated_tokens) AS estimated_tokens, max(estimated_cost) AS estimated_cost, max(start) AS last,
    ${listOf('latency')} AS latencies, ${listOf('first_token')} AS first_tokens, ${listOf('rate')} AS rates
  FROM (
    SELECT ${name} AS name, max(0, CAST((${START} - ?) / ? AS INTEGER)) AS bucket, o.level,
      coalesce(o.total_cost, o.estimated_cost) AS cost, o.has_estimated_tokens AS estimated_tokens,
      o.has_estimated_cost AS estimated_cost, ${START} AS start, o.end_us - o.start_us AS latency,
      o.completion_start_us - o.start_us AS first_token, ${isModel ? RATE : 'NULL'} AS rate
    FROM ${CHUNK} WHERE ${condition}
  ) GROUP BY name, bucket`;

const tracesSql = ({ name, condition }: (typeof KINDS)[CallKind]) => `
  SELECT ${name} AS name, count(DISTINCT o.trace_id) AS traces FROM ${CHUNK} WHERE ${condition} GROUP BY 1`;

const TOKENS_SQL = `
  SELECT o.model AS name, u.key AS kind, sum(u.value) AS count FROM ${CHUNK}, json_each(${VALID_USAGE}) AS u
  WHERE ${KINDS.model.condition} AND u.type IN ('integer', 'real') GROUP BY 1, 2`;

export function prepareCallSums(
  database: Database,
  kind: CallKind,
  { firstUs, bucketUs }: Buckets,
): CallSums {
  const sums = database.prepare(sumsSql(KINDS[kind], kind === 'model'));
  const traces = database.prepare(tracesSql(KINDS[kind]));
  const tokens = database.prepare(TOKENS_SQL);
  return {
    sums: (ids) => sums.all(firstUs, bucketUs, ids).map(callSum),
    tracesByName: (ids) =>
      traces.all(ids).map((row) => ({ name: textOf(row.name), traces: Number(row.traces) })),
    tokens: (ids) =>
      kind === 'tool'
        ? []
        : tokens.all(ids).map((row) => ({
            name: textOf(row.name),
            kind: String(row.kind),
            count: Number(row.count),
          })),
  };
}

function callSum(row: SqlRow): CallSum {
  return {
    name: textOf(row.name),
    bucket: Number(row.bucket),
    calls: Number(row.calls),
    errors: Number(row.errors),
    cost: row.cost === null ? null : Number(row.cost),
    hasEstimatedTokens: row.estimated_tokens === 1,
    hasEstimatedCost: row.estimated_cost === 1,
    lastUs: Number(row.last),
    latenciesUs: numbersOf(row.latencies),
    firstTokensUs: numbersOf(row.first_tokens),
    tokensPerSecond: numbersOf(row.rates),
  };
}

const textOf = (value: SqlValue | undefined) => (value == null ? null : String(value));
const numbersOf = (json: SqlValue | undefined) => JSON.parse(String(json)) as number[];
