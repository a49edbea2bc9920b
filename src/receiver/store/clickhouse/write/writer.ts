/**
 * Writes in turn: what is handed in while a batch is under way becomes the next batch. So a hundred small requests cost a few inserts, which
 * the engine prefers, and no two merges of this process read the same row.
 */

import type { Changes } from '../../changes.js';
import type { Deletion } from '../../contract.js';
import { ClickhouseProblem } from '../connection/problems.js';
import { writeBatch } from './batch.js';
import type { BatchParts } from './batch-parts.js';
import { remove, removeAll } from './removal.js';

interface Pending {
  work: Changes | Deletion | 'all';
  resolve: () => void;
  reject: (error: unknown) => void;
}

export interface Writer {
  write(changes: Changes): Promise<void>;
  remove(deletion: Deletion): Promise<void>;
  clear(): Promise<void>;
  /** Resolves when all that was handed in is written or has failed. */
  settled(): Promise<void>;
  /** Later writes reject. */
  close(): Promise<void>;
}

interface WriterListeners {
  /** Called with the traces before it is said that they are written. */
  onWritten(traceIds: readonly string[]): void;
  onCommit(changes: readonly Changes[]): void;
  onFailure(error: unknown): void;
}

/** Observations of one batch: a large request is divided by the inserts. */
const MAX_CHANGES = 5_000;

export function createWriter(parts: BatchParts, { onWritten, onCommit, onFailure }: WriterListeners): Writer {
  let pending: Pending[] = [];
  let running: Promise<void> | undefined;
  let isClosed = false;

  function handIn(work: Pending['work']): Promise<void> {
    if (isClosed) return Promise.reject(new Error('the receiver is closed'));
    return new Promise((resolve, reject) => {
      pending.push({ work, resolve, reject });
      running ??= run();
    });
  }

  async function run(): Promise<void> {
    // Requests of the same turn share a batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const some = nextBatch();
      if (await attempt(some)) continue;
      // One of them may be what the server refuses: it must not fail the others.
      for (const one of some) await attempt([one], true);
    }
    // In the same turn as the look at `pending`: what is handed in from now on starts a new run.
    running = undefined;
  }

  /** False: the server has refused it, and it is to be tried one by one. */
  async function attempt(some: readonly Pending[], isLast = some.length === 1): Promise<boolean> {
    try {
      await apply(some.map(({ work }) => work));
    } catch (error) {
      if (!isLast && isRefusal(error)) return false;
      onFailure(error);
      for (const { reject } of some) reject(error);
      return true;
    }
    onWritten(some.flatMap(({ work }) => tracesOf(work)));
    onCommit(some.flatMap(({ work }) => (isChanges(work) ? [work] : [])));
    for (const { resolve } of some) resolve();
    return true;
  }

  /** Changes up to a bound, or one deletion. */
  function nextBatch(): Pending[] {
    const end = pending.findIndex(({ work }) => !isChanges(work));
    const limit = end === -1 ? pending.length : Math.max(end, 1);
    let count = 0;
    let changes = 0;
    while (count < limit && (count === 0 || changes < MAX_CHANGES)) {
      const work = pending[count]?.work;
      if (work !== undefined && isChanges(work)) changes += work.observations.length + work.scores.length;
      count += 1;
    }
    const some = pending.slice(0, count);
    pending = pending.slice(count);
    return some;
  }

  async function apply(works: readonly Pending['work'][]): Promise<void> {
    const [first] = works;
    if (first === 'all') await removeAll(parts);
    else if (first !== undefined && !isChanges(first)) await remove(parts, first);
    else await writeBatch(parts, works as Changes[]);
  }

  return {
    write: handIn,
    remove: handIn,
    clear: () => handIn('all'),
    settled: async () => running,
    async close() {
      isClosed = true;
      await running;
    },
  };
}

function tracesOf(work: Pending['work']): readonly string[] {
  if (work === 'all') return [];
  if (!isChanges(work)) return work.traceIds ?? [];
  const { traces, observations, scores } = work;
  const ids = [
    ...traces.map(({ id }) => id),
    ...observations.map(({ row }) => row.traceId),
    ...scores.map(({ traceId }) => traceId),
  ];
  return ids.filter((id) => id !== null);
}

/** The server has answered: it may refuse one of the changes alone. A server that is away is not asked once for each. */
function isRefusal(error: unknown): boolean {
  return !(error instanceof ClickhouseProblem) || (error.code !== undefined && !error.isTooLong);
}

function isChanges(work: Pending['work']): work is Changes {
  return typeof work === 'object' && 'observations' in work;
}
