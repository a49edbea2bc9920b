/** Runs the store's own work (estimates, the search index) in slices, when no requests come. */

export interface IdleWork {
  /** Call this after a write: work may be due. */
  wake(): void;
  /** Resolves when nothing is due. The work does not wait for an idle time then. */
  settled(): Promise<void>;
  close(): void;
}

/** `resting`: something is due, but not yet. */
export type SliceState = 'more' | 'resting' | 'settled';

interface IdleWorkOptions {
  /** Requests have priority: a slice waits until none has written for this time. */
  readonly quietMs: number;
  /** Under constant load a slice runs after this time. */
  readonly maxWaitMs: number;
  /** Until the next look at what is not due yet. */
  readonly restMs?: number;
  /** Whether the process lives on for work that is due. */
  readonly keepsProcess: boolean;
  /** Runs one slice. The argument says whether somebody waits for the end. Must not throw. */
  slice(isAwaited: boolean): SliceState;
}

export function startIdleWork(options: IdleWorkOptions): IdleWork {
  const { quietMs, maxWaitMs, restMs = quietMs, keepsProcess, slice } = options;
  let scheduled: NodeJS.Timeout | undefined;
  let waiting: (() => void)[] = [];
  let lastWriteMs = 0;
  let lastSliceMs = 0;
  let isClosed = false;

  function turn(): void {
    scheduled = undefined;
    const nowMs = performance.now();
    const isBusy = nowMs - lastWriteMs < quietMs && nowMs - lastSliceMs < maxWaitMs;
    if (isBusy && waiting.length === 0) {
      schedule(quietMs);
      return;
    }
    const state = slice(waiting.length > 0);
    lastSliceMs = performance.now();
    if (state === 'more') schedule(0);
    else if (state === 'resting' && waiting.length === 0) schedule(restMs);
    else release();
  }

  function schedule(delayMs: number): void {
    if (isClosed || scheduled !== undefined) return;
    scheduled = setTimeout(turn, delayMs);
    if (!keepsProcess) scheduled.unref();
  }

  function release(): void {
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    wake() {
      lastWriteMs = performance.now();
      // After an idle time the wait starts now.
      if (scheduled === undefined) lastSliceMs = lastWriteMs;
      schedule(quietMs);
    },
    settled() {
      if (isClosed) return Promise.resolve();
      clearTimeout(scheduled);
      scheduled = undefined;
      schedule(0);
      return new Promise((resolve) => waiting.push(resolve));
    },
    close() {
      isClosed = true;
      clearTimeout(scheduled);
      release();
    },
  };
}
