/**
 * The file system as the spool uses it. In the place of a file or folder of the spool there may be anything: a symbolic
 * link to somebody else's files, a FIFO that blocks whoever opens it, a device. Such a thing is refused and named: it is
 * not followed, opened, moved or deleted. What is opened is looked at again once it is open, as a name may come to mean
 * something else in between.
 */
import fs, { type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** Windows has none of them. */
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_DIRECTORY = 0 } = fs.constants;
const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = fs.constants;

/** Nobody but the owner of the process reads what was spooled. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const FOR_OTHERS = 0o077;
/** A file that is larger is none of the spool's, and would take the worker's memory. */
export const MAX_FILE_BYTES = 1024 * 1024 * 1024;

/** Thrown for what is not of the spool. */
const REFUSED = 'ERR_TAILRACE_REFUSED';

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? '');
}

export function isRefused(error: unknown): boolean {
  return codeOf(error) === REFUSED || codeOf(error) === 'ELOOP';
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

/** Undefined: there is nothing of this name. */
export function look(path: string): Stats | undefined {
  return fs.lstatSync(path, { throwIfNoEntry: false });
}

export function isFile(path: string): boolean {
  return kindAt(path) === 'a file';
}

export function isFolder(path: string): boolean {
  return kindAt(path) === 'a folder';
}

/** In words; undefined: there is nothing, or nobody can say. */
export function kindAt(path: string): string | undefined {
  try {
    const stats = look(path);
    return stats && kindOf(stats);
  } catch {
    return undefined;
  }
}

/** A file that is there. */
export function openToRead(path: string): number {
  const fd = openSame(path, O_RDONLY);
  if (fs.fstatSync(fd).size <= MAX_FILE_BYTES) return fd;
  fs.closeSync(fd);
  throw refusal(`${path} is too large for a file of the spool`);
}

/** A file that is not there yet. */
export function createToAppend(path: string): number {
  refuseLinkedFolder(path);
  return fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE_FILE);
}

/** Made where it is not there. By a second name for it, what is written would go into somebody else's file. */
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

/** Moves a file or folder to a name that is free: a rename would replace what has it. */
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
 * Makes a folder and those above it, one by one: Node's recursive mkdir never returns where the system says that a folder
 * above is missing which is there (/proc). Above it links are the system's affair.
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
      // Another process was quicker.
      if (codeOf(error) !== 'EEXIST') throw error;
      const kind = kindAt(one);
      if (kind !== 'a folder') throw refusal(`${one} is ${kind}, not a folder`);
    }
  }
}

/** Takes from others what an older folder of the spool may allow them. */
export function makePrivate(path: string): void {
  withFolder(path, (fd) => {
    if ((fs.fstatSync(fd).mode & FOR_OTHERS) !== 0) fs.fchmodSync(fd, PRIVATE_FOLDER);
  });
}

/** Makes the names in a folder as durable as what is in the files. Not every system can. */
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

/** What leads to a file may have been replaced as well as the file. */
function refuseLinkedFolder(path: string): void {
  const folder = dirname(path);
  const stats = look(folder);
  if (stats !== undefined && !stats.isDirectory())
    throw refusal(`${folder} is ${kindOf(stats)}, not a folder`);
}

/** Before it is opened, as to open a device may do something; after, as another may have its name by then. */
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

/** On Windows these numbers are larger than a JavaScript number holds. */
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
