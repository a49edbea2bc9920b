/**
 * Where the trees of two programs differ, as lines to read and as patterns for a list of expected differences.
 *
 * A path names the trace and its observations by name, then the field: `chat/prompt/model: output/messages/[0]/content`.
 * A trace's own fields are `chat: userId`. A trace or an observation that one side lacks is `chat/prompt`. Observations are
 * paired by name among their siblings, then by order: who of two starts in the same millisecond is chance.
 */
import { isDeepStrictEqual } from 'node:util';
import { matcher } from './same-program/differences.js';
import type { Tree, TreeNode } from './trees.js';

export interface TreeDifference {
  /** The path without indexes: `chat/prompt/model: output/messages/[]/content`. A slash in a name is `∕`. */
  readonly pattern: string;
  /** The path with both values, to read. */
  readonly line: string;
}

/** Patterns of paths that differ, and why. In a pattern `*` is one name or key, `**` any number, `{a,b}` one of several. */
export type ExpectedDifference = readonly [patterns: string | readonly string[], reason: string];

/** `ignore`: patterns of paths whose differences do not matter. */
export function differences(
  ours: readonly Tree[],
  theirs: readonly Tree[],
  { ignore = [] }: { readonly ignore?: readonly string[] } = {},
): TreeDifference[] {
  const found: TreeDifference[] = [];
  const ignored = ignore.map(matcher);
  const add: Report = (at, a, b) => {
    const pattern = textOf(at, true);
    if (ignored.some((one) => one.test(pattern))) return;
    found.push({ pattern, line: `${textOf(at, false)} · ours: ${shown(a)} · theirs: ${shown(b)}` });
  };
  compareLists(ours.map(asNode), theirs.map(asNode), { names: [], keys: [] }, add);
  return found;
}

/** Fails with a list of each difference that is not expected, and each expected pattern that matches no difference. */
export function expectDifferences(
  ours: readonly Tree[],
  theirs: readonly Tree[],
  table: readonly ExpectedDifference[],
  options: { readonly ignore?: readonly string[] } = {},
): void {
  const found = differences(ours, theirs, options);
  const patterns = table.flatMap(([pattern]) => pattern);
  const expected = patterns.map((pattern) => ({ pattern, isOf: matcher(pattern) }));
  const unexpected = found.filter(({ pattern }) => !expected.some(({ isOf }) => isOf.test(pattern)));
  const unused = expected.filter(({ isOf }) => !found.some(({ pattern }) => isOf.test(pattern)));
  if (unexpected.length === 0 && unused.length === 0) return;
  const lines = [
    ...unexpected.map(({ line, pattern }) => `not expected: ${line}\n    pattern: '${pattern}'`),
    ...unused.map(({ pattern }) => `expected, but there is no such difference: '${pattern}'`),
  ];
  throw new Error(`The trees differ otherwise than expected:\n  ${lines.join('\n  ')}`);
}

/** Fails unless the text, a guide, has each reason of the table, word by word. */
export function expectReasonsIn(text: string, table: readonly ExpectedDifference[]): void {
  const words = text.replace(/\s+/g, ' ');
  const missing = table.map(([, reason]) => reason).filter((reason) => !words.includes(reason));
  if (missing.length > 0) throw new Error(`The guide does not have:\n  ${missing.join('\n  ')}`);
}

interface At {
  readonly names: readonly string[];
  /** Empty: the trace or observation itself. */
  readonly keys: readonly string[];
}

type Report = (at: At, ours: unknown, theirs: unknown) => void;
type Fields = Record<string, unknown>;
interface Node extends Fields {
  readonly children: readonly Node[];
}

function asNode({ nodes, ...fields }: Tree | (TreeNode & { nodes?: undefined })): Node {
  const children = nodes ?? (fields as TreeNode).children ?? [];
  return { ...fields, children: (children as TreeNode[]).map(asNode) };
}

function compareLists(ours: readonly Node[], theirs: readonly Node[], at: At, report: Report): void {
  const pairs = pairUp(ours, theirs);
  const seen = new Map<string, number>();
  for (const [a, b] of pairs) {
    const name = String((a ?? b)?.name ?? '(no name)').replaceAll('/', '∕');
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    const here = { names: [...at.names, index === 0 ? name : `${name}[${index}]`], keys: [] };
    if (a === undefined || b === undefined) report(here, a && summaryOf(a), b && summaryOf(b));
    else compareNodes(a, b, here, report);
  }
}

/** Those of one name in their order, then the rest in theirs: it is named differently, or has no counterpart. */
function pairUp(ours: readonly Node[], theirs: readonly Node[]): [Node | undefined, Node | undefined][] {
  const rest = [...theirs];
  const take = (fits: (node: Node) => boolean) => {
    const index = rest.findIndex(fits);
    return index < 0 ? undefined : rest.splice(index, 1)[0];
  };
  const named = ours.map((a) => [a, take((b) => b.name === a.name)] as [Node, Node | undefined]);
  const pairs: [Node | undefined, Node | undefined][] = named.map(([a, b]) => [
    a,
    b ?? take((one) => one.type === a.type),
  ]);
  return [...pairs, ...rest.map((b): [undefined, Node] => [undefined, b])];
}

function compareNodes(ours: Node, theirs: Node, at: At, report: Report): void {
  const { children: ourChildren, ...a } = ours;
  const { children: theirChildren, ...b } = theirs;
  compareValues(a, b, at, report);
  compareLists(ourChildren, theirChildren, at, report);
}

function compareValues(ours: unknown, theirs: unknown, at: At, report: Report): void {
  if (isDeepStrictEqual(ours, theirs)) return;
  const deeper = (key: string): At => ({ ...at, keys: [...at.keys, key.replaceAll('/', '∕')] });
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const length = Math.max(ours.length, theirs.length);
    for (let i = 0; i < length; i++) compareValues(ours[i], theirs[i], deeper(`[${i}]`), report);
  } else if (isObject(ours) && isObject(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    for (const key of keys) compareValues(memberOf(ours, key), memberOf(theirs, key), deeper(key), report);
  } else {
    report(at, ours, theirs);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberOf(object: Fields, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function textOf({ names, keys }: At, isPattern: boolean): string {
  const plain = (part: string) =>
    isPattern ? part.replace(/\[\d+\]$/, part.startsWith('[') ? '[]' : '') : part;
  const path = names.map(plain).join('/');
  return keys.length === 0 ? path : `${path}: ${keys.map(plain).join('/')}`;
}

function summaryOf({ type = 'trace', children }: Node): string {
  return `${type} with ${children.length} inside`;
}

const MAX_SHOWN_CHARS = 160;

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= MAX_SHOWN_CHARS ? text : `${text.slice(0, MAX_SHOWN_CHARS)}… (${text.length})`;
}
