/** The attempts of one request, one after the other, and the ring in whose name it waits for them. */
import type { Circuit } from './circuit-breaker.js';

/** A ring's requests. */
export interface Owner {
  readonly waiting: Turn[];
  /** Whether events are about to be lost, or somebody waits: a destination that refuses is tried more often. */
  readonly isUrgent: () => boolean;
}

/** The attempts of one request, one after the other. */
export interface Turn {
  readonly owner: Owner;
  readonly circuit: Circuit;
  /** What is small and rare goes beside the slots. */
  readonly takesSlot: boolean;
  /** The smaller, the older. */
  readonly order: number;
  state: 'idle' | 'waiting' | 'underWay';
  tries: number;
  /** By the monotonic clock: of the last attempt, and of its failure. */
  startedAt: number;
  failedAt: number;
  /** Failures, one after the other, while the destination took other requests. */
  ownFailures: number;
  /** On its own account: no sooner than this. */
  notBefore: number;
  /** Whether the server has named that time. */
  isAsked: boolean;
  /** Its last try is due then, whatever speaks against it. */
  deadline: number;
  /** With false if it is not to go any more. */
  onGo: (mayGo: boolean) => void;
  /** Whether its attempt was given up, as others came through that began later. */
  isOvertaken: boolean;
  onOvertaken: () => void;
}

export function createOwner(isUrgent: () => boolean): Owner {
  return { waiting: [], isUrgent };
}

export function newTurn(owner: Owner, circuit: Circuit, takesSlot: boolean, order: number): Turn {
  return {
    owner,
    circuit,
    takesSlot,
    order,
    state: 'idle',
    tries: 0,
    startedAt: 0,
    failedAt: Number.POSITIVE_INFINITY,
    ownFailures: 0,
    notBefore: 0,
    isAsked: false,
    deadline: Number.POSITIVE_INFINITY,
    onGo: () => {},
    isOvertaken: false,
    onOvertaken: () => {},
  };
}
