/**
 * Decides which request is sent next, among the requests of all rings. A request takes a slot only while it is under way, not
 * while it waits for a slot, a back-off or a circuit. Rings take turns. Of one ring the oldest request goes first, because
 * space on the ring is released in order. While a circuit is open, the request with the fewest tries goes first: one of the
 * requests may itself be at fault.
 */
import type { ExportEndpoint } from '../../shared/contract/exporter.js';
import { clearTimeout, monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import type { Circuit } from './circuit-breaker.js';
import * as circuits from './circuit-breaker.js';
import { newPending, newRoute, type PendingRequest, type RequestQueue } from './pending-request.js';
import { nextRouteAt, openRoute } from './routes.js';

export interface RequestScheduler {
  /** Limit of requests under way (option `maxInFlight`). */
  readonly slots: number;
  free: number;
  /** Time of the last change from one free slot to none. */
  fullSince: number;
  readonly circuits: Map<string, Circuit>;
  /** Queues with waiting requests, the next to be served first. */
  readonly queues: Set<RequestQueue>;
  readonly underWay: Set<PendingRequest>;
  /** Called when a destination takes requests again. */
  readonly onRecovered: Set<() => void>;
  timer: NodeJS.Timeout | undefined;
  isDispatching: boolean;
}

/** Poll interval for `isUrgent` while requests wait. */
const LOOK_MS = 250;
/** Requests beside the batches (media) may go to any number of servers: above this number, idle healthy circuits are dropped. */
const MAX_CIRCUITS = 100;

export function createRequestScheduler(slots: number): RequestScheduler {
  return {
    slots,
    free: slots,
    fullSince: 0,
    circuits: new Map(),
    queues: new Set(),
    underWay: new Set(),
    onRecovered: new Set(),
    timer: undefined,
    isDispatching: false,
  };
}

interface PendingOptions extends Partial<Pick<PendingRequest, 'takesSlot' | 'order'>> {
  /** Each has a circuit of its own, which requests of all lanes share. Absent or empty: the destination has one. */
  readonly endpoints?: readonly ExportEndpoint[] | undefined;
}

export function createPending(
  scheduler: RequestScheduler,
  queue: RequestQueue,
  destination: string,
  { takesSlot = true, order = 0, endpoints = [] }: PendingOptions = {},
): PendingRequest {
  const routes =
    endpoints.length === 0
      ? [newRoute(circuitOf(scheduler, destination))]
      : endpoints.map((one) => newRoute(circuitOf(scheduler, `endpoint ${one.url}`), one));
  return newPending(queue, routes, takesSlot, order);
}

/** Calls `onGo` when the request may be sent, possibly before this returns. */
export function queueUp(
  scheduler: RequestScheduler,
  pending: PendingRequest,
  onGo: PendingRequest['onGo'],
): void {
  const { queue } = pending;
  pending.state = 'waiting';
  pending.onGo = onGo;
  queue.waiting.push(pending);
  scheduler.queues.add(queue);
  dispatch(scheduler);
}

/** `queueUp` as a promise. */
export function whenAdmitted(scheduler: RequestScheduler, pending: PendingRequest): Promise<boolean> {
  return new Promise((resolve) => queueUp(scheduler, pending, resolve));
}

/** Cancels those of the requests that wait. */
export function cancelWaiting(scheduler: RequestScheduler, requests: readonly PendingRequest[]): void {
  const waiting = requests.filter(({ state }) => state === 'waiting');
  // All of them leave their queues before another request is sent in their place.
  for (const pending of waiting) {
    stopWaiting(scheduler, pending);
    pending.state = 'idle';
  }
  for (const pending of waiting) pending.onGo(false);
  dispatch(scheduler);
}

/** Frees the slot of a request that was never attempted, so that nothing is known about its destination. */
export function returnSlot(scheduler: RequestScheduler, pending: PendingRequest): void {
  if (pending.state !== 'underWay') return;
  endAttempt(scheduler, pending);
  dispatch(scheduler);
}

/** Sends what waits as soon as there is a slot, even if the circuit is open. */
export function sendNow(scheduler: RequestScheduler, { waiting }: RequestQueue): void {
  for (const pending of waiting) pending.deadline = 0;
  dispatch(scheduler);
}

/** Whether such requests wait for more than a slot: no endpoint of theirs works. */
export function isCircuitOpen({ routes }: PendingRequest): boolean {
  return routes.every(({ circuit }) => circuits.isOpen(circuit));
}

/** Whether no slot has become free for this long. */
export function isStuck({ free, fullSince }: RequestScheduler, ms: number): boolean {
  return free === 0 && monotonicNow() - fullSince > ms;
}

function circuitOf(scheduler: RequestScheduler, destination: string): Circuit {
  const known = scheduler.circuits.get(destination);
  if (known !== undefined) return known;
  if (scheduler.circuits.size >= MAX_CIRCUITS) forgetIdle(scheduler);
  const circuit = circuits.createCircuit(destination);
  scheduler.circuits.set(destination, circuit);
  return circuit;
}

function forgetIdle({ circuits: known, queues }: RequestScheduler): void {
  const waitedFor = new Set(Array.from(queues).flatMap(({ waiting }) => waiting.flatMap(circuitsOf)));
  for (const circuit of known.values()) {
    if (circuit.inFlight === 0 && circuits.isHealthy(circuit) && !waitedFor.has(circuit)) {
      known.delete(circuit.key);
    }
  }
}

function circuitsOf({ routes }: PendingRequest): circuits.Circuit[] {
  return routes.map(({ circuit }) => circuit);
}

/** Ends an attempt, whatever its outcome. */
export function endAttempt(scheduler: RequestScheduler, pending: PendingRequest): void {
  pending.state = 'idle';
  scheduler.underWay.delete(pending);
  pending.route.circuit.inFlight--;
  if (pending.takesSlot) scheduler.free++;
}

/** Sends all requests that may be sent now. */
export function dispatch(scheduler: RequestScheduler): void {
  // `onGo` may call this again: the loop below continues anyway.
  if (scheduler.isDispatching || scheduler.queues.size === 0) return;
  scheduler.isDispatching = true;
  try {
    for (let pending = nextToSend(scheduler); pending !== undefined; pending = nextToSend(scheduler))
      start(scheduler, pending);
  } finally {
    scheduler.isDispatching = false;
  }
  armTimer(scheduler);
}

function start(scheduler: RequestScheduler, pending: PendingRequest): void {
  const now = monotonicNow();
  stopWaiting(scheduler, pending);
  pending.state = 'underWay';
  pending.isOvertaken = false;
  scheduler.underWay.add(pending);
  pending.tries++;
  pending.startedAt = now;
  circuits.begin(pending.route.circuit, now);
  if (pending.takesSlot && --scheduler.free === 0) scheduler.fullSince = now;
  pending.onGo(true);
}

function nextToSend(scheduler: RequestScheduler): PendingRequest | undefined {
  const now = monotonicNow();
  for (const queue of scheduler.queues) {
    const eligible = queue.waiting.filter((pending) => mayGo(scheduler, pending, now));
    if (eligible.length === 0) continue;
    // Round robin: the other queues come first next time.
    scheduler.queues.delete(queue);
    scheduler.queues.add(queue);
    return eligible.reduce((best, one) => (comesBefore(one, best) ? one : best));
  }
  return undefined;
}

function mayGo({ free }: RequestScheduler, pending: PendingRequest, now: number): boolean {
  if (pending.takesSlot && free === 0) return false;
  const route = openRoute(pending, now);
  if (route === undefined) return false;
  pending.route = route;
  return true;
}

function comesBefore(one: PendingRequest, other: PendingRequest): boolean {
  const { circuit } = one.route;
  if (circuit === other.route.circuit && circuits.isOpen(circuit) && one.tries !== other.tries) {
    return one.tries < other.tries;
  }
  return one.order < other.order;
}

function stopWaiting({ queues }: RequestScheduler, pending: PendingRequest): void {
  const { queue } = pending;
  queue.waiting.splice(queue.waiting.indexOf(pending), 1);
  if (queue.waiting.length === 0) queues.delete(queue);
}

/** Sets the one timer, for the earliest time at which the clock alone lets a request go. */
function armTimer(scheduler: RequestScheduler): void {
  clearTimeout(scheduler.timer);
  scheduler.timer = undefined;
  const now = monotonicNow();
  let at = Number.POSITIVE_INFINITY;
  for (const { waiting } of scheduler.queues) {
    for (const pending of waiting) {
      if (pending.takesSlot && scheduler.free === 0) continue;
      // The queue may become urgent before that.
      at = Math.min(at, pending.deadline, Math.max(nextRouteAt(pending), now), now + LOOK_MS);
    }
  }
  if (at === Number.POSITIVE_INFINITY) return;
  scheduler.timer = setTimeout(dispatch, Math.max(1, Math.ceil(at - now)), scheduler).unref();
}
