/**
 * The quarantine: damaged segments are moved to the root folder of the spool, where somebody can look at them. They are never
 * read again. Their number and size are bounded.
 */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isFile, look, moveOwn, removeOwn, succeeds } from './safe-files.js';

const CORRUPT = '.corrupt';
const NAME = /^[0-9a-f]{12}\..*\.segment\.corrupt$/;
const MAX_FILES = 32;
/** Share of `maxSpoolBytes`. */
const MAX_PART = 1 / 4;

interface Quarantined {
  /** The new path; undefined if the segment could not be moved. */
  readonly path: string | undefined;
  /** Older segments that were removed to stay within the bounds. */
  readonly removed: readonly string[];
}

export function quarantine(path: string, maxSpoolBytes: number): Quarantined {
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

export function isQuarantined(name: string): boolean {
  return NAME.test(name);
}

function newestFirst(root: string, newest: string): string[] {
  const quarantinedAt = (path: string): number => (path === newest ? Infinity : (look(path)?.ctimeMs ?? 0));
  return fs
    .readdirSync(root)
    .filter((name) => isQuarantined(name) && isFile(join(root, name)))
    .map((name) => join(root, name))
    .map((path) => ({ path, at: quarantinedAt(path) }))
    .sort((a, b) => b.at - a.at)
    .map(({ path }) => path);
}
