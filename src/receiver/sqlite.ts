/** Finds a SQLite: the one built into Node from 22.13, else the optional peer dependency, which has the same API. */

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

/** The part of node:sqlite's StatementSync that the receiver uses. */
export interface Statement {
  run(...values: SqlValue[]): { changes: number | bigint };
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

/** The peer package binds a text only up to its first NUL character: the rest would be lost without a word. */
export function bindable(value: SqlValue): SqlValue {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}

const peerPackage = '@photostructure/sqlite';

export async function openDatabase(path: string): Promise<Database> {
  const { DatabaseSync } = builtIn() ?? (await peer());
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw new Error(
      `the database ${path} cannot be opened: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function builtIn(): SqliteModule | undefined {
  // node:sqlite announces itself as experimental on every start: news to nobody who runs the receiver.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const sqlite = process.getBuiltinModule?.('node:sqlite') as SqliteModule | undefined;
    // Before 22.13 it is behind a flag, and cannot define functions.
    return sqlite !== undefined && 'function' in sqlite.DatabaseSync.prototype ? sqlite : undefined;
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function peer(): Promise<SqliteModule> {
  try {
    // Not a literal: the package is optional, and neither a bundler nor the type checker may insist on it.
    return (await import(/* @vite-ignore */ `${peerPackage}`)) as SqliteModule;
  } catch (error) {
    throw new Error(
      `The local receiver stores what it gets in SQLite. Node ${process.versions.node} has none built in (22.13 and later have): ` +
        `run "npm install ${peerPackage}@1", or use a newer Node. (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}
