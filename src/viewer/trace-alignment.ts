/** The structure of a trace, and which observations of two traces correspond: the k-th of a type and name below parents that correspond. */

import type { ObservationColumns } from './page-data.js';

export type TraceShape = Pick<ObservationColumns, 'parent' | 'type' | 'name'>;

export interface TraceTree {
  /** Positions, in order of their start. */
  readonly roots: readonly number[];
  readonly children: readonly (readonly number[])[];
  /** Positions of parents; -1 for roots. Without the circles that wrong data may have. */
  readonly parents: readonly number[];
}

/** Positions in both traces; -1: only the other trace has it. */
export interface AlignedPair {
  readonly a: number;
  readonly b: number;
  readonly depth: number;
}

export function treeOf({ parent }: Pick<TraceShape, 'parent'>): TraceTree {
  const parents = withoutCircles(parent);
  const children: number[][] = parents.map(() => []);
  const roots: number[] = [];
  for (const [position, above] of parents.entries()) {
    if (above === -1) roots.push(position);
    else children[above]?.push(position);
  }
  return { roots, children, parents };
}

const [UNSEEN, ON_PATH, DONE] = [0, 1, 2];

/** The first observation of a circle becomes a root. */
function withoutCircles(parent: readonly number[]): number[] {
  const parents = parent.map((above) => (above >= 0 && above < parent.length ? above : -1));
  const states = new Uint8Array(parents.length);
  for (let start = 0; start < parents.length; start += 1) {
    const path: number[] = [];
    let at = start;
    while (at !== -1 && states[at] === UNSEEN) {
      states[at] = ON_PATH;
      path.push(at);
      at = parents[at] ?? -1;
    }
    if (at !== -1 && states[at] === ON_PATH) parents[at] = -1;
    for (const position of path) states[position] = DONE;
  }
  return parents;
}

/** In the order of the trees: each pair before those below it. Linear in the number of observations. */
export function alignTraces(a: TraceShape, b: TraceShape): AlignedPair[] {
  const [treeA, treeB] = [treeOf(a), treeOf(b)];
  const aligned: AlignedPair[] = [];
  const stack = siblings(a, b, treeA.roots, treeB.roots, 0).reverse();
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    aligned.push(pair);
    const [below, belowB] = [treeA.children[pair.a] ?? [], treeB.children[pair.b] ?? []];
    const pairs = siblings(a, b, below, belowB, pair.depth + 1);
    for (let index = pairs.length - 1; index >= 0; index -= 1) stack.push(pairs[index] as AlignedPair);
  }
  return aligned;
}

function siblings(
  a: TraceShape,
  b: TraceShape,
  positionsA: readonly number[],
  positionsB: readonly number[],
  depth: number,
): AlignedPair[] {
  const waiting = new Map<string, number[]>();
  // The last first, so that the first is popped first.
  for (let index = positionsB.length - 1; index >= 0; index -= 1) {
    const key = keyOf(b, positionsB[index] as number);
    const same = waiting.get(key);
    if (same === undefined) waiting.set(key, [index]);
    else same.push(index);
  }
  const matches = positionsA.map((position) => waiting.get(keyOf(a, position))?.pop() ?? -1);
  const isMatched = new Set(matches);
  const pairs: AlignedPair[] = [];
  let nextB = 0;
  const addOnlyB = (end: number) => {
    for (; nextB < end; nextB += 1) {
      if (!isMatched.has(nextB)) pairs.push({ a: -1, b: positionsB[nextB] as number, depth });
    }
  };
  for (const [index, position] of positionsA.entries()) {
    const match = matches[index] as number;
    // What only B has comes before the pair that it precedes in B.
    if (match !== -1) addOnlyB(match);
    pairs.push({ a: position, b: match === -1 ? -1 : (positionsB[match] as number), depth });
  }
  addOnlyB(positionsB.length);
  return pairs;
}

function keyOf({ type, name }: TraceShape, position: number): string {
  return `${type[position]}\n${name[position] ?? ''}`;
}
