import { describe, expect, it } from 'vitest';
import { alignTraces } from '../../../../../src/viewer/app/compare/align.js';
import { buildModel, type TraceModel } from '../../../../../src/viewer/app/trace/trace-model.js';

/** `parent > TYPE name`, in order of the starts. */
function modelOf(...nodes: [id: string, parent: string | null, type: string, name: string][]): TraceModel {
  const positions = new Map(nodes.map(([id], at) => [id, at]));
  const nothing = nodes.map(() => null);
  const columns = {
    id: nodes.map(([id]) => id),
    parent: nodes.map(([, parent]) => (parent === null ? -1 : (positions.get(parent) ?? -1))),
    type: nodes.map(([, , type]) => type),
    name: nodes.map(([, , , name]) => name),
    level: nodes.map(() => 'DEFAULT'),
    startUs: nodes.map((_, at) => at),
    durationUs: nodes.map(() => 1),
    tokens: nothing,
    cost: nothing,
    estimated: nodes.map(() => 0),
    model: nothing,
    status: nothing,
  };
  return buildModel(columns, null);
}

/** Readable: `depth a=b`, with a dash for a missing side. */
function aligned(a: TraceModel, b: TraceModel): string[] {
  const id = ({ columns, order }: TraceModel, row: number) =>
    row < 0 ? '-' : columns.id[order[row] as number];
  return alignTraces(a, b).map((pair) => `${pair.depth} ${id(a, pair.a)}=${id(b, pair.b)}`);
}

describe('two traces', () => {
  it('are aligned by type, name and order, each observation once, depth first', () => {
    const a = modelOf(
      ['r', null, 'SPAN', 'run'],
      ['g1', 'r', 'GENERATION', 'answer'],
      ['t1', 'r', 'TOOL', 'find'],
      ['g2', 'r', 'GENERATION', 'answer'],
    );
    const b = modelOf(
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
    expect(aligned(modelOf(...nodes), modelOf(...nodes))).toEqual(['0 r=r', '1 c=c', '2 d=d', '1 e=e']);
  });

  it('align what was renamed, if its type is the same and its place between others too', () => {
    const a = modelOf(['r', null, 'SPAN', 'run'], ['p', 'r', 'GENERATION', 'plan'], ['c', 'p', 'TOOL', 'x']);
    const b = modelOf(
      ['R', null, 'SPAN', 'run'],
      ['P', 'R', 'GENERATION', 'plan v2'],
      ['C', 'P', 'TOOL', 'x'],
    );
    expect(aligned(a, b)).toEqual(['0 r=R', '1 p=P', '2 c=C']);
    const other = modelOf(['R', null, 'SPAN', 'run'], ['T', 'R', 'TOOL', 'plan']);
    expect(aligned(a, other)).toEqual(['0 r=R', '1 p=-', '2 c=-', '1 -=T']);
  });

  it('may be empty, and have several roots', () => {
    const a = modelOf(['x', null, 'SPAN', 'x'], ['y', null, 'SPAN', 'y']);
    expect(aligned(a, modelOf())).toEqual(['0 x=-', '0 y=-']);
    expect(aligned(modelOf(), modelOf())).toEqual([]);
    expect(aligned(a, modelOf(['Y', null, 'SPAN', 'y']))).toEqual(['0 x=-', '0 y=Y']);
  });

  it('may be deep and wide: 20,000 levels, and 20,000 siblings with hostile names', () => {
    const deep = modelOf(
      ...Array.from({ length: 20_000 }, (_, at): [string, string | null, string, string] => [
        `d${at}`,
        at === 0 ? null : `d${at - 1}`,
        'SPAN',
        '__proto__',
      ]),
    );
    expect(alignTraces(deep, deep).every(({ a, b, depth }) => a === b && a === depth)).toBe(true);
    const wide = (offset: number) =>
      modelOf(
        ...Array.from({ length: 20_000 }, (_, at): [string, null, string, string] => [
          `w${at}`,
          null,
          'SPAN',
          `constructor ${(at + offset) % 7}`,
        ]),
      );
    const pairs = alignTraces(wide(0), wide(3));
    expect(new Set(pairs.filter(({ a }) => a >= 0).map(({ a }) => a)).size).toBe(20_000);
    expect(new Set(pairs.filter(({ b }) => b >= 0).map(({ b }) => b)).size).toBe(20_000);
  });
});
