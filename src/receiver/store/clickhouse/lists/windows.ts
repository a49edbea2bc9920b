/**
 * Divides a long reading by the time of traces, from the newest on: a day, then four times as long, and so on. If its time is over, the
 * answer is about the newest traces and says so.
 */

import { ClickhouseProblem } from '../connection/problems.js';

/** `[fromUs, toUs)`. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

const DAY_US = 86_400_000_000;
const GROWTH = 4;
/** A query that gets less time cannot end. */
const MIN_MS = 200;

/** Over the range of the stored traces, both bounds included. */
export function* windowsOf(firstUs: number, lastUs: number): Generator<Window, void, void> {
  let toUs = lastUs + 1;
  for (let length = DAY_US; toUs > firstUs; length *= GROWTH) {
    const fromUs = Math.max(toUs - length, firstUs);
    yield { fromUs, toUs };
    toUs = fromUs;
  }
}

/** Calls `read` with one window after the other; false ends it. Returns the lower bound of the last that was read if not all were. */
export async function readWindows(
  windows: Iterable<Window>,
  maxMs: number,
  read: (window: Window, restMs: number) => Promise<boolean>,
): Promise<{ isComplete: boolean; oldestUs: number | null }> {
  const endsAtMs = performance.now() + maxMs;
  let oldestUs: number | null = null;
  for (const window of windows) {
    const restMs = endsAtMs - performance.now();
    if (restMs < MIN_MS) return { isComplete: false, oldestUs };
    try {
      if ((await read(window, restMs)) === false) return { isComplete: false, oldestUs };
    } catch (error) {
      if (error instanceof ClickhouseProblem && (error.isTooLong || error.isTooLarge)) {
        return { isComplete: false, oldestUs };
      }
      throw error;
    }
    oldestUs = window.fromUs;
  }
  return { isComplete: true, oldestUs: null };
}
