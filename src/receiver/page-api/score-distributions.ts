/** `GET /api/tailrace/scores`: by name the distribution of the scores on the traces that pass the filters, and their mean over time. */

import type { ScoreBar, ScoreDistribution, ScoreDistributions } from '../../viewer/data/summary.js';
import type { RouteContext } from '../http/requests.js';
import type { ScoreValues } from '../store/contract/summaries.js';
import { sendData } from './answers.js';
import { bucketsOf } from './buckets.js';
import { binned, edgesOf, meanOf, sorted } from './statistics.js';
import { summaryQuery } from './summary-query.js';
import { firstRows } from './summary-rows.js';

/** Up to so many different numbers are bars of their own. */
const MAX_SINGLE_VALUES = 11;
const BINS = 10;
const MAX_CATEGORIES = 20;

/** The scores of one name. */
interface Scores {
  name: string;
  dataTypes: Map<string, number>;
  traces: number;
  /** By bucket of time. */
  numbers: Map<number, number[][]>;
  /** Of booleans and categories. */
  texts: Map<string, number>;
  count: number;
}

export async function getScoreDistributions(context: RouteContext): Promise<void> {
  const { store } = context;
  const query = context.url.searchParams;
  const since = context.live.since();
  const asked = summaryQuery(query);
  const { buckets, count } = await bucketsOf(store, asked.filter);
  const { firstUs, bucketUs } = buckets;
  const byName = new Map<string, Scores>();
  const coverage = await store.summaries.scores({ ...asked, buckets }, (part) => {
    for (const values of part.values) addValues(byName, values, count - 1);
    for (const { name, traces } of part.tracesByName) {
      const scores = byName.get(name);
      if (scores !== undefined) scores.traces += traces;
    }
  });
  const all = Array.from(byName.values(), (scores) => distribution(scores, firstUs, bucketUs));
  const rows = firstRows(all, query, { count: (row) => row.count, name: (row) => row.name }, '-count');
  const answer: ScoreDistributions = {
    rows,
    total: all.length,
    coverage,
    since,
    fromUs: firstUs,
    bucketUs,
  };
  await sendData(context, answer);
}

function addValues(byName: Map<string, Scores>, values: ScoreValues, lastBucket: number): void {
  const { name, dataType, text, count, numbers } = values;
  let scores = byName.get(name);
  if (scores === undefined) {
    scores = { name, dataTypes: new Map(), traces: 0, numbers: new Map(), texts: new Map(), count: 0 };
    byName.set(name, scores);
  }
  scores.count += count;
  scores.dataTypes.set(dataType, (scores.dataTypes.get(dataType) ?? 0) + count);
  if (text !== null) scores.texts.set(text, (scores.texts.get(text) ?? 0) + count);
  if (numbers.length === 0) return;
  const bucket = Math.min(values.bucket, lastBucket);
  const known = scores.numbers.get(bucket);
  if (known === undefined) scores.numbers.set(bucket, [numbers]);
  else known.push(numbers);
}

function distribution(scores: Scores, firstUs: number, bucketUs: number): ScoreDistribution {
  const { name, count, traces, dataTypes } = scores;
  const numbers = sorted([...scores.numbers.values()].flat(2));
  const bars = [...textBars(scores.texts), ...(scores.texts.size > 0 ? [] : numberBars(numbers))];
  const trend = [...scores.numbers]
    .sort(([a], [b]) => a - b)
    .map(([bucket, lists]) => {
      const values = lists.flat();
      return {
        startUs: firstUs + bucket * bucketUs,
        mean: meanOf(values) as number,
        count: values.length,
      };
    });
  return {
    name,
    // Usually the only one.
    dataType: [...dataTypes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '',
    count,
    traces,
    mean: meanOf(numbers),
    min: numbers[0] ?? null,
    max: numbers.at(-1) ?? null,
    bars,
    others: count - bars.reduce((sum, bar) => sum + bar.count, 0),
    trend,
  };
}

function textBars(texts: ReadonlyMap<string, number>): ScoreBar[] {
  return [...texts]
    .sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1))
    .slice(0, MAX_CATEGORIES)
    .map(([value, count]) => ({ value, from: null, to: null, count }));
}

/** From the lowest on, with the empty bins between. */
function numberBars(ordered: Float64Array): ScoreBar[] {
  const single = new Map<number, number>();
  for (const value of ordered) {
    single.set(value, (single.get(value) ?? 0) + 1);
    if (single.size > MAX_SINGLE_VALUES) break;
  }
  if (single.size <= MAX_SINGLE_VALUES) {
    return Array.from(single, ([value, count]) => ({ value: String(value), from: null, to: null, count }));
  }
  const edges = edgesOf(ordered[0] as number, ordered.at(-1) as number, BINS);
  return binned(ordered, edges).map((count, at) => ({
    value: null,
    from: edges[at] as number,
    to: edges[at + 1] as number,
    count,
  }));
}
