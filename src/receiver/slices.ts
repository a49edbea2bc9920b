/** Long work in slices of some milliseconds: other requests and the page are answered in between. */

/** It yields wherever it may be interrupted. */
export type Steps<T> = Generator<void, T, void>;

/** Of a turn of the event loop. */
export const SLICE_MS = 10;

/** Runs the work over as many turns of the event loop as it takes. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const end = runSlice(steps, performance.now() + SLICE_MS);
    if (end !== undefined) return end.value;
    await nextTurn();
  }
}

/** Runs the work up to a time; undefined: there is more of it. */
export function runSlice<T>(steps: Steps<T>, endsAtMs: number): { value: T } | undefined {
  do {
    const step = steps.next();
    if (step.done === true) return { value: step.value };
  } while (performance.now() < endsAtMs);
  return undefined;
}

/** Runs all of the work, for those who know that it is short. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const waiting: (() => void)[] = [];

/** One waits no longer than a turn for each that came before: of a hundred long works a turn still sees one slice. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(wakeNext);
  });
}

function wakeNext(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(wakeNext);
}
