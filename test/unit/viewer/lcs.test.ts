import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonPairs } from '../../../src/viewer/lcs.js';

const list = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });

/** Tries everything. */
function longest(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const [first, ...rest] = a;
  const at = b.indexOf(first as string);
  const without = longest(rest, b);
  return at < 0 ? without : Math.max(without, 1 + longest(rest, b.slice(at + 1)));
}

describe('the longest common subsequence', () => {
  it('has equal items in rising order, and none is longer', () => {
    fc.assert(
      fc.property(list, list, (a, b) => {
        const pairs = commonPairs(a, b);
        let [i, j] = [-1, -1];
        for (const [atA, atB] of pairs) {
          expect(a[atA]).toBe(b[atB]);
          expect(atA > i && atB > j).toBe(true);
          [i, j] = [atA, atB];
        }
        expect(pairs).toHaveLength(longest(a, b));
      }),
    );
  });

  it('of long lists is in rising order too, and finds what stands in the same order', () => {
    const a = Array.from({ length: 5_000 }, (_, at) => `${at}`);
    const b = ['new', ...a.filter((_, at) => at % 3 > 0), 'newer'];
    expect(commonPairs(['old', ...a, 'older'], b)).toHaveLength(b.length - 2);
  });
});
