/** The store in SQLite: one writer with group commit, and readers of the same database. */

import type { Store } from '../contract.js';
import type { StoreOptions } from '../store-options.js';
import { databaseProblem, prepareFolder } from './folder.js';
import { metricsReader } from './metrics/metrics-reader.js';
import { listReader } from './page/list-reader.js';
import { summaryReader } from './page/summary-reader.js';
import { tracePageReader } from './page/trace-page-reader.js';
import { arrivalReader } from './read/arrival-reader.js';
import { commentStore } from './read/comment-store.js';
import { complaintReader } from './read/complaint-reader.js';
import { countStored, sumUsage } from './read/counts.js';
import { exportReader } from './read/export-reader.js';
import { mediaStore } from './read/media-store.js';
import { observationReader } from './read/observation-reader.js';
import { scoreReader } from './read/score-reader.js';
import { sessionReader, traceReader } from './read/trace-reader.js';
import { checkSchema, createSchema, updateSchema } from './schema.js';
import { type Database, loadSqlite, openDatabase } from './sqlite.js';
import { groupCommitWriter } from './write/group-commit.js';

/** The write-ahead log stays at its largest size without a limit. A checkpoint is due at 8 MiB. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** With the database, for what SQLite alone can be asked: tests and measurements. */
export interface SqliteStore extends Store {
  readonly database: Database;
}

/** Opens the store in `dataDir`, or in memory without it. Rejects with an Error that says what to do. */
export async function openSqliteStore(dataDir?: string, options: StoreOptions = {}): Promise<SqliteStore> {
  // First, so that no folder is created without SQLite.
  await loadSqlite();
  const path = dataDir === undefined ? ':memory:' : prepareFolder(dataDir);
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
    return storeOf(database, path, options);
  } catch (error) {
    database.close();
    const problem = databaseProblem(path, error);
    throw problem === undefined ? error : new Error(problem);
  }
}

/** So that the file is whole and its log empty: SQLite does so at the end only if all statements have been released. */
function checkpoint(database: Database): void {
  try {
    // While another process uses the file, its end will do.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The log stays, and the next start reads it.
  }
}

function storeOf(database: Database, path: string, options: StoreOptions): SqliteStore {
  const writer = groupCommitWriter(database, path, options);
  let isClosed = false;
  return {
    ...writer,
    database,
    async close() {
      if (isClosed) return;
      isClosed = true;
      writer.close();
      checkpoint(database);
      database.close();
    },
    async ping() {
      database.prepare('SELECT 1').get();
    },
    async counts() {
      return countStored(database);
    },
    async usage() {
      return sumUsage(database);
    },
    problemOf: (error) => databaseProblem(path, error),
    traces: traceReader(database),
    observations: observationReader(database),
    sessions: sessionReader(database),
    scores: scoreReader(database),
    comments: commentStore(database),
    metrics: metricsReader(database),
    list: listReader(database),
    tracePage: tracePageReader(database),
    summaries: summaryReader(database),
    complaints: complaintReader(database),
    media: mediaStore(database),
    export: exportReader(database),
    arrivals: arrivalReader(database),
  };
}
