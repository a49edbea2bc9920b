/** The data folder and the database in it: made if it is missing, and what to do where it cannot be used. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const DATABASE_FILE_NAME = 'tailrace.db';

/** Ends each message. */
export const REMEDY = 'name another folder with --data';

/** The path of the database. @throws an Error that names the folder and says what to do. */
export function prepareFolder(dataDir: string): string {
  try {
    makeFolder(resolve(dataDir));
  } catch (error) {
    throw new Error(`the folder ${dataDir} cannot be used: ${folderProblem(error)}; ${REMEDY}`);
  }
  return join(dataDir, DATABASE_FILE_NAME);
}

/** Not with `recursive`: Node never comes back where a folder that exists answers ENOENT, as /proc does. */
function makeFolder(path: string): void {
  try {
    // What agents say is nobody else's business on a shared machine.
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (isFolder(path)) return;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path || isFolder(parent))
      throw error;
    makeFolder(parent);
    mkdirSync(path, { mode: 0o700 });
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function folderProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return 'there is a file of this name';
  if (code === 'ENOTDIR') return 'a part of its path is a file';
  if (code === 'ENOENT') return 'nothing can be made at that place';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to make it';
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full';
  return message;
}

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** What is wrong with the database at `path`, and what to do; undefined where SQLite's error says neither. */
export function databaseProblem(path: string, error: unknown): string | undefined {
  switch (resultCode(error)) {
    case NOT_A_DATABASE:
      return `${path} is not a database of tailrace: move it away, or ${REMEDY}`;
    case CORRUPT:
      return `${path} is damaged: move it away, or ${REMEDY}`;
    case READONLY:
      return `${path} cannot be written to: give this user the permission for it and its folder, or ${REMEDY}`;
    case CANNOT_OPEN:
      return isFolder(path)
        ? `${path} is a folder where the database should be: move it away, or ${REMEDY}`
        : `${path} cannot be opened: give this user the permission for it and its folder, or ${REMEDY}`;
    case BUSY:
    case LOCKED:
      return `${path} is in use by another program: end that one, or ${REMEDY}`;
    case FULL:
      return `${path} cannot grow: the disk is full. Make room, or ${REMEDY}`;
    case IO_ERROR:
      return `${path} cannot be read or written: the disk or file system reports an error, or is full; ${REMEDY}`;
    default:
      return undefined;
  }
}

/** When it opens a file neither SQLite gives a code: there its words are all there is. */
function resultCode(error: unknown): number | undefined {
  const { errcode, message } = error as { errcode?: unknown; message?: unknown };
  if (typeof errcode === 'number') return errcode & 0xff;
  const words: [RegExp, number][] = [
    [/unable to open database file/, CANNOT_OPEN],
    [/file is not a database/, NOT_A_DATABASE],
    [/readonly database/, READONLY],
    [/database is locked/, BUSY],
    [/disk is full/, FULL],
    [/disk I\/O error/, IO_ERROR],
    [/disk image is malformed/, CORRUPT],
  ];
  return words.find(([pattern]) => pattern.test(String(message)))?.[1];
}
