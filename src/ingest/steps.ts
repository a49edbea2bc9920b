/** Long work that a server does in slices, so that other requests are answered in between. */

/** Work that yields wherever it may be interrupted. */
export type Steps<T> = Generator<void, T, void>;

/** Runs all of the work at once. Only for work that is known to be short. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
