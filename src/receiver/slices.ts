/** Runs long work in slices of some milliseconds, so that other requests are answered in between. */

import type { Steps } from '../ingest/steps.js';

export { atOnce, type Steps } from '../ingest/steps.js';

/** Length of a slice. A turn of the event loop has one of each kind of work, and a request that comes waits for two turns. */
export const SLICE_MS = 4;

/** Runs the work over as many turns of the event loop as it needs. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const end = runSlice(steps, performance.now() + SLICE_MS);
    if (end !== undefined) return end.value;
    await nextTurn();
  }
}

/** Runs the work until a deadline. Undefined: the work is not finished. */
export function runSlice<T>(steps: Steps<T>, endsAtMs: number): { value: T } | undefined {
  do {
    const step = steps.next();
    if (step.done === true) return { value: step.value };
  } while (performance.now() < endsAtMs);
  return undefined;
}

const begun: (() => void)[] = [];
const arrived: (() => void)[] = [];

/** Resolves in a turn of its own, first come, first served: with a hundred long tasks a turn still runs one slice. */
export function nextTurn(): Promise<void> {
  return inTurn(begun);
}

/** The same for a request that has just come. It does not wait for the long tasks: each turn runs one of both. */
export function firstTurn(): Promise<void> {
  return inTurn(arrived);
}

function inTurn(queue: (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    queue.push(resolve);
    if (begun.length + arrived.length === 1) setImmediate(wakeNext);
  });
}

function wakeNext(): void {
  arrived.shift()?.();
  begun.shift()?.();
  if (begun.length + arrived.length > 0) setImmediate(wakeNext);
}
