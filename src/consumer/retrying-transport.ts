/**
 * Tries a request again while its outcome says that this is worth it: exponential back-off with full jitter, never
 * before the time that the server asked for. Knows nothing of HTTP. (undici's own retry leaves out POST.)
 */
import { pause } from './pause.js';
import type { Transport, TransportRequest } from './transport.js';

export interface RetryOptions {
  /** How long a request is tried, from its first attempt on, before the last outcome stands. */
  readonly retryWindowMs: number;
  /** Ends every wait, and with it the trying. */
  readonly closing: AbortSignal;
  /** Told before each further attempt. */
  readonly onRetry: (reason: string, delayMs: number, request: TransportRequest) => void;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;

export function createRetryingTransport(inner: Transport, options: RetryOptions): Transport {
  const { closing } = options;
  return {
    async send(request, read) {
      const deadline = performance.now() + options.retryWindowMs;
      for (let attempt = 0; ; attempt++) {
        const outcome = await inner.send(request, read);
        if (outcome.kind !== 'retryable') return outcome;
        const asked = outcome.retryAfterMs ?? 0;
        const delayMs = asked > 0 ? Math.max(backoffMs(attempt), asked) : backoffMs(attempt);
        if (closing.aborted || performance.now() + delayMs > deadline) {
          return {
            kind: 'retryable',
            reason: `given up after ${attempt + 1} tries, the last: ${outcome.reason}`,
          };
        }
        options.onRetry(outcome.reason, delayMs, request);
        await pause(delayMs, closing);
      }
    },
    close: () => inner.close(),
  };
}

/** Full jitter: a fleet that lost its server together must not come back together. */
function backoffMs(attempt: number): number {
  return Math.random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
}
