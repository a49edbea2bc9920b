/** Quantiles, histograms and a test of two samples. Quantiles are nearest ranks: each is a value that occurred. */

import type { Quantiles } from '../../viewer/data/summary.js';

export function sorted(values: readonly number[]): Float64Array {
  // Without a comparison, as typed arrays compare numbers.
  return Float64Array.from(values).sort();
}

/** The value at position ⌈share · n⌉; null: there is none. */
export function quantile(ordered: ArrayLike<number>, share: number): number | null {
  if (ordered.length === 0) return null;
  // The product of 0.95 and 20 is a little more than 19.
  const rank = Math.ceil(share * ordered.length - 1e-9);
  return ordered[Math.min(ordered.length, Math.max(1, rank)) - 1] as number;
}

export function quantiles(values: readonly number[]): Quantiles {
  const ordered = sorted(values);
  const at = (share: number) => quantile(ordered, share);
  return { count: ordered.length, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}

export function meanOf(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at] as number;
  return sum / values.length;
}

/** Edges of `bins` bins of equal width over all values; a single value is in the middle of one bin. */
export function edgesOf(min: number, max: number, bins: number): number[] {
  const [low, high] = min < max ? [min, max] : [min - 0.5, min + 0.5];
  // Not by the difference, which is infinite for the largest numbers.
  return Array.from({ length: bins + 1 }, (_, at) => low * (1 - at / bins) + high * (at / bins));
}

/** How many of the values are in each bin. The last bin has its upper edge. */
export function binned(ordered: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  let bin = 0;
  for (let at = 0; at < ordered.length; at += 1) {
    while (bin < counts.length - 1 && (ordered[at] as number) >= (edges[bin + 1] as number)) bin += 1;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

/** Below this many values in a group, the normal approximation of the test is not good. */
const MIN_TESTED = 10;

export interface RankComparison {
  /** The share of pairs in which the right value is greater; ties count as half. */
  rightIsGreater: number | null;
  pValue: number | null;
}

/**
 * Mann–Whitney's U of two sorted samples, with midranks for ties. The p-value is two-sided, by the normal approximation with the
 * correction for ties and for continuity.
 */
export function compareRanks(left: ArrayLike<number>, right: ArrayLike<number>): RankComparison {
  const [m, n] = [left.length, right.length];
  if (m === 0 || n === 0) return { rightIsGreater: null, pValue: null };
  const { u, ties } = rankSums(left, right);
  const rightIsGreater = u / (m * n);
  if (Math.min(m, n) < MIN_TESTED) return { rightIsGreater, pValue: null };
  return { rightIsGreater, pValue: pValueOf(u, m, n, ties) };
}

/** Exported for tests of small samples. */
export function pValueOf(u: number, m: number, n: number, ties: number): number {
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - ties / (total * (total - 1)));
  // All values are equal.
  if (variance <= 0) return 1;
  const distance = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5);
  return Math.min(1, complementaryError(distance / Math.sqrt(2 * variance)));
}

/** `u`: pairs in which the right value is greater, ties as half. `ties`: the sum of t³ − t over groups of equal values. */
export function rankSums(left: ArrayLike<number>, right: ArrayLike<number>): { u: number; ties: number } {
  let [u, ties] = [0, 0];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const value = Math.min(left[i] ?? Number.POSITIVE_INFINITY, right[j] ?? Number.POSITIVE_INFINITY);
    let [ofLeft, ofRight] = [0, 0];
    for (; i < left.length && left[i] === value; i += 1) ofLeft += 1;
    for (; j < right.length && right[j] === value; j += 1) ofRight += 1;
    u += ofRight * (i - ofLeft + ofLeft / 2);
    const tied = ofLeft + ofRight;
    ties += tied ** 3 - tied;
  }
  return { u, ties };
}

/** erfc(x) for x ≥ 0, by Abramowitz and Stegun 7.1.26: the error is below 1.5e-7. */
function complementaryError(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const factors = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  const polynomial = factors.reduceRight((sum, factor) => (sum + factor) * t, 0);
  return polynomial * Math.exp(-x * x);
}
