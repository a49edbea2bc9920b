/** One request from its first wait to its last attempt, and the queue of its ring. */
import type { Circuit } from './circuit-breaker.js';

/** The requests of one ring that wait to be sent. */
export interface RequestQueue {
  readonly waiting: PendingRequest[];
  /** Whether events are about to be dropped or a flush waits: a destination that refuses is tried more often. */
  readonly isUrgent: () => boolean;
}

export interface PendingRequest {
  readonly queue: RequestQueue;
  readonly circuit: Circuit;
  /** Small, rare requests (media, trace updates) do not take one of the slots. */
  readonly takesSlot: boolean;
  /** The smaller, the older. */
  readonly order: number;
  state: 'idle' | 'waiting' | 'underWay';
  tries: number;
  /** Start of the last attempt and time of its failure, by the monotonic clock. */
  startedAt: number;
  failedAt: number;
  /** Failures in a row while the destination took other requests. */
  ownFailures: number;
  /** Earliest time of the next attempt, whatever the circuit says. */
  notBefore: number;
  /** Whether the server named that time (Retry-After). */
  hasRetryAfter: boolean;
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

export function newPending(
  queue: RequestQueue,
  circuit: Circuit,
  takesSlot: boolean,
  order: number,
): PendingRequest {
  return {
    queue,
    circuit,
    takesSlot,
    order,
    state: 'idle',
    tries: 0,
    startedAt: 0,
    failedAt: Number.POSITIVE_INFINITY,
    ownFailures: 0,
    notBefore: 0,
    hasRetryAfter: false,
    deadline: Number.POSITIVE_INFINITY,
    onGo: () => {},
    isOvertaken: false,
    onOvertaken: () => {},
  };
}
