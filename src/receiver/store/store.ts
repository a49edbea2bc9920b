/**
 * The store: one SQLite writer with group commit.
 *
 * Requests hand in changes and are answered after the commit. All changes of one turn of the event
 * loop share a transaction, so a hundred small requests cost one commit, and an acknowledged event is stored. A large
 * request is spread over transactions of many turns; later requests do not wait for its end.
 */

import type { PriceOverride } from '../../shared/contract/prices.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { prepareComplaints } from '../complaints/complaint-store.js';
import type { Finding } from '../complaints/findings.js';
import { runSlice, SLICE_MS, type Steps } from '../slices.js';
import type { Changes } from './changes.js';
import { clearStore } from './clear.js';
import { startEstimates } from './estimates.js';
import { type EvictionOptions, type StoreSize, startEviction } from './eviction.js';
import { databaseProblem, prepareFolder } from './folder.js';
import { prepareObservations } from './observation-store.js';
import { preparePayloads } from './payload-store.js';
import { type Deletion, prepareRemoval } from './removal.js';
import { prepareRestore } from './restore.js';
import { prepareRollups } from './rollups.js';
import { checkSchema, createSchema, updateSchema } from './schema.js';
import { startSearchIndexer } from './search-indexer.js';
import { type Database, loadSqlite, openDatabase } from './sqlite.js';
import { prepareTraces } from './trace-store.js';

export interface Store {
  readonly database: Database;
  /** Resolves when the changes are committed; rejects if that failed. */
  write(changes: Changes): Promise<void>;
  /** Deletes after all earlier changes. Resolves when that is committed. */
  remove(deletion: Deletion): Promise<void>;
  /** Deletes all that is stored by then. What arrives meanwhile stays. */
  clear(): Promise<void>;
  /** Resolves when missing usage and cost have been estimated. */
  estimated(): Promise<void>;
  /** Resolves when the search index has all texts. */
  searchable(): Promise<void>;
  /** Resolves when the database is within its bounds. */
  evicted(): Promise<void>;
  size(): StoreSize;
  /** Explains an error of SQLite and says what to do; undefined for others. */
  problemOf(error: unknown): string | undefined;
  close(): void;
}

