import { describe, expect, it } from 'vitest';
import { cost, count, duration, readableLines, shortCost } from '../../../../../src/viewer/app/ui/format.js';

describe('numbers', () => {
  it.each([
    [null, '–'],
    [0, '0 µs'],
    [999, '999 µs'],
    [1_500, '1.5 ms'],
    [250_000, '250 ms'],
    [1_234_567, '1.23 s'],
    [59_900_000, '59.9 s'],
    [61_000_000, '1 min 01 s'],
    [7_380_000_000, '2 h 03 min'],
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
});

it.each([
  ['a\\n  at b\\r\\n  at c', 'a\n  at b\n  at c'],
  ['a\n  at "x\\ny"', 'a\n  at "x\\ny"'],
  ['plain', 'plain'],
])('the stack %j reads as %j', (text, lines) => expect(readableLines(text)).toBe(lines));
