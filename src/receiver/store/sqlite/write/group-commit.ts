/**
 * Writes with group commit.
 *
 * Requests hand in changes and are answered after the commit. All changes of one turn of the event
 * loop share a transaction, so a hundred small requests cost one commit, and an acknowledged event is stored. A large
 * request is spread over transactions of many turns; later requests do not wait for its end.
 */

import { messageOf } from '../../../../shared/untrusted-text/errors.js';
import { runSlice, SLICE_MS, type Steps } from '../../../slices.js';
import type { Changes } from '../../changes.js';
import type { Store } from '../../contract.js';
import type { StoreOptions } from '../../store-options.js';
import { databaseProblem } from '../folder.js';
import { startSearchIndexer } from '../search/search-indexer.js';
import type { Database } from '../sqlite.js';
import { prepareChanges } from './apply-changes.js';
import { clearStore } from './clear.js';
import { prepareComplaints } from './complaint-writer.js';
import { startDueRollups, type Touched, touch } from './due-rollups.js';
import { startEstimates } from './estimates.js';
import { startEviction } from './eviction.js';
import { preparePayloads } from './payload-store.js';
import { prepareRemoval } from './removal.js';
import { prepareRollups } from './rollups.js';
import { prepareTraces } from './trace-store.js';

type Writes = 'write' | 'remove' | 'clear' | 'estimated' | 'searchable' | 'evicted';

export interface GroupCommit extends Pick<Store, Writes> {
  /** Computes the roll-ups that were put off. Rejects if another process holds the file. */
  rollUp(): Promise<void>;
  /** Commits what was handed in, and stops. */
  close(): Promise<void>;
}

/** A change or deletion that is not committed yet. */
interface PendingWrite {
  /** Undefined for a deletion, which waits for all writes that have begun. */
  changes: Changes | undefined;
  steps: Steps<void>;
  touched: Touched;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export function groupCommit(database: Database, path: string, options: StoreOptions): GroupCommit {
  const { prices = [], onWarning = () => {} } = options;
  const { onCommit = () => {}, onEstimate = () => {}, onFailure = () => {} } = options;
  const payloads = preparePayloads(database);
  const traceRows = prepareTraces(database, payloads);
  const complaints = prepareComplaints(database);
  const apply = prepareChanges(database, { payloads, traceRows, complaints });
  const rollUp = prepareRollups(database);
  const removal = prepareRemoval(database, payloads);
  const indexer = startSearchIndexer(database, rollUp);
  const rollups = startDueRollups(database, rollUp);
  const estimates = startEstimates(database, rollups.touched, prices, { onWarning, onEstimate });
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
  function* removeTrace(id: string): Steps<void> {
    yield* removal.trace(id);
    complaints.removeOf(id);
  }
  const eviction = startEviction(database, options, {
    removeTrace,
    handIn: (steps) => handIn(() => steps),
    warn: onWarning,
  });
  // An earlier run may have left estimates due, or had other bounds.
  estimates.wake();
  eviction.wake();
  indexer.wake();

  function handIn(steps: (touched: Touched) => Steps<void>, changes?: Changes): Promise<void> {
    if (closed) return Promise.reject(new Error('the receiver is closed'));
    return new Promise((resolve, reject) => {
      const touched: Touched = new Map();
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
    const touched: Touched = new Map();
    while (fresh.length > 0 && performance.now() < endsAtMs) {
      const write = fresh.shift() as PendingWrite;
      const mustWait = write.changes === undefined && long.length > 0;
      if (!mustWait) begun.push(write);
      if (mustWait || runSlice(write.steps, endsAtMs) === undefined) {
        write.steps = rolledUp(write);
        long.push(write);
      } else {
        // Writes that finish in this transaction share their roll-ups.
        for (const [traceId, observations] of write.touched) touch(touched, traceId, observations);
        done.push(write);
      }
    }
    for (const [traceId, observations] of touched) rollups.touched(traceId, observations);
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
    for (const [traceId, observations] of touched) {
      rollups.touched(traceId, observations);
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

  return {
    write: (changes) => handIn((touched) => apply(changes, touched), changes),
    clear: () =>
      handIn(() =>
        clearStore(database, {
          removeTrace,
          clearComplaints: complaints.clear,
          clearSearch: indexer.clear,
        }),
      ),
    remove: (deletion) => handIn((touched) => removal.remove(deletion, touched)),
    estimated: () => estimates.settled(),
    searchable: () => indexer.settled(),
    evicted: () => eviction.settled(),
    rollUp: async () => rollups.compute(),
    async close() {
      eviction.close();
      while (fresh.length + long.length > 0) commitSlice();
      estimates.close();
      indexer.close();
      rollups.close();
      closed = true;
    },
  };
}
