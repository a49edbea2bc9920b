/**
 * The tree of a trace: order, depth, self times, critical path. Typed arrays over positions in the columns, and no recursion, as
 * a trace may have 100,000 observations and be as deep.
 */

import type { ObservationColumns } from '../../data/trace.js';

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

/** Every observation appears exactly once: one without a stored parent at the top, and so the first of a cycle. */
export function buildModel(columns: ObservationColumns, traceDurationUs: number | null): TraceModel {
  const size = columns.id.length;
  const children = childrenOf(columns.parent, size);
  const tree = walk(children, columns.parent, size);
  const selfUs = selfTimes(columns, children, size);
  const bounds = boundsOf(columns, traceDurationUs);
  const errorRows: number[] = [];
  for (let row = 0; row < size; row += 1) {
    if (columns.level[tree.order[row] as number] === 'ERROR') errorRows.push(row);
  }
  return {
    columns,
    size,
    ...tree,
    selfUs,
    isCritical: criticalPath(columns, children, tree, size),
    slowest: slowestOf(selfUs),
    ...bounds,
    errorRows,
    hasParents: children.list.length > 0,
  };
}

/** Lists of children by position, in the order of the columns, which is that of the starts. */
interface Children {
  /** The children of `p` are `list[from[p]]` to `list[from[p + 1] - 1]`. */
  from: Int32Array;
  list: Int32Array;
}

function childrenOf(parent: readonly number[], size: number): Children {
  const from = new Int32Array(size + 1);
  for (const of of parent) if (of >= 0) (from[of + 1] as number)++;
  for (let at = 0; at < size; at += 1) (from[at + 1] as number) += from[at] as number;
  const next = from.slice(0, size);
  const list = new Int32Array(from[size] as number);
  for (let at = 0; at < size; at += 1) {
    const of = parent[at] as number;
    if (of < 0) continue;
    list[next[of] as number] = at;
    (next[of] as number)++;
  }
  return { from, list };
}

type Tree = Pick<TraceModel, 'order' | 'depth' | 'end' | 'parentRow'>;

function walk({ from, list }: Children, parent: readonly number[], size: number): Tree {
  const order = new Int32Array(size);
  const depth = new Int32Array(size);
  const end = new Int32Array(size);
  const parentRow = new Int32Array(size).fill(-1);
  const rowOf = new Int32Array(size).fill(-1);
  let rows = 0;

  function visit(root: number): void {
    // A negative number is the mark that a subtree is done.
    const stack: number[] = [root];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (at < 0) {
        end[rowOf[-at - 1] as number] = rows;
        continue;
      }
      if (rowOf[at] !== -1) continue;
      const above = at === root ? -1 : (rowOf[parent[at] as number] as number);
      rowOf[at] = rows;
      order[rows] = at;
      depth[rows] = above < 0 ? 0 : (depth[above] as number) + 1;
      parentRow[rows] = above;
      rows += 1;
      stack.push(-at - 1);
      for (let child = (from[at + 1] as number) - 1; child >= (from[at] as number); child -= 1) {
        stack.push(list[child] as number);
      }
    }
  }

  for (let at = 0; at < size; at += 1) if ((parent[at] as number) < 0) visit(at);
  // What is left are cycles.
  for (let at = 0; at < size; at += 1) if (rowOf[at] === -1) visit(at);
  return { order, depth, end, parentRow };
}

function endOf({ startUs, durationUs }: ObservationColumns, at: number): number {
  return (startUs[at] as number) + (durationUs[at] ?? 0);
}

/** The duration without the time in which at least one child runs. Children come by start, so one pass joins them. */
function selfTimes(columns: ObservationColumns, { from, list }: Children, size: number): Float64Array {
  const selfUs = new Float64Array(size);
  for (let at = 0; at < size; at += 1) {
    const durationUs = columns.durationUs[at] ?? null;
    if (durationUs === null) {
      selfUs[at] = -1;
      continue;
    }
    const ownEnd = endOf(columns, at);
    let covered = 0;
    let until = columns.startUs[at] as number;
    for (let child = from[at] as number; child < (from[at + 1] as number); child += 1) {
      const position = list[child] as number;
      const start = Math.max(until, columns.startUs[position] as number);
      const end = Math.min(ownEnd, endOf(columns, position));
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
function criticalPath(
  columns: ObservationColumns,
  { from, list }: Children,
  { parentRow, order }: Tree,
  size: number,
): Uint8Array {
  const isCritical = new Uint8Array(size);
  const top: number[] = [];
  for (let row = 0; row < size; row += 1) if (parentRow[row] === -1) top.push(order[row] as number);
  const stack: { members: number[]; until: number }[] = [{ members: top, until: Number.POSITIVE_INFINITY }];
  for (let group = stack.pop(); group !== undefined; group = stack.pop()) {
    const members = group.members.sort((a, b) => endOf(columns, b) - endOf(columns, a));
    let { until } = group;
    for (const at of members) {
      if (endOf(columns, at) > until || isCritical[at] === 1 || columns.durationUs[at] == null) continue;
      isCritical[at] = 1;
      until = columns.startUs[at] as number;
      const below = Array.from(list.subarray(from[at] as number, from[at + 1] as number));
      if (below.length > 0) stack.push({ members: below, until: endOf(columns, at) });
    }
  }
  return isCritical;
}

function boundsOf(columns: ObservationColumns, durationUs: number | null): { fromUs: number; toUs: number } {
  let [fromUs, toUs] = [0, Math.max(1, durationUs ?? 0)];
  for (let at = 0; at < columns.id.length; at += 1) {
    fromUs = Math.min(fromUs, columns.startUs[at] as number);
    toUs = Math.max(toUs, endOf(columns, at));
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
