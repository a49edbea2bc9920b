/**
 * The rows of a trace: order, depth, self times, critical path. Typed arrays over positions in the columns, and no recursion, as
 * a trace may have 100,000 observations and be as deep.
 */

import type { ObservationColumns } from '../../data/trace.js';
import { type TraceTree, treeOf } from '../../trace-tree.js';

export interface TraceModel {
  columns: ObservationColumns;
  size: number;
  /** Positions in the columns, depth first, siblings by start. Rows of the tree are indexes into this. */
  order: Int32Array;
  /** By row. */
  depth: Int32Array;
  /** By row: the first row after everything below it. */
  end: Int32Array;
  /** By row: the row of the parent; -1: it is at the top. */
  parentRow: Int32Array;
  /** By position: the time that no child covers; -1: unknown. */
  selfUs: Float64Array;
  /** By position: 1 if a shorter duration would make the trace shorter. */
  isCritical: Uint8Array;
  /** The position with the longest self time; -1: none. */
  slowest: number;
  /** Of all bars, after the start of the trace. */
  fromUs: number;
  toUs: number;
  /** The rows with errors, in order. */
  errorRows: number[];
  /** Whether there is anything to fold. */
  hasParents: boolean;
}

/** Every observation appears exactly once. */
export function buildModel(columns: ObservationColumns, traceDurationUs: number | null): TraceModel {
  const size = columns.id.length;
  const tree = treeOf(columns);
  const rows = rowsOf(tree, size);
  const selfUs = selfTimes(columns, tree);
  const bounds = boundsOf(columns, traceDurationUs);
  const errorRows: number[] = [];
  for (let row = 0; row < size; row += 1) {
    if (columns.level[rows.order[row] as number] === 'ERROR') errorRows.push(row);
  }
  return {
    columns,
    size,
    ...rows,
    selfUs,
    isCritical: criticalPath(columns, tree),
    slowest: slowestOf(selfUs),
    ...bounds,
    errorRows,
    hasParents: tree.roots.length < size,
  };
}

type Rows = Pick<TraceModel, 'order' | 'depth' | 'end' | 'parentRow'>;

function rowsOf({ roots, children, parents }: TraceTree, size: number): Rows {
  const order = new Int32Array(size);
  const depth = new Int32Array(size);
  const end = new Int32Array(size);
  const parentRow = new Int32Array(size).fill(-1);
  const rowOf = new Int32Array(size).fill(-1);
  let rows = 0;
  const stack: number[] = [];
  const pushAll = (positions: readonly number[]) => {
    for (let at = positions.length - 1; at >= 0; at -= 1) stack.push(positions[at] as number);
  };
  pushAll(roots);
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    // A negative number is the mark that a subtree is done.
    if (at < 0) {
      end[rowOf[-at - 1] as number] = rows;
      continue;
    }
    const above = rowOf[parents[at] as number] ?? -1;
    rowOf[at] = rows;
    order[rows] = at;
    depth[rows] = above < 0 ? 0 : (depth[above] as number) + 1;
    parentRow[rows] = above;
    rows += 1;
    stack.push(-at - 1);
    pushAll(children[at] as readonly number[]);
  }
  return { order, depth, end, parentRow };
}

/** Null: it has no start. */
function endOf({ startUs, durationUs }: ObservationColumns, at: number): number | null {
  const start = startUs[at] ?? null;
  return start === null ? null : start + (durationUs[at] ?? 0);
}

