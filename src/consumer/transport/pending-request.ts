/** One request from its first wait to its last attempt, and the queue of its ring. */
import type { ExportEndpoint } from '../../shared/contract/exporter.js';
import type { Circuit } from './circuit-breaker.js';

/** The requests of one ring that wait to be sent. */
export interface RequestQueue {
  readonly waiting: PendingRequest[];
  /** Whether events are about to be dropped or a flush waits: a destination that refuses is tried more often. */
  readonly isUrgent: () => boolean;
}

/** One way for a request: the circuit of a destination, and what this request alone has met with there. */
export interface Route {
  readonly circuit: Circuit;
  /** Undefined: the request goes where it says itself. */
  readonly endpoint: ExportEndpoint | undefined;
  /** Time of its last failure there, by the monotonic clock. */
  failedAt: number;
  /** Failures in a row while the destination took other requests. */
  ownFailures: number;
  /** Earliest time of the next attempt, whatever the circuit says. */
  notBefore: number;
  /** Whether the server named that time (Retry-After). */
  hasRetryAfter: boolean;
  /** Whether the request has got no answer there while others did: it goes elsewhere, if it can. */
  isAvoided: boolean;
}

export interface PendingRequest {
  readonly queue: RequestQueue;
  /** Mostly one. Several: endpoints, in order of preference (routes.ts). */
  readonly routes: readonly Route[];
  /** The one that the last attempt took, or the next one takes. */
  route: Route;
  /** Small, rare requests (media, trace updates) do not take one of the slots. */
  readonly takesSlot: boolean;
  /** The smaller, the older. */
  readonly order: number;
  state: 'idle' | 'waiting' | 'underWay';
  tries: number;
  /** Start of the last attempt, by the monotonic clock. */
  startedAt: number;
  /** Whether the last attempt got an answer, of a request with several routes. */
  hasAnswer: boolean;
  /** Time of the last attempt, which is made whatever speaks against it. */
  deadline: number;
  /** Called with false if the request is no longer to be sent. */
  onGo: (mayGo: boolean) => void;
  /** Whether the attempt was aborted because later requests got answers first. */
  isOvertaken: boolean;
  onOvertaken: () => void;
}

export function createRequestQueue(isUrgent: () => boolean): RequestQueue {
  return { waiting: [], isUrgent };
}

export function newRoute(circuit: Circuit, endpoint?: ExportEndpoint): Route {
  return {
    circuit,
    endpoint,
    failedAt: Number.POSITIVE_INFINITY,
    ownFailures: 0,
    notBefore: 0,
    hasRetryAfter: false,
    isAvoided: false,
  };
}

/** `routes`: at least one. */
export function newPending(
  queue: RequestQueue,
  routes: readonly Route[],
  takesSlot: boolean,
  order: number,
): PendingRequest {
  return {
    queue,
    routes,
    route: routes[0] as Route,
    takesSlot,
    order,
    state: 'idle',
    tries: 0,
    startedAt: 0,
    hasAnswer: false,
    deadline: Number.POSITIVE_INFINITY,
    onGo: () => {},
    isOvertaken: false,
    onOvertaken: () => {},
  };
}
