/**
 * `GET /api/tailrace/models` and `tools`: calls by name, with usage, cost, latency, failures and how they go over time.
 *
 * The filters choose traces; all calls in these traces are counted. A call of a tool is an observation of the type TOOL: a call
 * that only stands in a model's output has no duration and no outcome, and finding it would mean reading all outputs.
 */

import type { SeriesBucket } from '../../viewer/data/list.js';
import type { CallRow, CallSummary } from '../../viewer/data/summary.js';
import type { RouteContext } from '../http/requests.js';
import { inSlices, type Steps } from '../slices.js';
import type { CallKind, CallSum } from '../store/contract/summaries.js';
import { sendData } from './answers.js';
import { bucketsOf } from './buckets.js';
import { quantile, quantiles, sorted } from './statistics.js';
import { summaryQuery } from './summary-query.js';
import { firstRows, plus } from './summary-rows.js';

export const getModelCalls = (context: RouteContext) => getCalls(context, 'model');
export const getToolCalls = (context: RouteContext) => getCalls(context, 'tool');

/** Clients give some kinds of tokens, and hostile ones many. */
const MAX_TOKEN_KINDS = 6;

/** The calls of one name. */
interface Calls {
  name: string | null;
  /** By bucket; a hole is a bucket without calls. */
  buckets: Map<number, CallSum[]>;
  traces: number;
  tokens: Map<string, number>;
}

async function getCalls(context: RouteContext, kind: CallKind): Promise<void> {
  const { store } = context;
  const query = context.url.searchParams;
  const since = context.live.since();
  const asked = summaryQuery(query);
  const { buckets, count } = await bucketsOf(store, asked.filter);
  const byName = new Map<string | null, Calls>();
  const callsOf = (name: string | null) => {
    const calls = byName.get(name) ?? { name, buckets: new Map(), traces: 0, tokens: new Map() };
    byName.set(name, calls);
    return calls;
  };
  const coverage = await store.summaries.calls(kind, { ...asked, buckets }, (part) => {
    for (const sum of part.sums) {
      const { buckets: ofName } = callsOf(sum.name);
      // A call may begin after the last trace has.
      const bucket = Math.min(sum.bucket, count - 1);
      const known = ofName.get(bucket);
      if (known === undefined) ofName.set(bucket, [sum]);
      else known.push(sum);
    }
    for (const { name, traces } of part.tracesByName) callsOf(name).traces += traces;
    for (const { name, kind: of, count: tokens } of part.tokens) {
      const known = callsOf(name).tokens;
      known.set(of, (known.get(of) ?? 0) + tokens);
    }
  });
  const all = await inSlices(callRows(byName.values(), count));
  const rows = firstRows(
    all,
    query,
    {
      name: (row) => row.name,
      calls: (row) => row.calls,
      errorRate: (row) => row.errors / row.calls,
      p50: (row) => row.latencyUs.p50,
      p95: (row) => row.latencyUs.p95,
      p99: (row) => row.latencyUs.p99,
      cost: (row) => row.cost,
      last: (row) => row.lastUs,
    },
    '-calls',
  );
  const { firstUs, bucketUs } = buckets;
  const series = await inSlices(seriesOf([...byName.values()], firstUs, bucketUs));
  const summary: CallSummary = {
    rows,
    total: all.length,
    coverage,
    since,
    series: { bucketUs, buckets: series },
    fromUs: firstUs,
  };
  await sendData(context, summary);
}

/** Quantiles take as long as the reading if there are very many calls. */
function* callRows(all: Iterable<Calls>, bucketCount: number): Steps<CallRow[]> {
  const rows: CallRow[] = [];
  for (const calls of all) {
    rows.push(callRow(calls, bucketCount));
    yield;
  }
  return rows;
}

function callRow({ name, buckets, traces, tokens }: Calls, bucketCount: number): CallRow {
  const sums = [...buckets.values()].flat();
  const trend = Array.from({ length: bucketCount }, (_, bucket) => totalOf(buckets.get(bucket) ?? []));
  return {
    name,
    calls: totalOf(sums),
    errors: sums.reduce((total, { errors }) => total + errors, 0),
    traces,
    cost: sums.reduce<number | null>((total, { cost }) => plus(total, cost), null),
    hasEstimatedCost: sums.some((sum) => sum.hasEstimatedCost),
    hasEstimatedTokens: sums.some((sum) => sum.hasEstimatedTokens),
    tokens: Array.from(tokens, ([kind, count]) => ({ kind, count }))
      // It is the sum of the others.
      .filter(({ kind }) => kind !== 'total' || tokens.size === 1)
      .sort((a, b) => b.count - a.count)
      .slice(0, MAX_TOKEN_KINDS),
    latencyUs: quantiles(sums.flatMap(({ latenciesUs }) => latenciesUs)),
    firstTokenUs: quantiles(sums.flatMap(({ firstTokensUs }) => firstTokensUs)),
    tokensPerSecond: quantiles(sums.flatMap(({ tokensPerSecond }) => tokensPerSecond)),
    lastUs: sums.reduce((last, { lastUs }) => Math.max(last, lastUs), 0),
    trend,
  };
}

const totalOf = (sums: readonly CallSum[]) => sums.reduce((total, { calls }) => total + calls, 0);

function* seriesOf(all: readonly Calls[], firstUs: number, bucketUs: number): Steps<SeriesBucket[]> {
  const byBucket = new Map<number, CallSum[]>();
  for (const { buckets } of all) {
    for (const [bucket, sums] of buckets) {
      const known = byBucket.get(bucket) ?? [];
      byBucket.set(bucket, known);
      for (const sum of sums) known.push(sum);
    }
  }
  const series: SeriesBucket[] = [];
  for (const [bucket, sums] of [...byBucket].sort(([a], [b]) => a - b)) {
    const latencies = sorted(sums.flatMap(({ latenciesUs }) => latenciesUs));
    series.push({
      startUs: firstUs + bucket * bucketUs,
      count: totalOf(sums),
      errors: sums.reduce((total, { errors }) => total + errors, 0),
      p50Us: quantile(latencies, 0.5),
      p95Us: quantile(latencies, 0.95),
      cost: sums.reduce<number | null>((total, { cost }) => plus(total, cost), null),
    });
    yield;
  }
  return series;
}
