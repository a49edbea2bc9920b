/** The buckets of a time range: where they begin, which they are, and how coarse `auto` is. */
import { describe, expect, it } from 'vitest';
import {
  automaticGranularity,
  bucketsBetween,
} from '../../../../../src/receiver/read/metrics/time-buckets.js';

const between = (from: string, to: string, granularity: Parameters<typeof bucketsBetween>[2], limit = 100) =>
  bucketsBetween(Date.parse(from), Date.parse(to), granularity, limit);

describe('buckets', () => {
  it('of minutes and hours are times, without the one in which the range ends', () => {
    expect(between('2026-01-15T12:00:30Z', '2026-01-15T12:03:10Z', 'minute')).toEqual([
      '2026-01-15T12:00:00Z',
      '2026-01-15T12:01:00Z',
      '2026-01-15T12:02:00Z',
    ]);
    expect(between('2026-12-31T22:59:59.999Z', '2027-01-01T01:00:00Z', 'hour')).toEqual([
      '2026-12-31T22:00:00Z',
      '2026-12-31T23:00:00Z',
      '2027-01-01T00:00:00Z',
    ]);
  });

  it('of days, weeks and months are dates', () => {
    expect(between('2028-02-28T23:00:00Z', '2028-03-02T00:00:00Z', 'day')).toEqual([
      '2028-02-28',
      '2028-02-29',
      '2028-03-01',
    ]);
    expect(between('2025-12-15T00:00:00Z', '2026-03-01T00:00:00Z', 'month')).toEqual([
      '2025-12-01',
      '2026-01-01',
      '2026-02-01',
    ]);
  });

  it.each([
    ['2026-01-12T00:00:00Z', '2026-01-12'],
    ['2026-01-15T12:00:00Z', '2026-01-12'],
    ['2026-01-18T23:59:59Z', '2026-01-12'],
    ['2026-01-19T00:00:00Z', '2026-01-19'],
    ['1969-12-31T00:00:00Z', '1969-12-29'],
  ])('of weeks begin on Monday: that of %s on %s', (from, monday) => {
    expect(between(from, '2027-01-01T00:00:00Z', 'week', 1)).toEqual([monday]);
  });

  it('are none within one, and never more than the limit', () => {
    expect(between('2026-01-15T12:00:00Z', '2026-01-15T12:00:59Z', 'minute')).toEqual([]);
    expect(between('0001-01-01T00:00:00Z', '9999-01-01T00:00:00Z', 'minute', 7)).toHaveLength(7);
  });
});

it.each([
  [1.9, 'minute'],
  [2, 'hour'],
  [71, 'hour'],
  [72, 'day'],
  [1439, 'day'],
  [1440, 'week'],
  [8759, 'week'],
  [8760, 'month'],
])('auto is for %f hours: %s', (hours, granularity) => {
  expect(automaticGranularity(0, hours * 3_600_000)).toBe(granularity);
});
