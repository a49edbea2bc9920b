/**
 * Safe access to the files and folders of the spool. Another user or process may have put anything in their place: a symbolic
 * link to other files, a FIFO that blocks whoever opens it, a device. These are refused and named in a message, and never
 * followed, opened, moved or deleted. A file is checked again after it was opened, because it may be replaced in between.
 */
import fs, { type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** Undefined on Windows. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = fs.constants;
const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = fs.constants;

/** Only the owner of the process may read what was spooled. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const FOR_OTHERS = 0o077;
/** A larger file is not one of the spool's, and reading it would exhaust the worker's memory. */
const MAX_FILE_BYTES = 1024 * 1024 * 1024;

/** Code of the error for anything that is not of the spool. */
const REFUSED = 'ERR_TAILRACE_REFUSED';

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}

export function isRefused(error: unknown): boolean {
  return codeOf(error) === REFUSED || codeOf(error) === 'ELOOP';
}

/** Runs an action that may fail without harm. */
export function succeeds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

/** Undefined if nothing has this name. */
export function look(path: string): Stats | undefined {
  return fs.lstatSync(path, { throwIfNoEntry: false });
}

export function isFile(path: string): boolean {
  return kindAt(path) === 'a file';
}

export function isFolder(path: string): boolean {
  return kindAt(path) === 'a folder';
}

/** The kind of thing at a path, for a message; undefined if there is nothing or it cannot be read. */
export function kindAt(path: string): string | undefined {
  try {
    const stats = look(path);
    return stats && kindOf(stats);
  } catch {
    return undefined;
  }
}

/** Opens an existing file. */
function openToRead(path: string): number {
  const fd = openSame(path, O_RDONLY);
  if (fs.fstatSync(fd).size <= MAX_FILE_BYTES) return fd;
  fs.closeSync(fd);
  throw refusal(`${path} is too large for a file of the spool`);
}

/** Creates a file, which must not exist. */
export function createToAppend(path: string): number {
  refuseLinkedFolder(path);
  return fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE_FILE);
}

/** Opens or creates a file. Refuses a file with a second name (hard link): it may be somebody else's. */
export function openToAppend(path: string): number {
  const stats = look(path);
  if (stats === undefined) return createToAppend(path);
  if (stats.nlink > 1) throw refusal(`${path} has another name (a hard link)`);
  return openSame(path, O_WRONLY | O_APPEND);
}

export function readWhole(path: string): Buffer {
  const fd = openToRead(path);
  try {
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Removes a file, and nothing else. */
export function removeOwn(path: string): boolean {
  return succeeds(() => {
    refuseLinkedFolder(path);
    if (!isFile(path)) throw refusal(`${path} is not a file`);
    fs.unlinkSync(path);
  });
}

/** Moves a file or folder to a free name: a plain rename would replace what has that name. */
export function moveOwn(from: string, to: string): void {
  refuseLinkedFolder(from);
  const before = look(from);
  if (before === undefined || !(before.isFile() || before.isDirectory())) {
    throw refusal(`${from} is ${before === undefined ? 'gone' : kindOf(before)}`);
  }
  if (look(to) !== undefined) throw refusal(`${to} is there already`);
  fs.renameSync(from, to);
  const after = look(to);
  if (after === undefined || !isSame(before, after)) throw refusal(`${from} was replaced`);
}

/**
 * Makes a folder and its parents, one by one: Node's recursive mkdir never returns where the system reports an existing parent as
 * missing (/proc). Parents may be symbolic links.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const stats = at === path ? look(at) : fs.statSync(at, { throwIfNoEntry: false });
    if (stats !== undefined && !stats.isDirectory()) throw refusal(`${at} is ${kindOf(stats)}, not a folder`);
    if (stats !== undefined || dirname(at) === at) break;
    missing.push(at);
  }
  for (const one of missing.reverse()) {
    try {
      fs.mkdirSync(one, PRIVATE_FOLDER);
    } catch (error) {
      // Another process may have been quicker.
      if (codeOf(error) !== 'EEXIST') throw error;
      const kind = kindAt(one);
      if (kind !== 'a folder') throw refusal(`${one} is ${kind}, not a folder`);
    }
  }
}

/** Removes the permissions of other users, which folders of older versions may have. */
export function makePrivate(path: string): void {
  withFolder(path, (fd) => {
    if ((fs.fstatSync(fd).mode & FOR_OTHERS) !== 0) fs.fchmodSync(fd, PRIVATE_FOLDER);
  });
}

/** Syncs a folder: makes the names in it as durable as the files' content. Not every system supports this. */
export function syncFolder(path: string): void {
  withFolder(path, (fd) => fs.fsyncSync(fd));
}

function withFolder(path: string, action: (fd: number) => void): void {
  succeeds(() => {
    const fd = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      action(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** The folder of a file may have been replaced as well as the file. */
function refuseLinkedFolder(path: string): void {
  const folder = dirname(path);
  const stats = look(folder);
  if (stats !== undefined && !stats.isDirectory())
    throw refusal(`${folder} is ${kindOf(stats)}, not a folder`);
}

/** Checks the file before it opens it, because opening a device may have effects, and again after. */
function openSame(path: string, flags: number): number {
  refuseLinkedFolder(path);
  const before = fs.lstatSync(path);
  if (!before.isFile()) throw refusal(`${path} is ${kindOf(before)}, not a file`);
  const fd = fs.openSync(path, flags | O_NOFOLLOW | O_NONBLOCK);
  const after = fs.fstatSync(fd);
  if (after.isFile() && isSame(before, after)) return fd;
  fs.closeSync(fd);
  throw refusal(`${path} was replaced`);
}

/** Always true on Windows, where these numbers are larger than a JavaScript number can hold. */
function isSame(one: Stats, other: Stats): boolean {
  return process.platform === 'win32' || (one.ino === other.ino && one.dev === other.dev);
}

function refusal(message: string): Error {
  return Object.assign(new Error(message), { code: REFUSED });
}

function kindOf(stats: Stats): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
