/**
 * Ends a consumer that is dead, stuck or still starting, and starts another. Before it ends a consumer, it writes the cause onto
 * the rings: without it, the successor would blame the record that the consumer was working on.
 */

import { message, type WarningMessage } from '../../messages/message.js';
import { isOwned, withdrawRing } from '../../shared/ring/ownership.js';
import {
  END_CAUSE,
  ENDED_AS_STUCK,
  ENDED_BY_US,
  ringMemory,
  STUCK_AT,
} from '../../shared/ring/ring-layout.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import { markRunning, startConsumer, startConsumerNow, warn } from './pool-start.js';
import { nameOfRecord } from './record-name.js';
import { endGeneration, type WorkerGeneration } from './worker-generation.js';
import type { WorkerPool } from './worker-pool.js';
import type { CurrentWork } from './worker-status.js';

/**
 * Makes sure, without the event loop, that a consumer runs. If one is still starting, another thread is started at once in its
 * place. False: no consumer can be started.
 */
export function ensureConsumerNow(pool: WorkerPool): boolean {
  if (pool.state === 'stopped') return false;
  const generation = pool.consumer?.generation;
  // A consumer with a thread needs no event loop any more: it may have been started for another ring a moment ago.
  const needsLoop = (one: WorkerGeneration): boolean =>
    one.thread === undefined && withdrawRing(ringMemory(pool.shared.ring).words, one.init.workerGeneration);
  const runs = generation !== undefined && !pool.inline && !needsLoop(generation);
  return runs || replaceConsumerNow(pool);
}

/** Replaces the consumer, which has done nothing wrong, by one in a thread of its own. False: it cannot start. */
export function replaceConsumerNow(pool: WorkerPool): boolean {
  const before = pool.consumer?.generation;
  if (before !== undefined) markEndedByUs(before);
  return succeedNow(pool);
}

/** Replaces a consumer whose thread has ended. */
export function replaceDeadNow(pool: WorkerPool): boolean {
  return succeedNow(pool, message('TAILRACE_WORKER_DIED', 'its thread ended'));
}

/** Replaces a consumer that has been at this work for `forMs`. */
export function replaceStuckNow(pool: WorkerPool, work: CurrentWork, forMs: number): boolean {
  const before = pool.consumer?.generation;
  if (before === undefined) return false;
  const stuck = stuckMessage(pool, work, forMs);
  markStuck(before, work);
  return succeedNow(pool, stuck);
}

function succeedNow(pool: WorkerPool, warning?: WarningMessage): boolean {
  const before = pool.consumer?.generation;
  if (before !== undefined) void endGeneration(before);
  markRunning(pool);
  const isRunning = runOutside(() => startConsumerNow(pool));
  // Listeners belong to the application, whose thread blocks: they hear of it afterwards.
  if (warning !== undefined) pool.consumer?.generation.heldNotices.push({ kind: 'warning', ...warning });
  return isRunning;
}

/** The same for a thread that does not block. */
export function replaceStuck(pool: WorkerPool, work: CurrentWork, forMs: number): void {
  const { consumer } = pool;
  if (pool.state !== 'running' || consumer === undefined) return;
  const stuck = stuckMessage(pool, work, forMs);
  markStuck(consumer.generation, work);
  // The successor skips this work, so it will make progress.
  pool.attemptsWithoutProgress = 0;
  // Calls that wait for it look for another consumer after this call.
  void endGeneration(consumer.generation);
  startConsumer(pool);
  warn(pool, stuck);
}

function stuckMessage(pool: WorkerPool, work: CurrentWork, forMs: number): WarningMessage {
  const seconds = Math.round(forMs / 100) / 10;
  return message('TAILRACE_WORKER_STUCK', nameOfWork(pool, work), seconds);
}

function nameOfWork({ shared, further }: WorkerPool, { words, what, position }: CurrentWork): string {
  if (what === 'spooled batch') return 'a batch from the spool';
  if (what === 'loading') return 'the start of its exporter';
  const ring = [shared, ...further.values()].find(({ ring }) => ring === words.buffer);
  const record = ring === undefined ? 'an event' : nameOfRecord(ring, position);
  return what === 'batch' ? `a batch that begins with ${record}` : record;
}

/** No record is to blame. */
function markEndedByUs({ rings, init }: WorkerGeneration): void {
  // A ring that it does not own yet still holds the state of its predecessor.
  for (const { words } of rings) {
    if (isOwned(words, init.workerGeneration)) Atomics.store(words, END_CAUSE, ENDED_BY_US);
  }
}

/** This work is to blame. */
function markStuck(generation: WorkerGeneration, { words, position }: CurrentWork): void {
  markEndedByUs(generation);
  Atomics.store(words, STUCK_AT, position);
  Atomics.store(words, END_CAUSE, ENDED_AS_STUCK);
}
