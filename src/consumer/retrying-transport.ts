/**
 * Tries a request again while its outcome says that this is worth it: exponential back-off with full jitter, never
 * before the time that the server asked for, unless the last try is due. Knows nothing of HTTP. (undici's own retry
 * leaves out POST.)
 */

import { setMaxListeners } from 'node:events';
import type { ExportOutcome } from '../shared/exporter.js';
import { monotonicNow } from '../shared/real-time.js';
import { pause } from './pause.js';
import type { Transport, TransportRequest } from './transport.js';

export interface RetryOptions {
  /** How long a request is tried, from its first attempt on, before the last outcome stands. */
  readonly retryWindowMs: number;
  /** Ends every wait, and with it the trying. */
  readonly closing: AbortSignal;
  /** Told before each further attempt. */
  readonly onRetry: (request: TransportRequest, outcome: Retryable, delayMs: number) => void;
  /** The server has taken a request, or a part of it, in an attempt that began at `startedAt` (`monotonicNow()`). */
  readonly onTaken: (request: TransportRequest, startedAt: number) => void;
}

export type Retryable = Extract<ExportOutcome, { kind: 'retryable' }>;

export interface RetryingTransport extends Transport {
  /**
   * The end is near: what waits because it has failed is tried now and backs off anew, but for what the server has told
   * to wait; what somebody would have to put right first is given up with its next answer.
   */
  hurry(): void;
}

const TAKEN: ReadonlySet<ExportOutcome['kind']> = new Set(['success', 'partial', 'rejected']);
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** Nobody puts a key right within seconds, time and again. */
const MAX_MISCONFIGURED_BACKOFF_MS = 60_000;

export function createRetryingTransport(inner: Transport, options: RetryOptions): RetryingTransport {
  const { closing } = options;
  const hurrying = new AbortController();
  const { signal: hurried } = hurrying;
  // One listener for each request that waits; Node would warn of the eleventh.
  setMaxListeners(0, hurried);
  closing.addEventListener('abort', () => hurrying.abort());

  return {
    async send(request, read) {
      const deadline = monotonicNow() + options.retryWindowMs;
      let backoffs = 0;
      for (let tries = 1; ; tries++) {
        const startedAt = monotonicNow();
        const outcome = await inner.send(request, read);
        if (outcome.kind !== 'retryable') {
          if (TAKEN.has(outcome.kind)) options.onTaken(request, startedAt);
          return outcome;
        }
        const leftMs = deadline - monotonicNow();
        const hopeless = outcome.misconfigured === true && hurried.aborted;
        if (closing.aborted || hopeless || leftMs < 1) return givenUp(outcome, tries);
        const asked = outcome.retryAfterMs ?? 0;
        const backoff = backoffMs(backoffs++, outcome);
        // A last try is due at the end of the window, whatever the server asked for: after it all is lost.
        const delayMs = Math.min(leftMs, asked > 0 ? Math.max(backoff, asked) : backoff);
        options.onRetry(request, outcome, delayMs);
        if (hurried.aborted || asked > 0) await pause(delayMs, closing);
        else {
          await pause(delayMs, hurried);
          if (hurried.aborted) backoffs = 0;
        }
      }
    },
    hurry: () => hurrying.abort(),
    close: () => inner.close(),
  };
}

function givenUp({ reason }: Retryable, tries: number): ExportOutcome {
  return { kind: 'retryable', reason: `given up after ${tries} tries, the last: ${reason}` };
}

/** Full jitter: a fleet that lost its server together must not come back together. */
function backoffMs(earlier: number, { misconfigured }: Retryable): number {
  const longest = misconfigured ? MAX_MISCONFIGURED_BACKOFF_MS : MAX_BACKOFF_MS;
  return Math.random() * Math.min(longest, FIRST_BACKOFF_MS * 2 ** earlier);
}
