/** A trace as a tree of lines within a bound: errors and what leads to them first, then the levels from the top. */
import type { ObservationColumns } from '../../viewer/data/trace.js';
import type { TraceTree } from '../../viewer/trace-tree.js';
import { counted } from './answer-text.js';
import { costText, durationText, joined, oneLine, quoted, tokensText } from './figures.js';

export interface TreeLines {
  readonly lines: string[];
  /** Observations without a line of their own. */
  readonly left: number;
  /** Of these, the ones with an error. */
  readonly leftErrors: number;
}

interface TreeOptions {
  readonly maxChars: number;
  /** Only errors, and the observations above them. */
  readonly onlyErrors: boolean;
  /** Position of the only root to show. */
  readonly root?: number | undefined;
}

const STATUS_CHARS = 160;
const NAME_CHARS = 100;
/** Deeper lines say their depth: spaces would take most of the answer. */
const MAX_INDENT = 20;
/** Of the line that says how many are left out below. */
const LEFT_OUT_CHARS = 70;

export function treeLines(columns: ObservationColumns, tree: TraceTree, options: TreeOptions): TreeLines {
  const roots = options.root === undefined ? tree.roots : [options.root];
  const { order, depths } = inTreeOrder(roots, tree);
  const texts = new Map<number, string>();
  let chars = 0;
  /** False: there is no room. */
  const take = (position: number): boolean => {
    if (texts.has(position)) return true;
    const text = observationLine(columns, position, depths[position] ?? 0);
    chars += text.length + 1 + (tree.children[position]?.length ? LEFT_OUT_CHARS : 0);
    if (chars > options.maxChars && texts.size > 0) return false;
    texts.set(position, text);
    return true;
  };
  const isBelow = new Set(order);
  const errors = order.filter((position) => columns.level[position] === 'ERROR');
  const isFull =
    !roots.every(take) || !errors.every((position) => pathTo(position, tree, isBelow).every(take));
  if (!isFull && !options.onlyErrors) byLevel(order, depths).every(take);
  return print(order, depths, texts, columns);
}

/** From the top. */
function pathTo(position: number, tree: TraceTree, isBelow: ReadonlySet<number>): number[] {
  const path: number[] = [];
  for (let at = position; isBelow.has(at); at = tree.parents[at] ?? -1) path.push(at);
  return path.reverse();
}

function inTreeOrder(
  roots: readonly number[],
  { children }: TraceTree,
): { order: number[]; depths: number[] } {
  const order: number[] = [];
  const depths: number[] = [];
  const stack = [...roots].reverse();
  for (const root of roots) depths[root] = 0;
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    order.push(at);
    const below = children[at] ?? [];
    for (let index = below.length - 1; index >= 0; index -= 1) {
      const child = below[index] as number;
      depths[child] = (depths[at] ?? 0) + 1;
      stack.push(child);
    }
  }
  return { order, depths };
}

function byLevel(order: readonly number[], depths: readonly number[]): number[] {
  // The sort is stable: within a level the order of the tree stays.
  return [...order].sort((a, b) => (depths[a] ?? 0) - (depths[b] ?? 0));
}

function print(
  order: readonly number[],
  depths: readonly number[],
  texts: ReadonlyMap<number, string>,
  columns: ObservationColumns,
): TreeLines {
  const lines: string[] = [];
  let [left, leftErrors] = [0, 0];
  /** Left out since the last line, in one stretch of the tree. */
  let [stretch, stretchDepth] = [0, 0];
  const endStretch = () => {
    if (stretch > 0)
      lines.push(`${indentOf(stretchDepth)}… ${counted(stretch, 'observation')} left out here`);
    stretch = 0;
  };
  for (const position of order) {
    const text = texts.get(position);
    if (text === undefined) {
      if (stretch === 0) stretchDepth = depths[position] ?? 0;
      stretch += 1;
      left += 1;
      if (columns.level[position] === 'ERROR') leftErrors += 1;
      continue;
    }
    endStretch();
    lines.push(text);
  }
  endStretch();
  return { lines, left, leftErrors };
}

export function observationLine(columns: ObservationColumns, position: number, depth: number): string {
  const [level, status] = [columns.level[position], columns.status[position] ?? ''];
  const estimated = columns.estimated[position] ?? 0;
  const facts = joined([
    `- ${columns.type[position]} ${quoted(columns.name[position] ?? '', NAME_CHARS)}`,
    `id=${oneLine(columns.id[position] ?? '', 200)}`,
    columns.startUs[position] == null ? 'no start' : `+${durationText(columns.startUs[position])}`,
    `took ${durationText(columns.durationUs[position] ?? null)}`,
    level !== 'DEFAULT' && level,
    tokensText(columns.tokens[position] ?? null, (estimated & 1) !== 0),
    costText(columns.cost[position] ?? null, (estimated & 2) !== 0),
    columns.model[position] != null && `model=${oneLine(columns.model[position], 80)}`,
  ]);
  return `${indentOf(depth)}${facts}${status === '' ? '' : `: ${quoted(status, STATUS_CHARS)}`}`;
}

function indentOf(depth: number): string {
  return depth <= MAX_INDENT ? '  '.repeat(depth) : `${'  '.repeat(MAX_INDENT)}(depth ${depth}) `;
}
