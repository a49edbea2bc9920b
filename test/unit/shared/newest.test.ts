/** A bounded map, compared with a simple implementation. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { setNewest } from '../../../src/shared/newest.js';

const MAX_ENTRIES = 5;

it('keeps the newest entries, also if some are set again or deleted', () => {
  const step = fc.record({ key: fc.nat({ max: 12 }), isDeletion: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const map = new Map<number, number>();
      let expected: number[] = [];
      steps.forEach(({ key, isDeletion }, i) => {
        expected = expected.filter((one) => one !== key);
        if (isDeletion) map.delete(key);
        else {
          setNewest(map, key, i, MAX_ENTRIES);
          expected = [...expected, key].slice(-MAX_ENTRIES);
        }
        expect([...map.keys()]).toEqual(expected);
      });
    }),
  );
});

it('continues where it last found the oldest entry', () => {
  const map = new Map<number, number>();
  const keys = map.keys.bind(map);
  let iterators = 0;
  map.keys = () => {
    iterators++;
    return keys();
  };
  for (let i = 0; i < 1_000; i++) setNewest(map, i, i, MAX_ENTRIES);
  expect(iterators).toBe(1);
});
