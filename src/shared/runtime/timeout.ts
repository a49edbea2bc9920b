/** Waits for a bounded time. */
import { clearTimeout, setTimeout } from './real-time.js';

interface Timeout {
  /** Resolves once the time is over; never after `cancel()`. */
  readonly expired: Promise<'expired'>;
  cancel(): void;
}

/** `ms`: undefined, never. The timer keeps the process alive, unless `keepsAlive` is false. */
export function startTimeout(ms: number | undefined, keepsAlive = true): Timeout {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<'expired'>((resolve) => {
    if (ms !== undefined) timer = setTimeout(resolve, ms, 'expired');
  });
  if (!keepsAlive) timer?.unref();
  return { expired, cancel: () => clearTimeout(timer) };
}

/** Resolves to true once `run` has, or to false after `timeoutMs`. Keeps the process alive meanwhile. Rejects as `run` does. */
export async function within(timeoutMs: number, run: () => Promise<unknown>): Promise<boolean> {
  const timeout = startTimeout(timeoutMs);
  try {
    return await Promise.race([run().then(() => true), timeout.expired.then(() => false)]);
  } finally {
    timeout.cancel();
  }
}
