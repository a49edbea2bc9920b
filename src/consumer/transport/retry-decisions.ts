/** Retry decisions: what the outcome of an attempt means for its request, and for other requests to the same destination. */
import { monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import type { Circuit, Refusal } from './circuit-breaker.js';
import * as circuits from './circuit-breaker.js';
import type { PendingRequest, RequestQueue } from './pending-request.js';
import { dispatch, endAttempt, type RequestScheduler } from './request-scheduler.js';
import { nextRouteAt } from './routes.js';

/** After an outage an older attempt is aborted after this time, or this multiple of what the first answer took, if that is longer. */
const HANGING_MS = 500;
const HANGING_TIMES = 5;

/** Records an answer that is no refusal: the destination works. */
export function recordAnswer(scheduler: RequestScheduler, pending: PendingRequest): void {
  const now = monotonicNow();
  const { startedAt } = pending;
  const { circuit } = pending.route;
  endAttempt(scheduler, pending);
  if (circuits.recordAnswer(circuit, startedAt, scheduler.slots, now)) {
    probeSiblings(scheduler, circuit, now);
    abortHanging(scheduler, pending, now - startedAt);
    for (const tell of scheduler.onRecovered) tell();
  }
  dispatch(scheduler);
}

/** Records a refusal. Returns the time until the next attempt in ms, which an answer to another request may shorten. */
export function recordRefusal(
  scheduler: RequestScheduler,
  pending: PendingRequest,
  refusal: Refusal,
  origin: string,
): number {
  const now = monotonicNow();
  const { route, startedAt } = pending;
  const { circuit } = route;
  const { retryAfterMs = 0 } = refusal;
  const requestedMs = retryAfterMs > 0 ? retryAfterMs : 0;
  endAttempt(scheduler, pending);
  circuit.origin = origin;
  // Other requests got answers during this attempt, or since the one before it.
  const isItsOwn = !circuits.isOpen(circuit) && circuit.lastAnswerAt > Math.min(startedAt, route.failedAt);
  if (pending.isOvertaken) {
    route.notBefore = now;
  } else if (isItsOwn) {
    route.notBefore = now + Math.max(circuits.backoffMs(route.ownFailures++), requestedMs);
    route.isAvoided = !pending.hasAnswer;
  } else {
    circuits.recordRefusal(circuit, pending, startedAt, refusal, now);
    route.ownFailures = 0;
    route.notBefore = now + requestedMs;
  }
  route.failedAt = now;
  route.hasRetryAfter = requestedMs > 0;
  dispatch(scheduler);
  return nextRouteAt(pending) - now;
}

/** Before a shutdown: retries what waits at once and resets its back-off, except where the server sent Retry-After. */
export function expedite(scheduler: RequestScheduler, { waiting }: RequestQueue): void {
  const now = monotonicNow();
  for (const route of waiting.flatMap(({ routes }) => routes)) {
    circuits.hastenProbe(route.circuit, now);
    if (route.hasRetryAfter) continue;
    route.notBefore = now;
    route.ownFailures = 0;
  }
  dispatch(scheduler);
}

/** Whether the destination has recovered from its outage, or no request waits for that. */
export function isHealthy({ queues }: RequestScheduler, { route: { circuit } }: PendingRequest): boolean {
  if (circuits.isHealthy(circuit)) return true;
  if (circuits.isOpen(circuit)) return false;
  for (const { waiting } of queues)
    if (waiting.some((pending) => pending.route.circuit === circuit)) return false;
  return true;
}

/** Other circuits of the same server may probe as well. */
function probeSiblings(scheduler: RequestScheduler, closed: Circuit, now: number): void {
  for (const circuit of scheduler.circuits.values()) {
    if (circuit.origin !== closed.origin || !circuits.isOpen(circuit)) continue;
    circuits.hastenProbe(circuit, Math.max(now, closed.resumeAt));
  }
}

/**
 * Aborts older attempts that hang. A server that was silent and is back does not know them: they would wait for their
 * time-out and hold up all records behind them on the ring. A server that is only slow gets a multiple of the time that its
 * last answer took.
 */
function abortHanging(
  { underWay }: RequestScheduler,
  { route: { circuit }, startedAt }: PendingRequest,
  tookMs: number,
): void {
  const before = [...underWay].filter(
    (pending) => pending.route.circuit === circuit && pending.startedAt < startedAt,
  );
  if (before.length === 0) return;
  const startTimes = new Map(before.map((pending) => [pending, pending.startedAt]));
  const abort = (): void => {
    for (const [pending, since] of startTimes) {
      if (pending.state !== 'underWay' || pending.startedAt !== since) continue;
      pending.isOvertaken = true;
      pending.onOvertaken();
    }
  };
  setTimeout(abort, Math.max(HANGING_MS, HANGING_TIMES * tookMs)).unref();
}
