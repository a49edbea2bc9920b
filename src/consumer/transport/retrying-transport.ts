/**
 * Retries a request while its outcome is `retryable` and the retry window is open. The scheduler decides when: the requests to
 * one destination share a back-off, and Retry-After is respected unless the last attempt is due. Knows nothing of HTTP.
 * (undici's own retry leaves out POST.)
 */

import { counted } from '../../messages/quantities.js';
import type { ExportEndpoint, ExportOutcome } from '../../shared/contract/exporter.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import type { PendingRequest, RequestQueue } from './pending-request.js';
import { cancelWaiting, createPending, type RequestScheduler, whenAdmitted } from './request-scheduler.js';
import { expedite, isHealthy, recordAnswer, recordRefusal } from './retry-decisions.js';
import { isLastHope, otherRoute } from './routes.js';
import {
  originOf,
  type ReadOutcome,
  type Transport,
  type TransportRequest,
  toEndpoint,
} from './transport.js';

/** Who hears of retries. */
export interface RetryEvents {
  /** A request waits for another attempt, in `delayMs` or sooner if other requests get answers. */
  readonly onRetry: (request: TransportRequest, outcome: Retryable, delayMs: number) => void;
  /** Endpoint `from` has failed a request, which goes to `to` at once. */
  readonly onMoved?: (
    request: TransportRequest,
    outcome: Retryable,
    from: ExportEndpoint,
    to: ExportEndpoint,
  ) => void;
  /**
   * The server accepted a request, or a part of it, in an attempt that began at `startedAt` (`monotonicNow()`). `isHealthy`:
   * the destination has recovered, or nothing waits for that. `endpoint`: which one it was, of several.
   */
  readonly onTaken: (
    request: TransportRequest,
    startedAt: number,
    isHealthy: boolean,
    endpoint?: ExportEndpoint,
  ) => void;
}

interface RetryOptions extends RetryEvents {
  readonly scheduler: RequestScheduler;
  /** The queue of the ring whose requests these are. */
  readonly queue: RequestQueue;
  /** Time from the first attempt of a request after which the last outcome is final. */
  readonly retryWindowMs: number;
  /** Ends all waits and retries. */
  readonly closing: AbortSignal;
}

export type Retryable = Extract<ExportOutcome, { kind: 'retryable' }>;

export interface RetryingTransport extends Pick<Transport, 'close'> {
  /** `pending`: of a request that already has a slot, or with settings of its own. */
  send(request: TransportRequest, read: ReadOutcome, pending?: PendingRequest): Promise<ExportOutcome>;
  /**
   * For a shutdown: retries what waits at once with a new back-off, except where the server sent Retry-After, and no longer
   * retries configuration errors. Call the returned function to end this.
   */
  expedite(): () => void;
}

const TAKEN: ReadonlySet<ExportOutcome['kind']> = new Set(['success', 'partial', 'rejected']);

export function createRetryingTransport(inner: Transport, options: RetryOptions): RetryingTransport {
  const { scheduler, queue, closing, retryWindowMs } = options;
  let expediting = 0;
  closing.addEventListener('abort', () => cancelWaiting(scheduler, queue.waiting));

  async function attempt(
    request: TransportRequest,
    read: ReadOutcome,
    pending: PendingRequest,
  ): Promise<ExportOutcome> {
    const overtaken = new AbortController();
    pending.onOvertaken = () => overtaken.abort();
    const { endpoint } = pending.route;
    const outcome =
      endpoint === undefined
        ? await inner.send(request, read, overtaken.signal)
        : await inner.send(
            toEndpoint(request, endpoint),
            readerAt(endpoint, read, pending),
            overtaken.signal,
          );
    if (!pending.isOvertaken || outcome.kind !== 'retryable') return outcome;
    const seconds = ((monotonicNow() - pending.startedAt) / 1000).toFixed(1);
    const reason = `no answer for ${seconds} s, while ${originOf(endpoint ?? request)} took other requests`;
    return { kind: 'retryable', reason };
  }

  async function send(
    request: TransportRequest,
    read: ReadOutcome,
    pending: PendingRequest = createPending(scheduler, queue, destinationOf(request), { takesSlot: false }),
  ): Promise<ExportOutcome> {
    if (pending.state !== 'underWay' && (closing.aborted || !(await whenAdmitted(scheduler, pending))))
      return NOT_TRIED;
    pending.deadline = pending.startedAt + retryWindowMs;
    for (;;) {
      const outcome = await attempt(request, read, pending);
      if (outcome.kind !== 'retryable') {
        recordAnswer(scheduler, pending);
        if (TAKEN.has(outcome.kind))
          options.onTaken(request, pending.startedAt, isHealthy(scheduler, pending), pending.route.endpoint);
        return outcome;
      }
      // Nobody corrects a configuration error during a shutdown. The other requests get the same answer without waiting.
      if (outcome.misconfigured && expediting > 0 && isLastHope(pending)) {
        recordAnswer(scheduler, pending);
        return withTries(outcome, pending);
      }
      const from = pending.route.endpoint;
      const delayMs = recordRefusal(scheduler, pending, outcome, originOf(from ?? request));
      const leftMs = pending.deadline - monotonicNow();
      const to = otherRoute(pending, monotonicNow())?.endpoint;
      if (closing.aborted || (leftMs < 1 && to === undefined)) return withTries(outcome, pending);
      const mayGo = whenAdmitted(scheduler, pending);
      // On its way to an endpoint that works it is no request that waits, which would go to disk during a flush.
      if (from !== undefined && to !== undefined) options.onMoved?.(request, outcome, from, to);
      else options.onRetry(request, outcome, Math.max(0, Math.min(leftMs, delayMs)));
      if (!(await mayGo)) return withTries(outcome, pending);
    }
  }

  return {
    send,
    expedite() {
      expediting++;
      expedite(scheduler, queue);
      return () => expediting--;
    },
    close: () => inner.close(),
  };
}

function readerAt(endpoint: ExportEndpoint, read: ReadOutcome, pending: PendingRequest): ReadOutcome {
  pending.hasAnswer = false;
  return (response) => {
    pending.hasAnswer = true;
    return read(response, endpoint);
  };
}

const NOT_TRIED: ExportOutcome = { kind: 'retryable', reason: 'no further attempt' };

function withTries(outcome: Retryable, { tries }: PendingRequest): ExportOutcome {
  return { ...outcome, reason: `gave up after ${counted(tries, 'attempt')}, the last: ${outcome.reason}` };
}

/** Key of a circuit: batches have one for each lane, all other requests one for each server. */
function destinationOf(request: TransportRequest): string {
  return request.lane ?? originOf(request);
}
