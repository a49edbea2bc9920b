/**
 * Damaged segments: moved out of the way, into the folder of the whole spool, for somebody to look at. They are never read
 * again, and bounded.
 */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isFile, look, moveOwn, removeOwn, succeeds } from './safe-files.js';

const CORRUPT = '.corrupt';
const NAME = /^[0-9a-f]{12}\..*\.segment\.corrupt$/;
const MAX_FILES = 32;
/** Of `maxSpoolBytes`. */
const MAX_PART = 1 / 4;

export interface SetAside {
  /** Where it is now; undefined: it could not be moved. */
  readonly path: string | undefined;
  /** Older ones that were removed for it. */
  readonly removed: readonly string[];
}

export function setAside(path: string, maxSpoolBytes: number): SetAside {
  const folder = dirname(path);
  const root = dirname(folder);
  const aside = join(root, `${basename(folder)}.${basename(path)}${CORRUPT}`);
  if (!succeeds(() => moveOwn(path, aside))) return { path: undefined, removed: [] };
  const removed: string[] = [];
  let bytes = 0;
  for (const [index, one] of newestFirst(root, aside).entries()) {
    bytes += look(one)?.size ?? 0;
    if (index === 0 || (index < MAX_FILES && bytes <= maxSpoolBytes * MAX_PART)) continue;
    if (removeOwn(one)) removed.push(one);
  }
  return { path: aside, removed };
}

export function isSetAside(name: string): boolean {
  return NAME.test(name);
}

function newestFirst(root: string, newest: string): string[] {
  const setAsideAt = (path: string): number => (path === newest ? Infinity : (look(path)?.ctimeMs ?? 0));
  return fs
    .readdirSync(root)
    .filter((name) => isSetAside(name) && isFile(join(root, name)))
    .map((name) => join(root, name))
    .map((path) => ({ path, at: setAsideAt(path) }))
    .sort((a, b) => b.at - a.at)
    .map(({ path }) => path);
}
