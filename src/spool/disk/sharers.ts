/** The spools of one client in one folder, of each of its rings, that make room for one another. */
import type { Sharers, Spool } from './segments.js';
import { createUsage } from './usage.js';

/** By folder and client, those of this thread. */
const sharers = new Map<string, Sharers>();

export function sharersOf(dir: string, client: string): Sharers {
  const key = keyOf(dir, client);
  const known = sharers.get(key) ?? { spools: new Set(), usage: createUsage(dir) };
  sharers.set(key, known);
  return known;
}

export function leaveSharers(spool: Spool): void {
  const { spools } = spool.sharers;
  spools.delete(spool);
  if (spools.size === 0) sharers.delete(keyOf(spool.folders.dir, spool.client));
}

function keyOf(dir: string, client: string): string {
  return `${client} ${dir}`;
}
