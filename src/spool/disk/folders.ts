/** The folders of a spool on disk: one to write to, and those taken over from dead owners. */

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
  /** The folder for new segments, which is made with the first one. */
  current: string | undefined;
  /** All folders that this engine owns. */
  readonly owned: Set<string>;
}

const WRITABLE_BY_ALL = 0o002;
/** In a sticky folder nobody can remove or rename the files of another user. */
const STICKY = 0o1000;

export function createFolders(dir: string, us: Owner): Folders {
  return { dir, us, current: undefined, owned: new Set() };
}

/**
 * The root folder. The option may name a symbolic link, which is followed once, at the start. A link that appears later may be
 * somebody else's and is refused.
 */
export function rootOf(dir: string): string {
  let root = dir;
  succeeds(() => {
    if (look(dir)?.isSymbolicLink()) root = fs.realpathSync(dir);
  });
  return root;
}

/** The folder to write to. Makes a new one if it was removed, or taken over by a process that considered this one dead. */
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

/** Makes the root folder, so that an unusable path is reported at the start. */
export function makeRoot({ dir }: Folders): void {
  makeFolder(dir);
  fs.accessSync(dir, fs.constants.W_OK);
}

/** Whether any user of this machine may remove or replace files in the root folder. */
export function isOpenToAll({ dir }: Folders): boolean {
  return (modeOf(dir) & (WRITABLE_BY_ALL | STICKY)) === WRITABLE_BY_ALL;
}

/** 0 on Windows, which has no such modes. */
function modeOf(dir: string): number {
  return process.platform === 'win32' ? 0 : (look(dir)?.mode ?? 0);
}

/** Whether a folder belongs to another user in a root folder where everybody may write: its content may be forged. */
function isOfAnother({ dir }: Folders, path: string): boolean {
  return (modeOf(dir) & WRITABLE_BY_ALL) !== 0 && look(path)?.uid !== process.geteuid?.();
}

export interface Found {
  readonly taken: Taken[];
  /** Folders without an owner, with events for another exporter, server or project. */
  readonly foreign: string[];
  /** Things that are named like a folder of the spool and are none, with what they are. */
  readonly strange: string[];
}

/** A folder that was taken over. */
export interface Taken {
  /** The new path. */
  readonly path: string;
  /** The events that its sealed segments should have in all; undefined if its owner died. */
  readonly events: number | undefined;
}

/** Takes over the folders of dead owners. */
export function takeOver(folders: Folders): Found {
  const { dir, us, owned } = folders;
  const found: Found = { taken: [], foreign: [], strange: [] };
  makeFolder(dir);
  for (const name of fs.readdirSync(dir)) {
    const path = join(dir, name);
    const folder = parseFolderName(name);
    if (folder === undefined || owned.has(path)) continue;
    const kind = kindAt(path);
    // Undefined if another process was quicker.
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

/** Takes a folder over by renaming it. Returns its new path, or undefined if another process was quicker. */
export function takeFolder(folders: Folders, path: string): string | undefined {
  const taken = join(folders.dir, folderName(folders.us));
  if (!succeeds(() => moveOwn(path, taken))) return undefined;
  succeeds(() => touch(taken));
  makePrivate(taken);
  folders.owned.add(taken);
  return taken;
}

/** Touches the owned folders: processes of other machines or containers can see only by this that their owner lives. */
export function heartbeat({ owned }: Folders): void {
  for (const path of owned) succeeds(() => touch(path));
}

/** Leaves the folders to the next process, and removes empty ones. `eventsOf`: events in the sealed segments of a folder. */
export function leaveFolders(folders: Folders, eventsOf: (folder: string) => number): void {
  const { dir, us, owned } = folders;
  for (const path of owned) {
    if (removeIfEmpty(folders, path)) continue;
    // The names of the segments must be durable before that of the folder, which has the sum of them.
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
