import { describe, expect, it } from 'vitest';
import { alignTraces, type TraceShape } from '../../../src/viewer/trace-alignment.js';

/** `id`, `parent`, type and name of each, in order of start. */
function shapeOf(...nodes: [id: string, parent: string | null, type: string, name: string][]) {
  const positions = new Map(nodes.map(([id], at) => [id, at]));
  return {
    id: nodes.map(([id]) => id),
    parent: nodes.map(([, parent]) => (parent === null ? -1 : (positions.get(parent) ?? -1))),
    type: nodes.map(([, , type]) => type),
    name: nodes.map(([, , , name]) => name),
  };
}

type Shape = TraceShape & { id: string[] };

/** Readable: `depth a=b`, with a dash for a missing side. */
function aligned(a: Shape, b: Shape): string[] {
  const id = (shape: Shape, position: number) => (position < 0 ? '-' : shape.id[position]);
  return alignTraces(a, b).map((pair) => `${pair.depth} ${id(a, pair.a)}=${id(b, pair.b)}`);
}

describe('two traces', () => {
  it('are aligned by type, name and order, each observation once, depth first', () => {
    const a = shapeOf(
      ['r', null, 'SPAN', 'run'],
      ['g1', 'r', 'GENERATION', 'answer'],
      ['t1', 'r', 'TOOL', 'find'],
      ['g2', 'r', 'GENERATION', 'answer'],
    );
    const b = shapeOf(
      ['R', null, 'SPAN', 'run'],
      ['G1', 'R', 'GENERATION', 'answer'],
      ['G2', 'R', 'GENERATION', 'answer'],
      ['T2', 'R', 'TOOL', 'book'],
      ['X', 'T2', 'SPAN', 'inside'],
    );
    expect(aligned(a, b)).toEqual(['0 r=R', '1 g1=G1', '1 t1=-', '1 g2=G2', '1 -=T2', '2 -=X']);
  });

  it('that are equal are aligned row by row', () => {
    const nodes: [string, string | null, string, string][] = [
      ['r', null, 'SPAN', 'run'],
      ['c', 'r', 'CHAIN', 'c'],
      ['d', 'c', 'SPAN', 'd'],
      ['e', 'r', 'EVENT', 'e'],
    ];
    expect(aligned(shapeOf(...nodes), shapeOf(...nodes))).toEqual(['0 r=r', '1 c=c', '2 d=d', '1 e=e']);
  });

  it('have what only one of them has in its place, with all below it', () => {
    const a = shapeOf(['r', null, 'SPAN', 'r'], ['t', 'r', 'TOOL', 't'], ['u', 'r', 'TOOL', 'u']);
    const b = shapeOf(
      ['R', null, 'SPAN', 'r'],
      ['T', 'R', 'TOOL', 't'],
      ['N', 'R', 'CHAIN', 'new'],
      ['M', 'N', 'EVENT', 'm'],
      ['U', 'R', 'TOOL', 'u'],
    );
    expect(aligned(a, b)).toEqual(['0 r=R', '1 t=T', '1 -=N', '2 -=M', '1 u=U']);
  });

  it('align what was renamed, if its type is the same and its place between others too', () => {
    const a = shapeOf(['r', null, 'SPAN', 'run'], ['p', 'r', 'GENERATION', 'plan'], ['c', 'p', 'TOOL', 'x']);
    const b = shapeOf(
      ['R', null, 'SPAN', 'run'],
      ['P', 'R', 'GENERATION', 'plan v2'],
      ['C', 'P', 'TOOL', 'x'],
    );
    expect(aligned(a, b)).toEqual(['0 r=R', '1 p=P', '2 c=C']);
    const other = shapeOf(['R', null, 'SPAN', 'run'], ['T', 'R', 'TOOL', 'plan']);
    expect(aligned(a, other)).toEqual(['0 r=R', '1 p=-', '2 c=-', '1 -=T']);
  });

  it('may be empty, and have several roots', () => {
    const a = shapeOf(['x', null, 'SPAN', 'x'], ['y', null, 'SPAN', 'y']);
    expect(aligned(a, shapeOf())).toEqual(['0 x=-', '0 y=-']);
    expect(aligned(shapeOf(), shapeOf())).toEqual([]);
    expect(aligned(a, shapeOf(['Y', null, 'SPAN', 'y']))).toEqual(['0 x=-', '0 y=Y']);
  });

  it('have each observation once if they have circles', () => {
    const circle = { ...shapeOf(['x', null, 'SPAN', 'x'], ['y', null, 'SPAN', 'y']), parent: [1, 0] };
    expect(aligned(circle, circle)).toEqual(['0 x=x', '1 y=y']);
  });

  it('may be deep and wide: 100,000 levels, 200,000 siblings that are equal, other or mixed, with hostile names', () => {
    const deep: TraceShape = {
      parent: Array.from({ length: 100_000 }, (_, at) => at - 1),
      type: Array.from({ length: 100_000 }, () => 'SPAN'),
      name: Array.from({ length: 100_000 }, () => '__proto__'),
    };
    expect(alignTraces(deep, deep).every(({ a, b, depth }) => a === b && a === depth)).toBe(true);
    const wide = (nameOf: (at: number) => string): TraceShape => ({
      parent: Array.from({ length: 200_000 }, () => -1),
      type: Array.from({ length: 200_000 }, () => 'SPAN'),
      name: Array.from({ length: 200_000 }, (_, at) => nameOf(at)),
    });
    const same = wide(() => 'a');
    expect(alignTraces(same, same)).toHaveLength(200_000);
    expect(
      alignTraces(
        same,
        wide(() => 'b'),
      ),
    ).toHaveLength(200_000);
    const pairs = alignTraces(
      wide((at) => `constructor ${at % 7}`),
      wide((at) => `constructor ${(at + 3) % 7}`),
    );
    expect(new Set(pairs.filter(({ a }) => a >= 0).map(({ a }) => a)).size).toBe(200_000);
    expect(new Set(pairs.filter(({ b }) => b >= 0).map(({ b }) => b)).size).toBe(200_000);
  });
});
