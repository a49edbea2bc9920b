/**
 * Aligns the trees of two traces. Among the children of aligned parents, those with the same type and name are aligned in their
 * order; between two of them, those of the same type: they may have been renamed.
 */

import type { TraceModel } from '../trace/trace-model.js';
import { commonPairs } from './lcs.js';

/** Rows of the two trees; -1: there is none on that side. */
export interface AlignedPair {
  a: number;
  b: number;
  depth: number;
}

/** In the order of the trees, depth first. */
export function alignTraces(a: TraceModel, b: TraceModel): AlignedPair[] {
  const aligned: AlignedPair[] = [];
  const stack: AlignedPair[] = [];
  const push = (rowsOfA: number[], rowsOfB: number[], depth: number) => {
    const pairs = alignSiblings(a, rowsOfA, b, rowsOfB);
    for (let at = pairs.length - 1; at >= 0; at -= 1) {
      const [rowOfA, rowOfB] = pairs[at] as [number, number];
      stack.push({ a: rowOfA, b: rowOfB, depth });
    }
  };
  push(rowsBetween(a, 0, a.size), rowsBetween(b, 0, b.size), 0);
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    aligned.push(pair);
    push(childrenOf(a, pair.a), childrenOf(b, pair.b), pair.depth + 1);
  }
  return aligned;
}

function childrenOf(model: TraceModel, row: number): number[] {
  return row < 0 ? [] : rowsBetween(model, row + 1, model.end[row] as number);
}

/** The rows that are below no other of them. */
function rowsBetween({ end }: TraceModel, from: number, to: number): number[] {
  const rows: number[] = [];
  for (let row = from; row < to; row = end[row] as number) rows.push(row);
  return rows;
}

function alignSiblings(
  a: TraceModel,
  rowsOfA: readonly number[],
  b: TraceModel,
  rowsOfB: readonly number[],
): [number, number][] {
  const anchors = commonPairs(
    rowsOfA.map((row) => keyOf(a, row)),
    rowsOfB.map((row) => keyOf(b, row)),
  );
  const pairs: [number, number][] = [];
  let [atA, atB] = [0, 0];
  for (const [i, j] of [...anchors, [rowsOfA.length, rowsOfB.length] as [number, number]]) {
    pairs.push(...alignRest(a, rowsOfA.slice(atA, i), b, rowsOfB.slice(atB, j)));
    if (i < rowsOfA.length) pairs.push([rowsOfA[i] as number, rowsOfB[j] as number]);
    [atA, atB] = [i + 1, j + 1];
  }
  return pairs;
}

/** What stands between two aligned siblings. */
function alignRest(
  a: TraceModel,
  rowsOfA: readonly number[],
  b: TraceModel,
  rowsOfB: readonly number[],
): [number, number][] {
  if (rowsOfA.length === 0 || rowsOfB.length === 0) {
    return [
      ...rowsOfA.map((row): [number, number] => [row, -1]),
      ...rowsOfB.map((row): [number, number] => [-1, row]),
    ];
  }
  const sameType = commonPairs(
    rowsOfA.map((row) => typeOf(a, row)),
    rowsOfB.map((row) => typeOf(b, row)),
  );
  const pairs: [number, number][] = [];
  let [atA, atB] = [0, 0];
  for (const [i, j] of [...sameType, [rowsOfA.length, rowsOfB.length] as [number, number]]) {
    for (; atA < i; atA += 1) pairs.push([rowsOfA[atA] as number, -1]);
    for (; atB < j; atB += 1) pairs.push([-1, rowsOfB[atB] as number]);
    if (i < rowsOfA.length) pairs.push([rowsOfA[i] as number, rowsOfB[j] as number]);
    [atA, atB] = [i + 1, j + 1];
  }
  return pairs;
}

function typeOf({ columns, order }: TraceModel, row: number): string {
  return columns.type[order[row] as number] as string;
}

/** Types have no line breaks, so two keys are equal only if type and name are. */
function keyOf(model: TraceModel, row: number): string {
  return `${typeOf(model, row)}\n${model.columns.name[model.order[row] as number] ?? ''}`;
}
