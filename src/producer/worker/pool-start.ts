/** Starts the consumer of a worker pool, and starts the next one when it dies. */

import { message, type WarningMessage } from '../../messages/message.js';
import { markPresent } from '../../shared/ring/wake.js';
import { sleep } from '../../shared/runtime/real-time.js';
import { runOutside, runSuppressed } from '../../shared/runtime/suppression.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { connectControl, startGeneration, startGenerationNow } from './start-generation.js';
import {
  createGeneration,
  endGeneration,
  hasMadeProgress,
  hasStarted,
  offerFurtherRing,
  type WorkerGeneration,
} from './worker-generation.js';
import { ownRingWords, type WorkerPool } from './worker-pool.js';

const FAILED_STARTS_BEFORE_INLINE = 3;
/** Back-off before a start, by the number of attempts without progress before it. */
const RESTART_DELAYS_MS = [0, 100, 1_000, 10_000, 30_000];

/** Starts the consumer, unless it runs. */
export function startPool(pool: WorkerPool): void {
  if (pool.state !== 'idle') return;
  markRunning(pool);
  startConsumer(pool);
}

export function markRunning(pool: WorkerPool): void {
  pool.state = 'running';
  for (const words of ownRingWords(pool)) markPresent(words);
  runOutside(pool.onStart);
}

export function startConsumer(pool: WorkerPool): void {
  const runDetached = pool.inline ? runSuppressed : runOutside;
  runDetached(() => {
    const generation = newGeneration(pool);
    pool.consumer = { generation, started: run(pool, generation) };
  });
}

/** Starts a consumer in a thread of its own, within this call. False: no thread can be made, and the usual start is under way. */
export function startConsumerNow(pool: WorkerPool): boolean {
  const generation = newGeneration(pool);
  try {
    startGenerationNow(generation, pool.options, (reason) => onDeath(pool, generation, reason));
  } catch {
    // Threads are not allowed. A consumer on this thread continues once this thread no longer blocks.
    void endGeneration(generation);
    startConsumer(pool);
    return false;
  }
  generation.state = 'running';
  pool.consumer = { generation, started: connectControl(generation).catch(() => {}) };
  return true;
}

function newGeneration(pool: WorkerPool): WorkerGeneration {
  const { shared, further, destinations, options, onNotice } = pool;
  const generation = createGeneration(shared, ++pool.workerGeneration, options, onNotice);
  for (const [ring, one] of further) {
    offerFurtherRing(generation, { ring, shared: one, options: destinations.get(ring) });
  }
  return generation;
}

async function run(pool: WorkerPool, generation: WorkerGeneration): Promise<void> {
  try {
    await restartDelay(pool);
    await startGeneration(generation, pool.options, pool.inline, (reason) =>
      onDeath(pool, generation, reason),
    );
    if (generation.state === 'starting') generation.state = 'running';
  } catch (error) {
    onDeath(pool, generation, messageOf(error));
  }
}

/** Starts the successor before the calls that wait for the dead consumer look for one. */
function onDeath(pool: WorkerPool, generation: WorkerGeneration, reason: string): void {
  if (generation.state === 'dead') return;
  const started = generation.state === 'running' || hasStarted(generation);
  pool.failedStarts = started ? 0 : pool.failedStarts + 1;
  pool.attemptsWithoutProgress = hasMadeProgress(generation) ? 0 : pool.attemptsWithoutProgress + 1;
  if (pool.state === 'running' && pool.consumer?.generation === generation) {
    if (started) warn(pool, deathMessage(pool, reason));
    else goInline(pool, generation, reason);
    startConsumer(pool);
  }
  void endGeneration(generation);
}

function deathMessage({ inline }: WorkerPool, reason: string): WarningMessage {
  return message(inline ? 'TAILRACE_INLINE_DELIVERY_FAILED' : 'TAILRACE_WORKER_DIED', reason);
}

/** Moves the consumer to this thread after several failed starts, or where threads cannot be made. */
function goInline(pool: WorkerPool, { hasNoThread }: WorkerGeneration, reason: string): void {
  if (pool.inline) {
    if (pool.failedStarts === 1) warn(pool, message('TAILRACE_DELIVERY_NOT_STARTED', reason));
  } else if (hasNoThread || pool.failedStarts >= FAILED_STARTS_BEFORE_INLINE) {
    warn(pool, message('TAILRACE_WORKER_NOT_STARTED', reason));
    pool.inline = true;
    pool.failedStarts = 0;
    pool.attemptsWithoutProgress = 0;
  }
}

export function warn({ onNotice }: WorkerPool, message: WarningMessage): void {
  onNotice({ kind: 'warning', ...message });
}

async function restartDelay({ attemptsWithoutProgress }: WorkerPool): Promise<void> {
  const ms = RESTART_DELAYS_MS[Math.min(attemptsWithoutProgress, RESTART_DELAYS_MS.length - 1)] as number;
  if (ms > 0) await sleep(ms);
}
