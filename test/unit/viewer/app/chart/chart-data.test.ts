import { describe, expect, it } from 'vitest';
import { brushed, plotOf } from '../../../../../src/viewer/app/chart/chart-data.js';

const bucket = (startUs: number, count: number) => ({
  startUs,
  count,
  errors: 0,
  p50Us: 5,
  p95Us: 9,
  cost: null,
});

describe('the chart', () => {
  it('begins with the first bucket, ends with the last, and reaches the highest', () => {
    const series = { bucketUs: 10, buckets: [bucket(100, 3), bucket(290, 7)] };
    expect(plotOf(series, 'count')).toEqual({ fromUs: 100, toUs: 300, top: 7 });
    expect(plotOf(series, 'latency')?.top).toBe(9);
    expect(plotOf(series, 'cost')?.top).toBe(1);
    expect(plotOf({ bucketUs: 10, buckets: [] }, 'count')).toBeUndefined();
  });

  it('leaves room beside few buckets', () => {
    expect(plotOf({ bucketUs: 10, buckets: [bucket(100, 1)] }, 'count')?.toUs).toBe(300);
  });

  it('makes whole buckets of a drag, in either direction and beyond the edges', () => {
    const plot = { fromUs: 100, toUs: 200, top: 1 };
    expect(brushed(plot, 10, [0.12, 0.38])).toEqual({ fromUs: 110, toUs: 140 });
    expect(brushed(plot, 10, [0.38, 0.12])).toEqual({ fromUs: 110, toUs: 140 });
    expect(brushed(plot, 10, [-1, 5])).toEqual({ fromUs: 100, toUs: 200 });
    expect(brushed(plot, 10, [0.5, 0.5])).toEqual({ fromUs: 150, toUs: 160 });
  });
});
