/**
 * The circuit breaker of one destination: of a lane of batches, or of the server of a request that is sent beside them.
 *
 *   closed ── a refusal ──▶ open: one probe at a time, with a back-off that all requests to the destination share
 *     ▲                       │ a probe gets an answer
 *     └── as many as there ◀──┘ recovering: twice as many requests at a time after each answer
 *         are slots
 *
 * Holds no timer and does not know which requests wait.
 */

export interface Circuit {
  readonly key: string;
  /** Origin of the last request that failed: circuits of one server learn from each other that it is back. */
  origin: string | undefined;
  /** Requests that were sent and have no answer yet. */
  inFlight: number;
  /** Limit of `inFlight`; finite only for a while after an outage. */
  allowed: number;
  /** This and all times below are by the monotonic clock. Undefined while the circuit is closed. */
  openSince: number | undefined;
  /** Failed probes in a row. */
  failedProbes: number;
  /** Time of the next probe. */
  probeAt: number;
  /** Time of the next probe if the queue is urgent (see `RequestQueue.isUrgent`). */
  urgentAt: number;
  /** The server sent Retry-After: no probe before this time. */
  retryAfterUntil: number;
  /** Just closed: no further request before this time. */
  resumeAt: number;
  /** Time of the last answer that was no refusal. */
  lastAnswerAt: number;
  /** The one request that failed, as long as it and not the server may be at fault: another request may probe at once. */
  suspect: object | undefined;
  /** Of the last refusal: it was about the address or the credentials. */
  isMisconfigured: boolean;
  /** Of the last refusal: it took long to come, as where nothing answers. */
  isSlow: boolean;
}

export interface Refusal {
  readonly retryAfterMs?: number;
  readonly misconfigured?: boolean;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** A wrong key is rarely corrected within seconds. */
const MAX_MISCONFIGURED_BACKOFF_MS = 60_000;
/** Time between probes of an urgent queue, however long the outage lasts. */
const URGENT_MS = 1_000;
/** Least time between two probes while the first has no outcome: a silent server may be back before the first times out. */
const SECOND_TRY_MS = 1_000;
/** Spreads the requests of a fleet that learns at one moment that its server is back. */
const SPREAD_MS = 200;
/** A refusal that takes longer is slow. */
const SLOW_MS = 1_000;
/** Requests at a time after the first answer. */
const FIRST_ALLOWED = 2;

export function createCircuit(key: string): Circuit {
  return {
    key,
    origin: undefined,
    inFlight: 0,
    allowed: Number.POSITIVE_INFINITY,
    openSince: undefined,
    failedProbes: 0,
    probeAt: 0,
    urgentAt: 0,
    retryAfterUntil: 0,
    resumeAt: 0,
    lastAnswerAt: Number.NEGATIVE_INFINITY,
    suspect: undefined,
    isMisconfigured: false,
    isSlow: false,
  };
}

export function isOpen({ openSince }: Circuit): boolean {
  return openSince !== undefined;
}

/** Whether the circuit is closed and no longer limited after an outage. */
export function isHealthy({ openSince, allowed }: Circuit): boolean {
  return openSince === undefined && allowed === Number.POSITIVE_INFINITY;
}

export function mayBegin(circuit: Circuit, who: object, isUrgent: () => boolean, now: number): boolean {
  if (!isOpen(circuit)) return now >= circuit.resumeAt && circuit.inFlight < circuit.allowed;
  if (now < circuit.retryAfterUntil) return false;
  const isDue = now >= circuit.probeAt || (now >= circuit.urgentAt && isUrgent());
  return isDue || (circuit.suspect !== undefined && circuit.suspect !== who && circuit.inFlight === 0);
}

/** The earliest time at which `mayBegin` may become true by the clock alone. */
export function nextTryAt(
  { openSince, resumeAt, probeAt, urgentAt, retryAfterUntil }: Circuit,
  isUrgent: () => boolean,
): number {
  if (openSince === undefined) return resumeAt;
  return Math.max(retryAfterUntil, urgentAt < probeAt && isUrgent() ? urgentAt : probeAt);
}

export function begin(circuit: Circuit, now: number): void {
  circuit.inFlight++;
  if (!isOpen(circuit)) return;
  circuit.suspect = undefined;
  circuit.probeAt = now + Math.max(SECOND_TRY_MS, backoffMs(circuit.failedProbes, MAX_BACKOFF_MS));
  circuit.urgentAt = now + SECOND_TRY_MS;
}

/** Records an answer that is no refusal, for an attempt that began at `startedAt`. Returns whether it closes the circuit. */
export function recordAnswer(circuit: Circuit, startedAt: number, slots: number, now: number): boolean {
  circuit.lastAnswerAt = now;
  const { openSince } = circuit;
  if (openSince === undefined) {
    circuit.allowed *= 2;
    if (circuit.allowed >= slots) circuit.allowed = Number.POSITIVE_INFINITY;
    return false;
  }
  // An attempt that began before the failure proves nothing.
  if (startedAt < openSince) return false;
  circuit.openSince = undefined;
  circuit.suspect = undefined;
  circuit.failedProbes = 0;
  circuit.retryAfterUntil = 0;
  circuit.resumeAt = now + Math.random() * SPREAD_MS;
  circuit.allowed = FIRST_ALLOWED < slots ? FIRST_ALLOWED : Number.POSITIVE_INFINITY;
  return true;
}

/** Records a refusal, unless there is a sign that this request alone is at fault. `who`: the request. */
export function recordRefusal(
  circuit: Circuit,
  who: object,
  startedAt: number,
  { retryAfterMs = 0, misconfigured }: Refusal,
  now: number,
): void {
  const { openSince } = circuit;
  if (retryAfterMs > 0) circuit.retryAfterUntil = Math.max(circuit.retryAfterUntil, now + retryAfterMs);
  if (openSince !== undefined && startedAt < openSince) {
    if (circuit.suspect !== who) circuit.suspect = undefined;
    return;
  }
  circuit.openSince ??= now;
  circuit.suspect = openSince === undefined ? who : undefined;
  circuit.isMisconfigured = misconfigured === true;
  circuit.isSlow = now - startedAt > SLOW_MS;
  circuit.probeAt =
    now + backoffMs(circuit.failedProbes++, misconfigured ? MAX_MISCONFIGURED_BACKOFF_MS : MAX_BACKOFF_MS);
  circuit.urgentAt = now + (URGENT_MS * (1 + Math.random())) / 2;
}

/** Makes the next probe due now, unless the server sent Retry-After, and resets the back-off. */
export function hastenProbe(circuit: Circuit, now: number): void {
  circuit.failedProbes = 0;
  circuit.probeAt = Math.min(circuit.probeAt, now);
}

/** Exponential back-off with full jitter: a fleet that lost its server at one moment must not come back at one moment. */
export function backoffMs(failures: number, longest = MAX_BACKOFF_MS): number {
  return Math.random() * Math.min(longest, FIRST_BACKOFF_MS * 2 ** failures);
}