/** The duration without the time in which at least one child runs. Children come by start, so one pass joins them. */
function selfTimes(columns: ObservationColumns, { children }: TraceTree): Float64Array {
  const selfUs = new Float64Array(columns.id.length);
  for (let at = 0; at < selfUs.length; at += 1) {
    const [durationUs, ownStart] = [columns.durationUs[at] ?? null, columns.startUs[at] ?? null];
    if (durationUs === null || ownStart === null) {
      selfUs[at] = -1;
      continue;
    }
    const ownEnd = ownStart + durationUs;
    let covered = 0;
    let until = ownStart;
    for (const child of children[at] as readonly number[]) {
      const [childStart, childEnd] = [columns.startUs[child] ?? null, endOf(columns, child)];
      if (childStart === null || childEnd === null) continue;
      const [start, end] = [Math.max(until, childStart), Math.min(ownEnd, childEnd)];
      if (end <= start) continue;
      covered += end - start;
      until = end;
    }
    selfUs[at] = durationUs - covered;
  }
  return selfUs;
}

function slowestOf(selfUs: Float64Array): number {
  let slowest = -1;
  for (let at = 0; at < selfUs.length; at += 1) {
    if ((selfUs[at] as number) > 0 && (slowest < 0 || (selfUs[at] as number) > (selfUs[slowest] as number))) {
      slowest = at;
    }
  }
  return slowest;
}

/**
 * From the end backwards: of what runs at the end of a span the child that ends last is critical, then the one that ended last
 * before that one began, and so on; and the same inside of each.
 */
function criticalPath(columns: ObservationColumns, { roots, children }: TraceTree): Uint8Array {
  const isCritical = new Uint8Array(columns.id.length);
  const timed = (positions: readonly number[]) =>
    positions.flatMap((at) => {
      const end = columns.durationUs[at] == null ? null : endOf(columns, at);
      return end === null ? [] : [{ at, end }];
    });
  const stack = [{ members: timed(roots), until: Number.POSITIVE_INFINITY }];
  for (let group = stack.pop(); group !== undefined; group = stack.pop()) {
    let { until } = group;
    for (const { at, end } of group.members.sort((a, b) => b.end - a.end)) {
      if (end > until) continue;
      isCritical[at] = 1;
      until = columns.startUs[at] as number;
      const below = children[at] as readonly number[];
      if (below.length > 0) stack.push({ members: timed(below), until: end });
    }
  }
  return isCritical;
}

/** Of what has a time: an observation without a start is on no place of the axis. */
function boundsOf(columns: ObservationColumns, durationUs: number | null): { fromUs: number; toUs: number } {
  let [fromUs, toUs] = [0, 1];
  // The duration of the trace counts the arrival of what came without a time.
  if (!columns.startUs.includes(null)) toUs = Math.max(toUs, durationUs ?? 0);
  for (let at = 0; at < columns.id.length; at += 1) {
    const [start, end] = [columns.startUs[at] ?? null, endOf(columns, at)];
    if (start === null || end === null) continue;
    fromUs = Math.min(fromUs, start);
    toUs = Math.max(toUs, end);
  }
  return { fromUs, toUs };
}

/** The rows that are shown: all but those below a collapsed one. */
export function visibleRows(model: TraceModel, collapsed: ReadonlySet<string>): Int32Array {
  const rows = new Int32Array(model.size);
  let count = 0;
  for (let row = 0; row < model.size; ) {
    rows[count] = row;
    count += 1;
    const id = model.columns.id[model.order[row] as number] as string;
    row = collapsed.has(id) ? (model.end[row] as number) : row + 1;
  }
  return rows.slice(0, count);
}

/** The rows with a text in name, type, model, status message or id, ignoring case; and those of other ids that have it elsewhere. */
export function matchingRows(
  { columns, order, size }: TraceModel,
  text: string,
  others: ReadonlySet<string> = new Set(),
): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const found: number[] = [];
  for (let row = 0; row < size; row += 1) {
    const at = order[row] as number;
    const texts = [columns.name[at], columns.type[at], columns.model[at], columns.status[at], columns.id[at]];
    const isFound = texts.some((one) => one?.toLowerCase().includes(wanted));
    if (isFound || others.has(columns.id[at] as string)) found.push(row);
  }
  return found;
}

export function hasChildren({ end }: TraceModel, row: number): boolean {
  return (end[row] as number) > row + 1;
}
