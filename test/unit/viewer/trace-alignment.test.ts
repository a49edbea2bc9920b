import { describe, expect, it } from 'vitest';
import { alignTraces, type TraceShape, treeOf } from '../../../src/viewer/trace-alignment.js';

/** Each `TYPE name parent`, in order of start. */
function shape(...rows: string[]): TraceShape {
  const words = rows.map((row) => row.split(' '));
  return {
    type: words.map(([type]) => String(type)),
    name: words.map(([, name]) => name ?? null),
    parent: words.map(([, , parent]) => Number(parent)),
  };
}

const aligned = (a: TraceShape, b: TraceShape) =>
  alignTraces(a, b).map((pair) => `${pair.a}:${pair.b}/${pair.depth}`);

describe('the alignment of two traces', () => {
  it('pairs the k-th of a type and name below parents that correspond', () => {
    const a = shape('SPAN agent -1', 'GENERATION plan 0', 'TOOL track 0', 'GENERATION plan 0');
    const b = shape('SPAN agent -1', 'GENERATION plan 0', 'GENERATION plan 0', 'TOOL track 0');
    expect(aligned(a, b)).toEqual(['0:0/0', '1:1/1', '2:3/1', '3:2/1']);
  });

  it('has what only one of them has, in its place, with all below it', () => {
    const a = shape('SPAN agent -1', 'TOOL a 0', 'TOOL c 0', 'EVENT x 2');
    const b = shape('SPAN agent -1', 'TOOL a 0', 'TOOL b 0', 'EVENT y 2', 'TOOL c 0');
    expect(aligned(a, b)).toEqual(['0:0/0', '1:1/1', '-1:2/1', '-1:3/2', '2:4/1', '3:-1/2']);
  });

  it('is empty for traces without observations, and takes no notice of another type of the same name', () => {
    expect(aligned(shape(), shape())).toEqual([]);
    expect(aligned(shape('SPAN a -1'), shape('TOOL a -1'))).toEqual(['0:-1/0', '-1:0/0']);
  });

  it('is linear: 100,000 siblings of one name', () => {
    const wide = shape(...Array.from({ length: 100_000 }, () => 'SPAN a -1'));
    expect(alignTraces(wide, wide)).toHaveLength(100_000);
  });
});

describe('the tree of a trace', () => {
  it('makes a root of one in each circle, and of those whose parent is not there', () => {
    const { roots, children } = treeOf({ parent: [1, 0, 2, 99, -5, 0] });
    expect(roots).toHaveLength(4);
    expect(roots).toEqual(expect.arrayContaining([2, 3, 4]));
    expect(children.flat()).toHaveLength(2);
  });

  it('takes a chain of 100,000', () => {
    const chain = shape(...Array.from({ length: 100_000 }, (_, index) => `SPAN a ${index - 1}`));
    expect(alignTraces(chain, chain).at(-1)).toEqual({ a: 99_999, b: 99_999, depth: 99_999 });
  });
});
