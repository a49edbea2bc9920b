/** The folders of a spool on disk: one to write to, and those taken over from owners that are dead. */

import fs from 'node:fs';
import { join } from 'node:path';
import { systemNow } from '../../shared/runtime/real-time.js';
import { folderName, freeFolderName, isAlive, type Owner, parseFolderName } from './ownership.js';
import {
  isFolder,
  kindAt,
  look,
  makeFolder,
  makePrivate,
  moveOwn,
  succeeds,
  syncFolder,
} from './safe-files.js';

export interface Folders {
  readonly dir: string;
  readonly us: Owner;
  /** Where new segments are written; made when there is one. */
  current: string | undefined;
  /** All that are ours. */
  readonly owned: Set<string>;
}

const WRITABLE_BY_ALL = 0o002;
/** In such a folder nobody removes or renames what is another's. */
const STICKY = 0o1000;

export function createFolders(dir: string, us: Owner): Folders {
  return { dir, us, current: undefined, owned: new Set() };
}

/**
 * Who starts the application may give a link to the folder. It is followed once, at the beginning: one that is put there later
 * is somebody else's.
 */
export function rootOf(dir: string): string {
  let root = dir;
  succeeds(() => {
    if (look(dir)?.isSymbolicLink()) root = fs.realpathSync(dir);
  });
  return root;
}

/** The folder to write to. It is made again if somebody has removed it or, thinking us dead, taken it over. */
export function currentFolder(folders: Folders): string {
  if (folders.current !== undefined && isFolder(folders.dir) && isFolder(folders.current)) {
    return folders.current;
  }
  makeFolder(folders.dir);
  const path = join(folders.dir, folderName(folders.us));
  makeFolder(path);
  syncFolder(folders.dir);
  folders.owned.add(path);
  folders.current = path;
  return path;
}

/** Makes the folder of the whole spool, so that a path that is no good is known at once. */
export function makeRoot({ dir }: Folders): void {
  makeFolder(dir);
  fs.accessSync(dir, fs.constants.W_OK);
}

/** Whether anybody on this machine may take something out of the folder, or put something in the place of it. */
export function isOpenToAll({ dir }: Folders): boolean {
  return (modeOf(dir) & (WRITABLE_BY_ALL | STICKY)) === WRITABLE_BY_ALL;
}

/** Windows has other means. */
function modeOf(dir: string): number {
  return process.platform === 'win32' ? 0 : (look(dir)?.mode ?? 0);
}

/** Where all may put something in, what another user has put there may be made up. */
function isOfAnother({ dir }: Folders, path: string): boolean {
  return (modeOf(dir) & WRITABLE_BY_ALL) !== 0 && look(path)?.uid !== process.geteuid?.();
}

export interface Found {
  readonly taken: Taken[];
  /** Folders that nobody owns, with events for another exporter, server or project. */
  readonly foreign: string[];
  /** What has the name of a folder and is none, with what it is. */
  readonly strange: string[];
}

/** A folder that was taken over. */
export interface Taken {
  /** Its new name. */
  readonly path: string;
  /** How many events its sealed segments should have between them; undefined: its owner died. */
  readonly events: number | undefined;
}

/** Takes over the folders of the dead. */
export function takeOver(folders: Folders): Found {
  const { dir, us, owned } = folders;
  const found: Found = { taken: [], foreign: [], strange: [] };
  makeFolder(dir);
  for (const name of fs.readdirSync(dir)) {
    const path = join(dir, name);
    const folder = parseFolderName(name);
    if (folder === undefined || owned.has(path)) continue;
    const kind = kindAt(path);
    // Undefined: another was quicker.
    if (kind === undefined) continue;
    if (kind !== 'a folder') {
      found.strange.push(`${path} (${kind})`);
      continue;
    }
    if (isOfAnother(folders, path)) {
      found.strange.push(`${path} (a folder of another user)`);
      continue;
    }
    if (folder.kind === 'owned' && isAlive(folder.owner, us, untouchedMs(path))) continue;
    const { identity } = folder.kind === 'owned' ? folder.owner : folder;
    if (identity !== us.identity) {
      found.foreign.push(path);
      continue;
    }
    const taken = takeFolder(folders, path);
    if (taken === undefined) continue;
    found.taken.push({ path: taken, events: folder.kind === 'free' ? folder.events : undefined });
  }
  return found;
}

/** Its new name. Undefined: another was quicker. */
export function takeFolder(folders: Folders, path: string): string | undefined {
  const taken = join(folders.dir, folderName(folders.us));
  if (!succeeds(() => moveOwn(path, taken))) return undefined;
  succeeds(() => touch(taken));
  makePrivate(taken);
  folders.owned.add(taken);
  return taken;
}

/** Says that we live, to those who cannot ask. */
export function heartbeat({ owned }: Folders): void {
  for (const path of owned) succeeds(() => touch(path));
}

/** Leaves the folders to whoever comes next; empty ones go. `eventsOf`: in the sealed segments of a folder. */
export function leaveFolders(folders: Folders, eventsOf: (folder: string) => number): void {
  const { dir, us, owned } = folders;
  for (const path of owned) {
    if (removeIfEmpty(folders, path)) continue;
    // The names of segments before that of the folder, which counts what they say.
    syncFolder(path);
    succeeds(() => moveOwn(path, join(dir, freeFolderName(us, eventsOf(path)))));
  }
  if (owned.size > 0) syncFolder(dir);
  owned.clear();
  folders.current = undefined;
}

export function removeIfEmpty(folders: Folders, path: string): boolean {
  if (!isFolder(path) || !succeeds(() => fs.rmdirSync(path))) return false;
  folders.owned.delete(path);
  return true;
}

function touch(path: string): void {
  const seconds = systemNow() / 1000;
  fs.lutimesSync(path, seconds, seconds);
}

function untouchedMs(path: string): number {
  try {
    return systemNow() - fs.lstatSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
