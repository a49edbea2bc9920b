/**
 * Blocks the application's thread until several flushes have ended. All their consumers are supervised while any of them is
 * waited for, so that one that hangs does not keep another from being replaced.
 */

import { distance, HEAD } from '../../shared/ring/ring-layout.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';

/** Interval of the looks at each consumer. */
const SLICE_MS = 20;

/** A ring, and the position up to which it has to settle. */
export interface Target {
  readonly words: Int32Array;
  readonly tail: number;
}

export interface FlushWait {
  /** Waited for one after the other. */
  readonly targets: readonly Target[];
  /**
   * Supervises the consumer. `waitedMs`: how long this thread has waited since the last look, counted by time-outs: a machine
   * that delays this thread delays the consumer's as well. `lost`: no consumer could settle anything.
   */
  look(waitedMs: number, leftMs: number): 'wait' | 'lost';
  /** Called when the wait is over. */
  end(): void;
}

interface BoundedFlush {
  readonly wait: FlushWait;
  /** By the monotonic clock. */
  readonly deadline: number;
}

/**
 * Blocks until each flush has settled, is lost or has reached its deadline. Time is counted by time-outs as well as by the clock,
 * so that a fake clock cannot stop it.
 */
export function waitForAll(flushes: readonly BoundedFlush[]): void {
  const startedAt = monotonicNow();
  let totalMs = 0;
  let open = flushes.map(({ wait, deadline }) => ({ wait, deadline, lookedAtMs: 0 }));
  while (open.length > 0) {
    open = open.filter((one) => {
      const { wait, deadline } = one;
      const target = unsettled(wait.targets);
      const leftMs = Math.min(deadline - monotonicNow(), deadline - startedAt - totalMs);
      const isOver =
        target === undefined || leftMs <= 0 || wait.look(totalMs - one.lookedAtMs, leftMs) === 'lost';
      if (isOver) {
        wait.end();
        return false;
      }
      one.lookedAtMs = totalMs;
      const sliceMs = Math.min(SLICE_MS, leftMs);
      if (Atomics.wait(target.words, HEAD, target.head, sliceMs) === 'timed-out') totalMs += sliceMs;
      return true;
    });
  }
}

/** The deadline of a call that may block for `timeoutMs`, or for `fallbackMs` where that is not a duration. */
export function deadlineAfter(timeoutMs: unknown, fallbackMs: number): number {
  return monotonicNow() + (typeof timeoutMs === 'number' && timeoutMs >= 0 ? timeoutMs : fallbackMs);
}

function unsettled(targets: readonly Target[]): { words: Int32Array; head: number } | undefined {
  for (const { words, tail } of targets) {
    const head = Atomics.load(words, HEAD);
    if (distance(head, tail) < 0) return { words, head };
  }
  return undefined;
}
