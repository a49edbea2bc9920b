/**
 * `GET /api/tailrace/compare`: two groups of traces, side by side. `left` and `right` are filters as in the address of the list.
 * `GET /api/tailrace/trace/ID/digests`: which payloads of a trace are equal to those of another.
 */

import { FILTER_NAMES } from '../../viewer/data/filters.js';
import type {
  CategoryComparison,
  Coverage,
  Digests,
  GroupComparison,
  MeasureComparison,
  Sample,
} from '../../viewer/data/summary.js';
import { HttpError, type RouteContext } from '../http/requests.js';
import { invalid } from '../read/parameters.js';
import type { Store } from '../store/contract.js';
import { sendData } from './answers.js';
import { binned, compareRanks, edgesOf, meanOf, quantile, sorted } from './statistics.js';
import { MAX_READING_MS, summaryQuery } from './summary-query.js';

const BINS = 12;
const MAX_SCORE_NAMES = 30;
const MAX_CATEGORIES = 10;

interface Group {
  coverage: Coverage;
  failed: number;
  /** By measure: lists of values, one for each chunk. */
  numbers: Map<string, number[][]>;
  /** By name of a score: how many traces have which text. */
  texts: Map<string, Map<string, number>>;
}

export async function getGroupComparison(context: RouteContext): Promise<void> {
  const { store } = context;
  const query = context.url.searchParams;
  const since = context.live.since();
  const [ofLeft, ofRight] = [groupQuery(query, 'left'), groupQuery(query, 'right')];
  const left = await readGroup(store, ofLeft);
  const right = await readGroup(store, ofRight);
  const measures = namesOf(left.numbers, right.numbers);
  const categories = namesOf(left.texts, right.texts);
  const comparison: GroupComparison = {
    left: { coverage: left.coverage, failed: left.failed },
    right: { coverage: right.coverage, failed: right.failed },
    measures: measures.map((name) => compareMeasure(name, left, right)),
    categories: categories.map((name) => compareTexts(name, left, right)),
    since,
  };
  await sendData(context, comparison);
}

/** What a group may be asked for: a misspelt filter would compare with all traces. */
const GROUP_FILTERS = [...FILTER_NAMES, 'id', 'further'];

function groupQuery(query: URLSearchParams, group: 'left' | 'right'): URLSearchParams {
  const filters = new URLSearchParams(query.get(group) ?? '');
  for (const name of filters.keys()) {
    if (!GROUP_FILTERS.includes(name))
      throw invalid(group, `filters of the list: ${FILTER_NAMES.join(', ')}`, name);
  }
  return filters;
}

async function readGroup(store: Store, query: URLSearchParams): Promise<Group> {
  const group: Omit<Group, 'coverage'> = { failed: 0, numbers: new Map(), texts: new Map() };
  const addNumbers = (name: string, values: number[]) => {
    const known = group.numbers.get(name);
    if (known === undefined) group.numbers.set(name, [values]);
    else known.push(values);
  };
  const coverage = await store.summaries.measures(summaryQuery(query), (part) => {
    const { failed, durationUs, tokens, cost, observations, scores } = part;
    group.failed += failed;
    addNumbers('duration', durationUs);
    addNumbers('tokens', tokens);
    addNumbers('cost', cost);
    addNumbers('observations', observations);
    for (const { name, means, texts } of scores) {
      if (means.length > 0) addNumbers(`score:${name}`, means);
      if (texts.length === 0) continue;
      const counts = group.texts.get(name) ?? new Map<string, number>();
      group.texts.set(name, counts);
      for (const { text, count } of texts) counts.set(text, (counts.get(text) ?? 0) + count);
    }
  });
  return { ...group, coverage };
}

/** In the order in which they were found, which begins with the measures that each trace has. */
function namesOf(left: ReadonlyMap<string, unknown>, right: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...left.keys(), ...right.keys()])].slice(0, MAX_SCORE_NAMES);
}

function compareMeasure(measure: string, left: Group, right: Group): MeasureComparison {
  const [a, b] = [left, right].map(({ numbers }) => sorted((numbers.get(measure) ?? []).flat())) as [
    Float64Array,
    Float64Array,
  ];
  const [min, max] = [Math.min(a[0] ?? Infinity, b[0] ?? Infinity), Math.max(lastOf(a), lastOf(b))];
  const edges = a.length + b.length === 0 ? [0, 1] : edgesOf(min, max, BINS);
  return { measure, edges, left: sample(a, edges), right: sample(b, edges), ...compareRanks(a, b) };
}

const lastOf = (ordered: Float64Array) => ordered.at(-1) ?? Number.NEGATIVE_INFINITY;

function sample(ordered: Float64Array, edges: readonly number[]): Sample {
  return {
    count: ordered.length,
    mean: meanOf(ordered),
    min: ordered[0] ?? null,
    q1: quantile(ordered, 0.25),
    median: quantile(ordered, 0.5),
    q3: quantile(ordered, 0.75),
    p95: quantile(ordered, 0.95),
    max: ordered.at(-1) ?? null,
    bins: binned(ordered, edges),
  };
}

function compareTexts(name: string, left: Group, right: Group): CategoryComparison {
  const [a, b] = [left.texts.get(name) ?? new Map(), right.texts.get(name) ?? new Map()];
  const values = [...new Set<string>([...a.keys(), ...b.keys()])]
    .map((value) => ({ value, left: Number(a.get(value) ?? 0), right: Number(b.get(value) ?? 0) }))
    .sort((x, y) => y.left + y.right - x.left - x.right || (x.value < y.value ? -1 : 1));
  const sum = (of: (value: (typeof values)[number]) => number) =>
    values.reduce((total, value) => total + of(value), 0);
  return {
    name,
    values: values.slice(0, MAX_CATEGORIES),
    left: sum((value) => value.left),
    right: sum((value) => value.right),
  };
}

export async function getDigests(context: RouteContext, id: string): Promise<void> {
  const found = await context.store.tracePage.digests(id, MAX_READING_MS);
  if (found === undefined) throw new HttpError(404, `there is nothing stored under "${id.slice(0, 80)}"`);
  const { trace, observations, isComplete } = found;
  const digests: Digests = {
    id: observations.map((row) => row.id),
    input: observations.map(({ input }) => input),
    output: observations.map(({ output }) => output),
    trace,
    isComplete,
  };
  await sendData(context, digests);
}
