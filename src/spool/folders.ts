/** The folders of a spool on disk: one to write to, and those taken over from owners that are dead. */

import fs from 'node:fs';
import { join } from 'node:path';
import { systemNow } from '../shared/real-time.js';
import { folderName, freeFolderName, isAlive, type Owner, parseFolderName } from './ownership.js';

export interface Folders {
  readonly dir: string;
  readonly us: Owner;
  /** Where new segments are written; made when there is one. */
  current: string | undefined;
  /** All that are ours. */
  readonly owned: Set<string>;
}

/** Nobody but the owner of the process reads what was spooled. */
const PRIVATE_FOLDER = 0o700;

export function createFolders(dir: string, us: Owner): Folders {
  return { dir, us, current: undefined, owned: new Set() };
}

/** The folder to write to. It is made again if somebody has removed it or, thinking us dead, taken it over. */
export function currentFolder(folders: Folders): string {
  if (folders.current !== undefined && fs.existsSync(folders.current)) return folders.current;
  const path = join(folders.dir, folderName(folders.us));
  fs.mkdirSync(path, { recursive: true, mode: PRIVATE_FOLDER });
  syncFolder(folders.dir);
  folders.owned.add(path);
  folders.current = path;
  return path;
}

/** Makes the folder of the whole spool, so that a path that is no good is known at once. */
export function makeRoot({ dir }: Folders): void {
  fs.mkdirSync(dir, { recursive: true, mode: PRIVATE_FOLDER });
  fs.accessSync(dir, fs.constants.W_OK);
}

export interface Found {
  /** Folders taken over, by their new names. */
  readonly taken: string[];
  /** Folders that nobody owns, with events for another exporter, server or project. */
  readonly foreign: string[];
}

/** Takes over the folders of the dead. */
export function takeOver(folders: Folders): Found {
  const { dir, us, owned } = folders;
  const found: Found = { taken: [], foreign: [] };
  for (const name of fs.readdirSync(dir)) {
    const path = join(dir, name);
    const folder = parseFolderName(name);
    if (folder === undefined || owned.has(path)) continue;
    if (folder.kind === 'owned' && isAlive(folder.owner, us, untouchedMs(path))) continue;
    const { identity } = folder.kind === 'owned' ? folder.owner : folder;
    if (identity !== us.identity) {
      found.foreign.push(path);
      continue;
    }
    const taken = join(dir, folderName(us));
    if (!succeeds(() => fs.renameSync(path, taken))) continue; // Another was quicker.
    succeeds(() => touch(taken));
    owned.add(taken);
    found.taken.push(taken);
  }
  return found;
}

/** Says that we live, to those who cannot ask. */
export function heartbeat({ owned }: Folders): void {
  for (const path of owned) succeeds(() => touch(path));
}

/** Leaves the folders to whoever comes next; empty ones go. */
export function leaveFolders(folders: Folders): void {
  for (const path of folders.owned) {
    if (removeIfEmpty(folders, path)) continue;
    succeeds(() => fs.renameSync(path, join(folders.dir, freeFolderName(folders.us))));
  }
  folders.owned.clear();
  folders.current = undefined;
}

export function removeIfEmpty(folders: Folders, path: string): boolean {
  if (!succeeds(() => fs.rmdirSync(path))) return false;
  folders.owned.delete(path);
  return true;
}

/** Makes the names in a folder as durable as what is in the files. Not every system can. */
export function syncFolder(path: string): void {
  succeeds(() => {
    const fd = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** For what may fail without harm. */
export function succeeds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

function touch(path: string): void {
  const seconds = systemNow() / 1000;
  fs.utimesSync(path, seconds, seconds);
}

function untouchedMs(path: string): number {
  try {
    return systemNow() - fs.statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
