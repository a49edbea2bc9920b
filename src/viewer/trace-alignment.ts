/**
 * Which observations of two traces correspond, for the page and for assistants. Among the children of aligned parents, those with
 * the same type and name are aligned in their order; between two of them, those of the same type: they may have been renamed.
 */

import type { ObservationColumns } from './data/trace.js';
import { commonPairs } from './lcs.js';
import { treeOf } from './trace-tree.js';

export type TraceShape = Pick<ObservationColumns, 'parent' | 'type' | 'name'>;

/** Positions in the columns of both traces; -1: only the other trace has it. */
export interface AlignedPair {
  readonly a: number;
  readonly b: number;
  readonly depth: number;
}

/** In the order of the trees, depth first: each pair before those below it. */
export function alignTraces(a: TraceShape, b: TraceShape): AlignedPair[] {
  const [treeA, treeB] = [treeOf(a), treeOf(b)];
  const aligned: AlignedPair[] = [];
  const stack: AlignedPair[] = [];
  const push = (ofA: readonly number[], ofB: readonly number[], depth: number) => {
    const pairs = alignSiblings(a, ofA, b, ofB);
    for (let at = pairs.length - 1; at >= 0; at -= 1) {
      const [positionA, positionB] = pairs[at] as Positions;
      stack.push({ a: positionA, b: positionB, depth });
    }
  };
  push(treeA.roots, treeB.roots, 0);
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    aligned.push(pair);
    push(treeA.children[pair.a] ?? [], treeB.children[pair.b] ?? [], pair.depth + 1);
  }
  return aligned;
}

type Positions = [ofA: number, ofB: number];

function alignSiblings(
  a: TraceShape,
  ofA: readonly number[],
  b: TraceShape,
  ofB: readonly number[],
): Positions[] {
  const anchors = commonPairs(
    ofA.map((position) => keyOf(a, position)),
    ofB.map((position) => keyOf(b, position)),
  );
  return withRest(anchors, ofA, ofB, (restOfA, restOfB) => alignByType(a, restOfA, b, restOfB));
}

/** What stands between two aligned siblings. */
function alignByType(
  a: TraceShape,
  ofA: readonly number[],
  b: TraceShape,
  ofB: readonly number[],
): Positions[] {
  const sameType = commonPairs(
    ofA.map((position) => a.type[position] as string),
    ofB.map((position) => b.type[position] as string),
  );
  return withRest(sameType, ofA, ofB, (restOfA, restOfB) => [
    ...restOfA.map((position): Positions => [position, -1]),
    ...restOfB.map((position): Positions => [-1, position]),
  ]);
}

/** The pairs that are found, by indexes in both lists, with what `align` makes of those before, between and after them. */
function withRest(
  found: readonly Positions[],
  ofA: readonly number[],
  ofB: readonly number[],
  align: (restOfA: readonly number[], restOfB: readonly number[]) => Positions[],
): Positions[] {
  const pairs: Positions[] = [];
  let [atA, atB] = [0, 0];
  const addRest = (endA: number, endB: number) => {
    if (atA === endA && atB === endB) return;
    for (const pair of align(ofA.slice(atA, endA), ofB.slice(atB, endB))) pairs.push(pair);
  };
  for (const [indexA, indexB] of found) {
    addRest(indexA, indexB);
    pairs.push([ofA[indexA] as number, ofB[indexB] as number]);
    [atA, atB] = [indexA + 1, indexB + 1];
  }
  addRest(ofA.length, ofB.length);
  return pairs;
}

/** Types have no line breaks, so two keys are equal only if type and name are. */
function keyOf({ type, name }: TraceShape, position: number): string {
  return `${type[position]}\n${name[position] ?? ''}`;
}
