/** A bound for what may take for ever. */
import { clearTimeout, monotonicNow, setTimeout } from '../shared/runtime/real-time.js';

/** Resolves with `run`, or when its time is over: false. Keeps the process alive meanwhile. Rejects as `run` does. */
export async function within(timeoutMs: number, run: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  try {
    return await Promise.race([run().then(() => true), expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** By the monotonic clock, of a call that may block for so long; what is no time is `fallbackMs`. */
export function deadlineAfter(timeoutMs: unknown, fallbackMs: number): number {
  return monotonicNow() + (typeof timeoutMs === 'number' && timeoutMs >= 0 ? timeoutMs : fallbackMs);
}
