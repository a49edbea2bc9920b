import { describe, expect, it } from 'vitest';
import { mergeRows } from '../../../../../src/viewer/app/list/merge-rows.js';
import type { TraceRow } from '../../../../../src/viewer/data/list.js';

const row = (id: string, startUs: number, name = id) => ({ id, startUs, name }) as TraceRow;
const ids = (rows: TraceRow[]) => rows.map(({ id }) => id);
const byTime = { isByTime: true, isWhole: true };

describe('traces that have changed', () => {
  const shown = [row('c', 30), row('b', 20), row('a', 10)];

  it('come into the list at their time, and change in their place', () => {
    const merged = mergeRows(
      shown,
      ['d', 'b', 'z'],
      [row('d', 25), row('b', 20, 'new'), row('z', 5)],
      byTime,
    );
    expect(ids(merged.rows)).toEqual(['c', 'd', 'b', 'a', 'z']);
    expect(merged.rows[2]?.name).toBe('new');
    expect(merged).toMatchObject({ added: 2, removed: 0, left: [] });
  });

  it('leave the list when they no longer match', () => {
    expect(mergeRows(shown, ['b'], [], byTime)).toMatchObject({ added: 0, removed: 1 });
  });

  it('stay out if they are older than what is shown and more is to come', () => {
    const merged = mergeRows(shown, ['z'], [row('z', 5)], { isByTime: true, isWhole: false });
    expect(ids(merged.rows)).toEqual(['c', 'b', 'a']);
    expect(merged.added).toBe(1);
  });

  it('are named where another order gives them no place', () => {
    const merged = mergeRows(shown, ['d', 'a'], [row('d', 25), row('a', 10, 'new')], {
      isByTime: false,
      isWhole: true,
    });
    expect(ids(merged.rows)).toEqual(['c', 'b', 'a']);
    expect(merged.rows[2]?.name).toBe('new');
    expect(merged.left).toEqual(['d']);
  });
});
