/** What the chart draws: the buckets of a series at their places, and scales. */

import type { Series, SeriesBucket } from '../../data/list.js';

export type Measure = 'count' | 'latency' | 'cost';

export interface Plot {
  fromUs: number;
  toUs: number;
  /** The highest value of the measure. */
  top: number;
}

/** Fewer make bars that look like a wall. */
const MIN_BUCKETS = 20;

export function measured(bucket: SeriesBucket, measure: Measure): number {
  if (measure === 'count') return bucket.count;
  return measure === 'cost' ? (bucket.cost ?? 0) : (bucket.p95Us ?? 0);
}

export function plotOf({ buckets, bucketUs }: Series, measure: Measure): Plot | undefined {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const top = Math.max(...buckets.map((bucket) => measured(bucket, measure)));
  const toUs = Math.max(last.startUs + bucketUs, first.startUs + MIN_BUCKETS * bucketUs);
  return { fromUs: first.startUs, toUs, top: top || 1 };
}

/** The range between two places on the chart, in whole buckets. */
export function brushed(
  { fromUs, toUs }: Plot,
  bucketUs: number,
  [a, b]: readonly [number, number],
): { fromUs: number; toUs: number } {
  const at = (place: number) => fromUs + Math.min(1, Math.max(0, place)) * (toUs - fromUs);
  const [low, high] = [at(Math.min(a, b)), at(Math.max(a, b))];
  const start = Math.floor(low / bucketUs) * bucketUs;
  return { fromUs: start, toUs: Math.max(start + bucketUs, Math.ceil(high / bucketUs) * bucketUs) };
}
