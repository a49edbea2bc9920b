/**
 * Whether a destination takes requests: a lane of batches, or the server of a request that is sent beside them. Once it
 * refuses, its circuit is open: one request after the other tries whether it does again, with a back-off that all of them
 * share, and the others wait for that. When one comes through, the circuit is closed and the others follow, twice as many at
 * a time after each success. Holds no timer and knows nothing of those who wait.
 */

export interface Circuit {
  readonly key: string;
  /** Of its last request that failed: circuits of one server learn from each other that it is back. */
  origin: string | undefined;
  /** Requests that this destination has been sent and has not answered. */
  inFlight: number;
  /** The most of them: bounded only for a while after an outage. */
  allowed: number;
  /** The following times are by the monotonic clock. Since when it is open; undefined while it is closed. */
  openSince: number | undefined;
  /** Tries in vain, one after the other. */
  backoffs: number;
  /** When the next one is due. */
  probeAt: number;
  /** The same where somebody waits, or events are about to be lost. */
  urgentAt: number;
  /** The server has asked to be left alone until then. */
  askedUntil: number;
  /** Just closed: when the others follow. */
  resumeAt: number;
  /** When it has last taken a request. */
  cameThroughAt: number;
  /** The one request that has failed, while it may be to blame and not the server: another may try at once. */
  suspect: object | undefined;
}

export interface Refusal {
  readonly retryAfterMs?: number;
  readonly misconfigured?: boolean;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** Nobody puts a key right within seconds, time and again. */
const MAX_MISCONFIGURED_BACKOFF_MS = 60_000;
/** Where loss is near: a single request a second, however long it has been going on. */
const URGENT_MS = 1_000;
/** While nothing has come of one try, another is made no sooner: a server that is silent may be back before it times out. */
const SECOND_TRY_MS = 1_000;
/** A fleet that has learnt at one moment that its server is back does not come back at that moment. */
const SPREAD_MS = 200;
const FIRST_ALLOWED = 2;

export function createCircuit(key: string): Circuit {
  return {
    key,
    origin: undefined,
    inFlight: 0,
    allowed: Number.POSITIVE_INFINITY,
    openSince: undefined,
    backoffs: 0,
    probeAt: 0,
    urgentAt: 0,
    askedUntil: 0,
    resumeAt: 0,
    cameThroughAt: Number.NEGATIVE_INFINITY,
    suspect: undefined,
  };
}

export function isOpen({ openSince }: Circuit): boolean {
  return openSince !== undefined;
}

/** Whether it works as if there had been no outage. */
export function isSound({ openSince, allowed }: Circuit): boolean {
  return openSince === undefined && allowed === Number.POSITIVE_INFINITY;
}

export function mayBegin(circuit: Circuit, who: object, isUrgent: () => boolean, now: number): boolean {
  if (!isOpen(circuit)) return now >= circuit.resumeAt && circuit.inFlight < circuit.allowed;
  if (now < circuit.askedUntil) return false;
  const isDue = now >= circuit.probeAt || (now >= circuit.urgentAt && isUrgent());
  return isDue || (circuit.suspect !== undefined && circuit.suspect !== who && circuit.inFlight === 0);
}

/** The earliest time at which that may change without anything else happening. */
export function nextTryAt(
  { openSince, resumeAt, probeAt, urgentAt, askedUntil }: Circuit,
  isUrgent: () => boolean,
): number {
  if (openSince === undefined) return resumeAt;
  return Math.max(askedUntil, urgentAt < probeAt && isUrgent() ? urgentAt : probeAt);
}

export function begin(circuit: Circuit, now: number): void {
  circuit.inFlight++;
  if (!isOpen(circuit)) return;
  circuit.suspect = undefined;
  circuit.probeAt = now + Math.max(SECOND_TRY_MS, backoffMs(circuit.backoffs, MAX_BACKOFF_MS));
  circuit.urgentAt = now + SECOND_TRY_MS;
}

/** An attempt that began at `startedAt` has an answer that is no refusal. True: with it the circuit closes. */
export function comeThrough(circuit: Circuit, startedAt: number, slots: number, now: number): boolean {
  circuit.cameThroughAt = now;
  const { openSince } = circuit;
  if (openSince === undefined) {
    circuit.allowed *= 2;
    if (circuit.allowed >= slots) circuit.allowed = Number.POSITIVE_INFINITY;
    return false;
  }
  // One that was under way beside the failure proves nothing.
  if (startedAt < openSince) return false;
  circuit.openSince = undefined;
  circuit.suspect = undefined;
  circuit.backoffs = 0;
  circuit.askedUntil = 0;
  circuit.resumeAt = now + Math.random() * SPREAD_MS;
  circuit.allowed = FIRST_ALLOWED < slots ? FIRST_ALLOWED : Number.POSITIVE_INFINITY;
  return true;
}

/** The destination has refused an attempt that began at `startedAt`, and there is no sign that it is but this request. */
export function refuse(
  circuit: Circuit,
  who: object,
  startedAt: number,
  { retryAfterMs = 0, misconfigured }: Refusal,
  now: number,
): void {
  const { openSince } = circuit;
  if (retryAfterMs > 0) circuit.askedUntil = Math.max(circuit.askedUntil, now + retryAfterMs);
  if (openSince !== undefined && startedAt < openSince) {
    if (circuit.suspect !== who) circuit.suspect = undefined;
    return;
  }
  circuit.openSince ??= now;
  circuit.suspect = openSince === undefined ? who : undefined;
  circuit.probeAt =
    now + backoffMs(circuit.backoffs++, misconfigured ? MAX_MISCONFIGURED_BACKOFF_MS : MAX_BACKOFF_MS);
  circuit.urgentAt = now + (URGENT_MS * (1 + Math.random())) / 2;
}

/** The next try is due now, unless the server has asked for time; the back-off begins anew. */
export function hasten(circuit: Circuit, now: number): void {
  circuit.backoffs = 0;
  circuit.probeAt = Math.min(circuit.probeAt, now);
}

/** Full jitter: a fleet that lost its server together must not come back together. */
export function backoffMs(earlier: number, longest = MAX_BACKOFF_MS): number {
  return Math.random() * Math.min(longest, FIRST_BACKOFF_MS * 2 ** earlier);
}