interface StoreOptions extends EvictionOptions {
  /** Take precedence over the price list. */
  readonly prices?: readonly PriceOverride[] | undefined;
  /** Called with the changes that a commit has stored. */
  readonly onCommit?: ((changes: readonly Changes[]) => void) | undefined;
  /** Called with the traces whose observations have been estimated. */
  readonly onEstimate?: ((traceIds: readonly string[]) => void) | undefined;
  /** Called with the reason if a commit failed. */
  readonly onFailure?: ((message: string) => void) | undefined;
  /** @default process.emitWarning */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** A change or deletion that is not committed yet. */
interface PendingWrite {
  /** Undefined for a deletion, which waits for all writes that have begun. */
  changes: Changes | undefined;
  steps: Steps<void>;
  /** The traces whose roll-up is due. */
  touched: Set<string>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The write-ahead log stays at its largest size without a limit. A checkpoint is due at 8 MiB. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** Opens the store in `dataDir`, or in memory without it. Rejects with an Error that says what to do. */
export async function openStore(dataDir?: string, options: StoreOptions = {}): Promise<Store> {
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
    return groupCommitStore(database, path, options);
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

function emitWarning(message: string): void {
  process.emitWarning(message, 'TailraceWarning');
}

function groupCommitStore(database: Database, path: string, options: StoreOptions): Store {
  const { prices = [], onWarning = emitWarning } = options;
  const { onCommit = () => {}, onEstimate = () => {}, onFailure = () => {} } = options;
  const payloads = preparePayloads(database);
  const traceRows = prepareTraces(database, payloads);
  const rows = prepareObservations(database, payloads, traceRows.recordId);
  const complaints = prepareComplaints(database);
  const restore = prepareRestore(database);
  const rollUp = prepareRollups(database);
  const removal = prepareRemoval(database, payloads);
  const indexer = startSearchIndexer(database, rollUp);
  const estimates = startEstimates(database, rollUp, prices, { onWarning, onEstimate });
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const savepoint = database.prepare('SAVEPOINT slice');
  const rollbackTo = database.prepare('ROLLBACK TO slice');
  const release = database.prepare('RELEASE slice');
  const dataVersion = database.prepare('PRAGMA data_version');
  let seenVersion = dataVersion.get()?.data_version;
  /** Not begun yet. */
  let fresh: PendingWrite[] = [];
  /** Begun, and longer than one transaction. They run one at a time. */
  let long: PendingWrite[] = [];
  let closed = false;
  const eviction = startEviction(database, options, {
    *removeTrace(id) {
      yield* removal.trace(id);
      complaints.removeOf(id);
    },
    handIn: (steps) => handIn(() => steps),
    warn: onWarning,
  });
  // An earlier run may have left estimates due, or had other bounds.
  estimates.wake();
  eviction.wake();
  indexer.wake();

  function handIn(steps: (touched: Set<string>) => Steps<void>, changes?: Changes): Promise<void> {
    if (closed) return Promise.reject(new Error('the receiver is closed'));
    return new Promise((resolve, reject) => {
      const touched = new Set<string>();
      const isIdle = fresh.length + long.length === 0;
      fresh.push({ changes, steps: steps(touched), touched, resolve, reject });
      if (isIdle) setImmediate(commitInTurn);
    });
  }

  function commitInTurn(): void {
    commitSlice();
    if (fresh.length + long.length > 0) setImmediate(commitInTurn);
  }

  /** One transaction: all fresh writes, and a slice of the oldest long one. */
  function commitSlice(): void {
    const begun: PendingWrite[] = [];
    const done: PendingWrite[] = [];
    if (fresh.length + long.length === 0) return;
    try {
      begin.run();
      forgetIfChanged();
      carryOn(begun, done);
      payloads.flush();
      commit.run();
    } catch (error) {
      rollBack();
      // If nothing has begun, BEGIN failed, and with it all writes.
      const failed = begun.length > 0 ? begun : [...fresh, ...long];
      fresh = fresh.filter((write) => !failed.includes(write));
      long = long.filter((write) => !failed.includes(write));
      fail(failed, error);
      return;
    }
    for (const write of done) write.resolve();
    if (done.length === 0) return;
    estimates.wake();
    eviction.wake();
    indexer.wake();
    onCommit(done.flatMap(({ changes }) => changes ?? []));
  }

  function fail(writes: readonly PendingWrite[], error: unknown): void {
    const problem = databaseProblem(path, error) ?? messageOf(error);
    for (const write of writes) write.reject(new Error(problem, { cause: error }));
    onFailure(problem);
  }

  function carryOn(begun: PendingWrite[], done: PendingWrite[]): void {
    const [first] = long;
    const endsAtMs = performance.now() + SLICE_MS;
    const touched = new Set<string>();
    while (fresh.length > 0 && performance.now() < endsAtMs) {
      const write = fresh.shift() as PendingWrite;
      const mustWait = write.changes === undefined && long.length > 0;
      if (!mustWait) begun.push(write);
      if (mustWait || runSlice(write.steps, endsAtMs) === undefined) {
        write.steps = rolledUp(write);
        long.push(write);
      } else {
        // Writes that finish in this transaction share their roll-ups.
        for (const traceId of write.touched) touched.add(traceId);
        done.push(write);
      }
    }
    for (const traceId of touched) rollUp(traceId);
    if (first !== undefined) carryOnLong(first, begun, done);
  }

  /** The long writes take turns, so that a small one that was interrupted does not wait for a large one. A deletion waits for all before it. */
  function waitAgain(write: PendingWrite): void {
    const deletion = write.changes === undefined ? 0 : long.findIndex(({ changes }) => changes === undefined);
    long.splice(deletion === -1 ? long.length : deletion, 0, write);
  }

  /** Within a savepoint: if it fails the other writes of the transaction stay. */
  function carryOnLong(write: PendingWrite, begun: PendingWrite[], done: PendingWrite[]): void {
    begun.push(write);
    payloads.flush();
    savepoint.run();
    try {
      const end = runSlice(write.steps, performance.now() + SLICE_MS);
      payloads.flush();
      release.run();
      long.shift();
      if (end === undefined) {
        waitAgain(write);
        return;
      }
      done.push(write);
    } catch (error) {
      // Throws if SQLite has rolled back the transaction itself: then all that has begun fails.
      rollbackTo.run();
      release.run();
      forget();
      begun.pop();
      long.shift();
      fail([write], error);
    }
  }

  function* rolledUp({ steps, touched }: PendingWrite): Steps<void> {
    yield* steps;
    for (const traceId of touched) {
      rollUp(traceId);
      yield;
    }
  }

  function rollBack(): void {
    try {
      rollback.run();
    } catch {
      // BEGIN itself may have failed: nothing to roll back.
    }
    forget();
  }

  function forget(): void {
    payloads.reset();
    traceRows.reset();
    complaints.reset();
  }

  /** Clears what is in memory if another process has written to the file. */
  function forgetIfChanged(): void {
    const version = dataVersion.get()?.data_version;
    if (version !== seenVersion) forget();
    seenVersion = version;
  }

  function* apply(changes: Changes, touched: Set<string>): Steps<void> {
    const { traces, observations, scores, findings, restored } = changes;
    const nowUs = Date.now() * 1000;
    const late: Finding[] = [];
    const withoutTrace = new Set<string>();
    // First the observations: traces may copy their payloads.
    for (const change of observations) {
      withoutTrace.add(rows.observation(change, nowUs, late));
      yield;
    }
    for (const change of traces) {
      traceRows.merge(change, nowUs);
      touched.add(change.id);
      withoutTrace.delete(change.id);
      yield;
    }
    for (const id of withoutTrace) {
      // Classic clients may send an observation before its trace, or never send the trace.
      traceRows.touch(id, nowUs);
      touched.add(id);
      yield;
    }
    for (const row of scores) {
      const previousTraceId = rows.score(row, nowUs);
      if (previousTraceId !== null) touched.add(previousTraceId);
      // A score alone creates no trace; if the trace comes later, its roll-up finds the score.
      if (row.traceId !== null) touched.add(row.traceId);
      yield;
    }
    yield* complaints.write(findings, nowUs);
    yield* complaints.write(late, nowUs);
    if (restored !== undefined) yield* restore(restored);
  }

  return {
    database,
    write: (changes) => handIn((touched) => apply(changes, touched), changes),
    clear: () =>
      handIn(() =>
        clearStore(database, {
          removeTrace: removal.trace,
          clearComplaints: complaints.clear,
          clearSearch: indexer.clear,
        }),
      ),
    remove: (deletion) => handIn((touched) => removal.remove(deletion, touched)),
    estimated: () => estimates.settled(),
    searchable: () => indexer.settled(),
    evicted: () => eviction.settled(),
    size: () => eviction.size(),
    problemOf: (error) => databaseProblem(path, error),
    close() {
      if (closed) return;
      eviction.close();
      while (fresh.length + long.length > 0) commitSlice();
      estimates.close();
      indexer.close();
      closed = true;
      checkpoint(database);
      database.close();
    },
  };
}
