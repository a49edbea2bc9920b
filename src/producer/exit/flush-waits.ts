/**
 * How the application's thread blocks for several flushes at a time: each consumer is looked after while any is waited for, so
 * that one that hangs keeps no other from being replaced.
 */

import { distance, HEAD } from '../../shared/ring/ring-layout.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';

/** How often each is looked at. */
const SLICE_MS = 20;

/** A ring, and the position up to which it is to settle. */
export interface Target {
  readonly words: Int32Array;
  readonly tail: number;
}

export interface FlushWait {
  /** Of these, each in its turn. */
  readonly targets: readonly Target[];
  /**
   * Looks after the consumer. `waitedMs`: for how long this thread has waited since the last look, counted by time-outs: a machine
   * that lets this thread wait for longer does not let the consumer's run either. `lost`: nobody is there who could settle anything.
   */
  look(waitedMs: number, leftMs: number): 'wait' | 'lost';
  /** Nobody waits any more. */
  end(): void;
}

/** A flush that is waited for until a deadline by the monotonic clock. */
export interface Bounded {
  readonly wait: FlushWait;
  readonly deadline: number;
}

/**
 * Blocks until each has settled, is lost or has had its time: until its deadline, and for no longer than that is away by the
 * time-outs of the waits, which no fake clock can stop.
 */
export function waitForAll(flushes: readonly Bounded[]): void {
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

function unsettled(targets: readonly Target[]): { words: Int32Array; head: number } | undefined {
  for (const { words, tail } of targets) {
    const head = Atomics.load(words, HEAD);
    if (distance(head, tail) < 0) return { words, head };
  }
  return undefined;
}
