/**
 * Tries a request again while its outcome says that this is worth it: exponential back-off with full jitter, never
 * before the time that the server asked for. Knows nothing of HTTP. (undici's own retry leaves out POST.)
 */
import { setMaxListeners } from 'node:events';
import type { Transport } from './transport.js';

export interface RetryOptions {
  /** How long a request is tried, from its first attempt on, before the last outcome stands as a failure. */
  readonly retryWindowMs: number;
  /** Told before each further attempt. */
  readonly onRetry: (reason: string, delayMs: number) => void;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

export function createRetryingTransport(inner: Transport, options: RetryOptions): Transport {
  const closing = new AbortController();
  // One listener for each request that waits; Node would warn of the eleventh.
  setMaxListeners(0, closing.signal);
  return {
    async send(request, read) {
      const deadline = Date.now() + options.retryWindowMs;
      for (let attempt = 0; ; attempt++) {
        const outcome = await inner.send(request, read);
        if (outcome.kind !== 'retryable') return outcome;
        const delayMs = Math.max(backoffMs(attempt), outcome.retryAfterMs ?? 0);
        if (closing.signal.aborted || Date.now() + delayMs > deadline) {
          return {
            kind: 'failure',
            reason: `given up after ${attempt + 1} tries, the last: ${outcome.reason}`,
          };
        }
        options.onRetry(outcome.reason, delayMs);
        await pause(delayMs, closing.signal);
      }
    },
    close() {
      closing.abort();
      return inner.close();
    },
  };
}

/** Full jitter: a fleet that lost its server together must not come back together. */
function backoffMs(attempt: number): number {
  return Math.random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
}

/** Waits, or until the signal; does not keep the process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms).unref();
    signal.addEventListener('abort', done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
