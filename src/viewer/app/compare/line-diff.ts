/** The difference of two texts by lines. */

import { parsed } from '../details/chat.js';
import { commonPairs } from './lcs.js';

export interface DiffLines {
  kind: 'same' | 'removed' | 'added';
  lines: string[];
}

/** Parts with one kind of lines, in order; what was removed comes before what was added in its place. */
export function diffLines(before: string, after: string): DiffLines[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const parts: DiffLines[] = [];
  const add = (kind: DiffLines['kind'], lines: string[]) => {
    if (lines.length === 0) return;
    const last = parts.at(-1);
    if (last?.kind === kind) last.lines.push(...lines);
    else parts.push({ kind, lines });
  };
  let [atA, atB] = [0, 0];
  for (const [i, j] of [...commonPairs(a, b), [a.length, b.length] as [number, number]]) {
    add('removed', a.slice(atA, i));
    add('added', b.slice(atB, j));
    if (i < a.length) add('same', [a[i] as string]);
    [atA, atB] = [i + 1, j + 1];
  }
  return parts;
}

/** JSON by lines, with the line breaks of its texts: a prompt of many lines would be one otherwise. */
export function readableLines(payload: string): string {
  const value = parsed(payload);
  if (typeof value === 'string') return value;
  const json = JSON.stringify(value, null, 2);
  return json.replaceAll(/(\\\\)|\\n/g, (found, backslash?: string) =>
    backslash === undefined ? '\n' : found,
  );
}
