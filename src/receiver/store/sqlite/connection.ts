/** A connection to the database of the store, with its settings. */

import { checkSchema, createSchema, updateSchema } from './schema.js';
import { type Database, openDatabase } from './sqlite.js';
import { DUE_ROLLUPS_SQL } from './write/due-rollups.js';

/** The write-ahead log stays at its largest size without a limit. A checkpoint is due at 8 MiB. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** Creates the tables in a new file. Rejects with an Error that says what to do, or with one of SQLite. */
export async function connect(path: string): Promise<Database> {
  const database = await openDatabase(path);
  try {
    // Another process may lock the file for a moment: wait instead of failing requests.
    database.exec('PRAGMA busy_timeout = 2000');
    // Before anything is written: a file of another program stays as it is.
    const found = checkSchema(database, path);
    // A page of 8 KiB fits most rows; NORMAL may lose the last commits in a power cut, but not in a crash.
    database.exec(
      `PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
       PRAGMA journal_size_limit = ${MAX_LOG_BYTES}; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536`,
    );
    if (found === 'new') createSchema(database);
    if (found === 'earlier') updateSchema(database);
    database.exec(DUE_ROLLUPS_SQL);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** So that the file is whole and its log empty: SQLite does so at the end only if all statements have been released. */
export function disconnect(database: Database): void {
  try {
    // While another process uses the file, its end will do.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The log stays, and the next start reads it.
  }
  database.close();
}
