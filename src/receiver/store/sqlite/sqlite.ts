/** Loads SQLite: the one built into Node.js from 22.13 on, else the optional peer dependency, which has the same API. */

import { messageOf } from '../../../shared/untrusted-text/errors.js';
import { databaseProblem } from './folder.js';

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** The part of node:sqlite's StatementSync that the receiver uses. */
interface Statement {
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
}

/** The part of node:sqlite's DatabaseSync that the receiver uses. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  function(
    name: string,
    options: { deterministic: boolean },
    body: (...values: SqlValue[]) => SqlValue,
  ): void;
  close(): void;
}

interface SqliteModule {
  DatabaseSync: new (path: string) => Database;
}

/** The peer package binds a string only up to its first NUL character: the rest would be lost silently. */
export function bindable(value: SqlValue): SqlValue {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}

export const PEER_PACKAGE = '@photostructure/sqlite';
/** The start of the message if there is no SQLite. The command adds how to get one. */
export const NO_SQLITE = 'the local receiver stores what it gets in SQLite';

/** Rejects if there is no SQLite. */
export async function loadSqlite(): Promise<SqliteModule> {
  return builtIn() ?? peer();
}

export async function openDatabase(path: string): Promise<Database> {
  const { DatabaseSync } = await loadSqlite();
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw new Error(databaseProblem(path, error) ?? `${path} cannot be opened: ${messageOf(error)}`);
  }
}

function builtIn(): SqliteModule | undefined {
  // node:sqlite warns on every start that it is experimental: suppressed.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const sqlite = process.getBuiltinModule?.('node:sqlite') as SqliteModule | undefined;
    // Before 22.13 it needs a flag, and cannot define functions.
    return sqlite !== undefined && 'function' in sqlite.DatabaseSync.prototype ? sqlite : undefined;
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function peer(): Promise<SqliteModule> {
  try {
    // Not a literal: the package is optional, so bundlers and the type checker must not resolve it.
    return (await import(/* @vite-ignore */ `${PEER_PACKAGE}`)) as SqliteModule;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new Error(
      `${NO_SQLITE}, and Node.js ${process.versions.node} has none built in (22.13 and later have)` +
        (isMissing ? '' : `; the package ${PEER_PACKAGE} cannot be loaded: ${messageOf(error)}`),
    );
  }
}
