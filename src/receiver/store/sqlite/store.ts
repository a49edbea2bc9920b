/** The store in SQLite: one writer with group commit, and readers of the same database. */

import type { Store } from '../contract.js';
import type { StoreOptions } from '../store-options.js';
import { connect, disconnect } from './connection.js';
import { databaseProblem, prepareFolder } from './folder.js';
import { metricsReader } from './metrics/metrics-reader.js';
import { listReader } from './page/list-reader.js';
import { summaryReader } from './page/summary-reader.js';
import { tracePageReader } from './page/trace-page-reader.js';
import { definePayloadFunctions } from './payload-functions.js';
import { arrivalReader } from './read/arrival-reader.js';
import { commentReader } from './read/comment-reader.js';
import { complaintReader } from './read/complaint-reader.js';
import { countStored, sumUsage } from './read/counts.js';
import { exportReader } from './read/export-reader.js';
import { mediaReader } from './read/media-reader.js';
import { observationReader } from './read/observation-reader.js';
import { scoreReader } from './read/score-reader.js';
import { sizeReader } from './read/size.js';
import { sessionReader, traceReader } from './read/trace-reader.js';
import { type Database, loadSqlite } from './sqlite.js';
import { createWriter, type Writer } from './write/writer.js';
import { startWriterThread } from './writer-thread/writer-thread.js';

const IN_MEMORY = ':memory:';

/** With the database, for what SQLite alone can be asked: tests and measurements. */
export interface SqliteStore extends Store {
  readonly database: Database;
}

/** Opens the store in `dataDir`, or in memory without it. Rejects with an Error that says what to do. */
export async function openSqliteStore(dataDir?: string, options: StoreOptions = {}): Promise<SqliteStore> {
  // First, so that no folder is created without SQLite.
  await loadSqlite();
  const path = dataDir === undefined ? IN_MEMORY : prepareFolder(dataDir);
  try {
    const database = await connect(path);
    try {
      return storeOf(database, path, options, await writerOf(database, path, options));
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    const problem = databaseProblem(path, error);
    throw problem === undefined ? error : new Error(problem);
  }
}

function emitWarning(message: string): void {
  process.emitWarning(message, 'TailraceWarning');
}

/** A database in memory belongs to one connection. */
async function writerOf(database: Database, path: string, options: StoreOptions): Promise<Writer> {
  const heard = { ...options, onWarning: options.onWarning ?? emitWarning };
  const writeHere = () => createWriter(database, path, heard);
  definePayloadFunctions(database);
  return options.writesInThread === true && path !== IN_MEMORY
    ? startWriterThread(path, heard, writeHere)
    : writeHere();
}

function storeOf(database: Database, path: string, { maxBytes }: StoreOptions, writer: Writer): SqliteStore {
  const isRollUpDue = database.prepare('SELECT 1 FROM due_rollups LIMIT 1');
  /** A file that cannot be written to now, as on a full disk, is read all the same: the sums are those of before. */
  const rolledUp = async () => {
    if (isRollUpDue.get() === undefined) return;
    try {
      await writer.rollUp();
    } catch (error) {
      if (databaseProblem(path, error) === undefined) throw error;
    }
  };
  /** Its methods read sums of all that has been written. */
  const summed = <Reader extends object>(reader: Reader): Reader => {
    const methods = Object.entries(reader).map(([name, read]) => {
      const readSums = async (...args: unknown[]) => {
        await rolledUp();
        return read(...args);
      };
      return [name, readSums];
    });
    return Object.fromEntries(methods) as Reader;
  };
  const exported = exportReader(database);
  const size = sizeReader(database, maxBytes);
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await writer.close();
    disconnect(database);
  }
  return {
    database,
    write: writer.write,
    remove: writer.remove,
    clear: writer.clear,
    estimated: writer.estimated,
    searchable: writer.searchable,
    evicted: writer.evicted,
    size: async () => size(),
    close() {
      closing ??= close();
      return closing;
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
    traces: summed(traceReader(database)),
    observations: observationReader(database),
    sessions: summed(sessionReader(database)),
    scores: scoreReader(database),
    comments: {
      ...commentReader(database),
      insert: writer.insertComment,
      restore: writer.restoreComment,
      update: writer.updateComment,
      remove: writer.removeComment,
    },
    metrics: summed(metricsReader(database)),
    list: summed(listReader(database)),
    tracePage: summed(tracePageReader(database)),
    summaries: summed(summaryReader(database)),
    complaints: complaintReader(database),
    media: {
      ...mediaReader(database),
      announce: writer.announceMedium,
      storeContent: writer.storeContent,
      markUploaded: writer.markUploaded,
    },
    export: {
      ...exported,
      async *traces(filter) {
        await rolledUp();
        yield* exported.traces(filter);
      },
    },
    arrivals: summed(arrivalReader(database)),
  };
}
