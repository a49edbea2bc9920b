import { describe, expect, it } from 'vitest';
import { treeOf } from '../../../src/viewer/trace-tree.js';

describe('the tree of a trace', () => {
  it('makes a root of one in each circle, and of those whose parent is not there', () => {
    const { roots, children } = treeOf({ parent: [1, 0, 2, 99, -5, 0] });
    expect(roots).toHaveLength(4);
    expect(roots).toEqual(expect.arrayContaining([2, 3, 4]));
    expect(children.flat()).toHaveLength(2);
  });

  it('takes a chain of 100,000', () => {
    const { roots, children } = treeOf({ parent: Array.from({ length: 100_000 }, (_, at) => at - 1) });
    expect(roots).toEqual([0]);
    expect(children[99_998]).toEqual([99_999]);
  });
});
