/** Prepares the data folder, and explains problems with it or with the database in it. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const DATABASE_FILE_NAME = 'tailrace.db';

/** The end of each message. */
export const REMEDY = 'name another folder with --data';

/** Creates the folder if needed; returns the path of the database. @throws Error that names the folder and says what to do. */
export function prepareFolder(dataDir: string): string {
  try {
    const folder = resolve(dataDir);
    if (makeFolder(folder)) ignoreInGit(folder);
  } catch (error) {
    throw new Error(`the folder ${dataDir} cannot be used: ${folderProblem(error)}; ${REMEDY}`);
  }
  return join(dataDir, DATABASE_FILE_NAME);
}

/** Git must not take the database, which may hold secrets. A folder that was there before keeps its rules. */
function ignoreInGit(folder: string): void {
  writeFileSync(join(folder, '.gitignore'), '# Made by tailrace: traces may hold secrets.\n*\n');
}

/** Returns false if the folder was there before. Not with `recursive`: Node.js loops for ever if an existing folder answers ENOENT, as /proc does. */
function makeFolder(path: string): boolean {
  try {
    // Private: other users of the machine must not read traces.
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (isFolder(path)) return false;
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path || isFolder(parent))
      throw error;
    makeFolder(parent);
    mkdirSync(path, { mode: 0o700 });
    return true;
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
  if (code === 'ENOENT') return 'no folder can be created there';
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to create it';
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

/** Explains an error of SQLite and says what to do; undefined for unknown errors. */
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

/** When opening a file SQLite gives no code, only a message. */
function resultCode(error: unknown): number | undefined {
  const { errcode, message } = error as { errcode?: unknown; message?: unknown };
  if (typeof errcode === 'number') return errcode & 0xff;
  const patterns: [RegExp, number][] = [
    [/unable to open database file/, CANNOT_OPEN],
    [/file is not a database/, NOT_A_DATABASE],
    [/readonly database/, READONLY],
    [/database is locked/, BUSY],
    [/disk is full/, FULL],
    [/disk I\/O error/, IO_ERROR],
    [/disk image is malformed/, CORRUPT],
  ];
  return patterns.find(([pattern]) => pattern.test(String(message)))?.[1];
}
