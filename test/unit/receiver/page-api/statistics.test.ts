import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binned,
  compareRanks,
  edgesOf,
  meanOf,
  pValueOf,
  quantile,
  quantiles,
  rankSums,
  sorted,
} from '../../../../src/receiver/page-api/statistics.js';

const numbers = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });

describe('quantiles', () => {
  it('are values that occurred, by the nearest rank', () => {
    const values = Array.from({ length: 20 }, (_, at) => at + 1).reverse();
    expect(quantiles(values)).toEqual({ count: 20, p50: 10, p90: 18, p95: 19, p99: 20 });
    expect(quantiles([7])).toEqual({ count: 1, p50: 7, p90: 7, p95: 7, p99: 7 });
    expect(quantiles([])).toEqual({ count: 0, p50: null, p90: null, p95: null, p99: null });
    // Numbers, not texts, are in order.
    expect(quantile(sorted([10, 9, 100]), 0.5)).toBe(10);
  });

  it('have at least their share of the values at or below them, and less below', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const found = quantile(sorted(values), percent / 100) as number;
        const atOrBelow = values.filter((value) => value <= found).length;
        const below = values.filter((value) => value < found).length;
        expect(atOrBelow * 100).toBeGreaterThanOrEqual(percent * values.length);
        expect(below * 100).toBeLessThan(percent * values.length);
      }),
    );
  });

  it('of nothing has no mean', () => {
    expect(meanOf([])).toBeNull();
    expect(meanOf([1, 2, 6])).toBe(3);
  });
});

describe('a histogram', () => {
  it('counts each value once, the greatest in the last bin', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 12 }), (values, bins) => {
        const ordered = sorted(values);
        const edges = edgesOf(ordered[0] as number, ordered.at(-1) as number, bins);
        const counts = binned(ordered, edges);
        expect(counts).toHaveLength(bins);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      }),
    );
    expect(binned([0, 1, 2, 3, 4], [0, 2, 4])).toEqual([2, 3]);
  });

  it('has edges for one value, and for the largest numbers', () => {
    expect(edgesOf(5, 5, 2)).toEqual([4.5, 5, 5.5]);
    expect(edgesOf(-Number.MAX_VALUE, Number.MAX_VALUE, 2)).toEqual([-Number.MAX_VALUE, 0, Number.MAX_VALUE]);
  });
});

describe('the comparison of two samples', () => {
  it('counts the pairs in which the right value is greater, ties as half', () => {
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const pairs = left.flatMap((a) => right.map((b) => (b > a ? 1 : b === a ? 0.5 : 0)));
        const expected = pairs.reduce((sum: number, one) => sum + one, 0);
        expect(rankSums(sorted(left), sorted(right)).u).toBe(expected);
      }),
    );
  });

  it('has the p-value of the normal approximation that SciPy documents for its example', () => {
    // scipy.stats.mannwhitneyu: males 19 22 16 29 24, females 20 11 17 12.
    const { u, ties } = rankSums(sorted([20, 11, 17, 12]), sorted([19, 22, 16, 29, 24]));
    expect(u).toBe(17);
    expect(pValueOf(u, 4, 5, ties)).toBeCloseTo(0.11134688653314041, 6);
  });

  it('corrects for ties: the variance of U is that over all ways to deal the values out', () => {
    const values = [1, 1, 2, 2, 2, 3, 4];
    const us: number[] = [];
    for (let mask = 0; mask < 1 << values.length; mask += 1) {
      const right = values.filter((_, at) => (mask >> at) & 1);
      const left = values.filter((_, at) => !((mask >> at) & 1));
      if (right.length === 3) us.push(rankSums(left, right).u);
    }
    const mean = us.reduce((sum, u) => sum + u, 0) / us.length;
    const variance = us.reduce((sum, u) => sum + (u - mean) ** 2, 0) / us.length;
    expect(mean).toBe(6);
    const { ties } = rankSums(values.slice(0, 4), values.slice(4));
    expect(((4 * 3) / 12) * (8 - ties / (7 * 6))).toBeCloseTo(variance, 10);
  });

  it('tells groups apart, and equal ones not; small groups are not tested', () => {
    const low = Array.from({ length: 30 }, (_, at) => at);
    const high = low.map((value) => value + 25);
    expect(compareRanks(low, high).pValue).toBeLessThan(0.001);
    const same = compareRanks(low, low);
    expect(same.rightIsGreater).toBe(0.5);
    expect(same.pValue).toBeCloseTo(1, 6);
    expect(compareRanks(new Array(20).fill(1), new Array(20).fill(1)).pValue).toBe(1);
    expect(compareRanks([1, 2, 3], [4, 5])).toEqual({ rightIsGreater: 1, pValue: null });
    expect(compareRanks([], [1])).toEqual({ rightIsGreater: null, pValue: null });
  });
});
