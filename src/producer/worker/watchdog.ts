/**
 * Replaces a worker that is stuck at one record, batch or module. It checks only while something waits for delivery, so that an
 * idle process can sleep.
 */

import { HEAD, ringMemory, TAIL } from '../../shared/ring/ring-layout.js';
import { clearTimeout, setTimeout } from '../../shared/runtime/real-time.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import { replaceStuck } from './replacement.js';
import type { WorkerPool } from './worker-pool.js';
import { isUnchanged, readStatus, type WorkerStatus } from './worker-status.js';

export interface Watchdog {
  /** Checks until nothing waits for delivery any more. */
  begin(): void;
  /** Uses this shorter limit until the returned function is called, so that a flush ends in time. */
  expedite(stuckMs: number): () => void;
  end(): void;
}

/** Checks in a row that have to see the same status: a suspended process resumes with one late check, not with ten. */
const CHECKS = 10;
/** Lower bound of the limit. */
const MIN_STUCK_MS = 100;

/** @param onIdle Called when nothing waits any more: the next event calls `begin` again. */
export function createWatchdog(pool: WorkerPool, onIdle: () => void): Watchdog {
  let timer: NodeJS.Timeout | undefined;
  let seen: WorkerStatus | undefined;
  let unchanged = 0;
  /** The limits of flushes that want to end in time. */
  const expedited = new Set<{ readonly stuckMs: number }>();
  const stuckMs = (): number =>
    Math.min(pool.options.workerStuckMs, ...Array.from(expedited, (one) => one.stuckMs));

  function begin(): void {
    timer ??= runOutside(() => setTimeout(check, stuckMs() / CHECKS).unref());
  }

  function end(): void {
    clearTimeout(timer);
    timer = undefined;
    seen = undefined;
    unchanged = 0;
  }

  function check(): void {
    timer = undefined;
    const generation = pool.consumer?.generation;
    // A consumer on this thread cannot be stuck while this runs.
    if (generation !== undefined && !pool.inline) judge(readStatus(generation));
    if (hasSettled(pool)) {
      end();
      onIdle();
    } else if (pool.state !== 'stopped') begin();
  }

  function judge(status: WorkerStatus): void {
    unchanged = status.work !== undefined && isUnchanged(status, seen) ? unchanged + 1 : 0;
    seen = status;
    if (status.work === undefined) return;
    // Loading a module may take long, even during a flush.
    const boundMs = status.work.what === 'loading' ? pool.options.workerStuckMs : stuckMs();
    const unchangedMs = unchanged * (stuckMs() / CHECKS);
    if (unchanged < CHECKS || unchangedMs < boundMs) return;
    unchanged = 0;
    replaceStuck(pool, status.work, boundMs);
  }

  return {
    begin,
    expedite(ms) {
      const one = { stuckMs: Math.max(MIN_STUCK_MS, ms) };
      expedited.add(one);
      end();
      begin();
      return () => void expedited.delete(one);
    },
    end,
  };
}

/** Whether all that was published on its rings has settled. */
function hasSettled({ shared, further }: WorkerPool): boolean {
  return [shared, ...further.values()].every(({ ring }) => {
    const { words } = ringMemory(ring);
    return Atomics.load(words, HEAD) === Atomics.load(words, TAIL);
  });
}
