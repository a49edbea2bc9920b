import { describe, expect, it } from 'vitest';
import {
  axisTime,
  cost,
  count,
  duration,
  readableLines,
  scoreValue,
  shortCost,
  shortCount,
  time,
} from '../../../../../src/viewer/app/ui/format.js';

describe('numbers', () => {
  it.each([
    [null, '–'],
    [0, '0 µs'],
    [999, '999 µs'],
    // A mean.
    [585.3333, '585 µs'],
    [999.7, '1.0 ms'],
    [1_500, '1.5 ms'],
    [250_000, '250 ms'],
    [1_234_567, '1.23 s'],
    [59_900_000, '59.9 s'],
    [61_000_000, '1 min 01 s'],
    [7_380_000_000, '2 h 03 min'],
    [3_599_600_000, '1 h 00 min'],
    [86_400_000_000 * 2.5, '2 d 12 h'],
    [86_400_000_000 * 106_652, '106,652 d 0 h'],
    [-1_000, '-1.0 ms'],
    [-61_000_000, '-1 min 01 s'],
  ])('a duration of %s µs is %s', (micros, text) => expect(duration(micros)).toBe(text));

  it('are grouped, and costs in dollars', () => {
    expect([count(null), count(1234567), cost(null), cost(0.00012), cost(1234.5)]).toEqual([
      '–',
      '1,234,567',
      '–',
      '$0.00012',
      '$1,234.50',
    ]);
    expect([shortCost(0.0123456), shortCost(12.345), shortCost(0)]).toEqual(['$0.012', '$12.35', '$0.00']);
  });

  it('that are very small keep the digits that count', () => {
    expect([0.00012, 0.0019, 0.42, -0.0000004, 0, 0.6666666].map(scoreValue)).toEqual([
      '0.00012',
      '0.0019',
      '0.42',
      '-0.0000004',
      '0',
      '0.667',
    ]);
    expect([cost(1.2e-7), shortCost(1.26e-7), cost(1e-30)]).toEqual(['$0.00000012', '$1.3E-7', '$1E-30']);
  });

  it('that are huge do not take a page', () => {
    expect([count(1e300), shortCount(1e300), cost(1e300), shortCost(-1e300), scoreValue(-1.7e308)]).toEqual([
      '1E300',
      '1E300',
      '$1E300',
      '-$1E300',
      '-1.7E308',
    ]);
    expect(count(Number.MAX_SAFE_INTEGER)).toBe('9,007,199,254,740,991');
  });
});

it('a time of another year, and an axis over years, say the year', () => {
  const now = new Date(2026, 10, 27, 12);
  const microsOf = (year: number) => new Date(year, 0, 15, 9, 30).getTime() * 1000;
  expect(time(microsOf(2026), now)).toBe('Jan 15, 9:30 AM');
  expect(time(microsOf(1970), now)).toBe('Jan 15, 1970');
  expect(axisTime(microsOf(2026), 86_400_000_000 * 30)).toBe('Jan 15');
  expect(axisTime(microsOf(1970), 86_400_000_000 * 400)).toBe('Jan 15, 1970');
});

it.each([
  ['a\\n  at b\\r\\n  at c', 'a\n  at b\n  at c'],
  ['a\n  at "x\\ny"', 'a\n  at "x\\ny"'],
  ['plain', 'plain'],
])('the stack %j reads as %j', (text, lines) => expect(readableLines(text)).toBe(lines));
