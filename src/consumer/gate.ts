/**
 * Which request goes next, of all rings together. A slot is for a request under way; one that waits has none, whatever it
 * waits for. Each ring gets its turn, and of its requests the oldest, as space on a ring is released in order; but while a
 * destination refuses, the one that has been tried least: it may be a request that is to blame.
 */
import { clearTimeout, monotonicNow, setTimeout } from '../shared/real-time.js';
import type { Circuit, Refusal } from './circuit.js';
import * as circuits from './circuit.js';

export interface Gate {
  /** Requests under way at once. */
  readonly slots: number;
  free: number;
  /** When a slot has last been given back. */
  freedAt: number;
  readonly circuits: Map<string, Circuit>;
  /** Those of whom something waits, in the order in which they get their turns. */
  readonly owners: Set<Owner>;
  timer: NodeJS.Timeout | undefined;
  isPassing: boolean;
}

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
}

/** While a destination is tried: so often is looked whether it has become urgent. */
const LOOK_MS = 250;
/** Beside the batches requests may go to any number of servers; so many are remembered that are in order. */
const MAX_CIRCUITS = 100;

export function createGate(slots: number): Gate {
  return {
    slots,
    free: slots,
    freedAt: 0,
    circuits: new Map(),
    owners: new Set(),
    timer: undefined,
    isPassing: false,
  };
}

export function createOwner(isUrgent: () => boolean): Owner {
  return { waiting: [], isUrgent };
}

/** For a request to `destination`. */
export function createTurn(
  gate: Gate,
  owner: Owner,
  destination: string,
  { takesSlot = true, order = 0 }: Partial<Pick<Turn, 'takesSlot' | 'order'>> = {},
): Turn {
  return {
    owner,
    circuit: circuitOf(gate, destination),
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
  };
}

/** Calls `onGo` when the request may go, which may be in this call. */
export function queueUp(gate: Gate, turn: Turn, onGo: Turn['onGo']): void {
  const { owner } = turn;
  turn.state = 'waiting';
  turn.onGo = onGo;
  owner.waiting.push(turn);
  gate.owners.add(owner);
  pass(gate);
}

/** The same as a promise. */
export function goes(gate: Gate, turn: Turn): Promise<boolean> {
  return new Promise((resolve) => queueUp(gate, turn, resolve));
}

/** The attempt has an answer: the destination is there. */
export function answered(gate: Gate, turn: Turn): void {
  const now = monotonicNow();
  const { circuit, startedAt } = turn;
  endAttempt(gate, turn, now);
  if (circuits.comeThrough(circuit, startedAt, gate.slots, now)) hastenSiblings(gate, circuit, now);
  pass(gate);
}

/** The attempt is to be made again. What is known by it: how long that will take, unless others come through meanwhile. */
export function refused(gate: Gate, turn: Turn, refusal: Refusal, origin: string): number {
  const now = monotonicNow();
  const { circuit, startedAt } = turn;
  const { retryAfterMs = 0 } = refusal;
  const asked = retryAfterMs > 0 ? retryAfterMs : 0;
  endAttempt(gate, turn, now);
  circuit.origin = origin;
  // Others came through beside this attempt, or since the one before it.
  const isItsOwn = !circuits.isOpen(circuit) && circuit.cameThroughAt > Math.min(startedAt, turn.failedAt);
  if (isItsOwn) {
    turn.notBefore = now + Math.max(circuits.backoffMs(turn.ownFailures++), asked);
  } else {
    circuits.refuse(circuit, turn, startedAt, refusal, now);
    turn.ownFailures = 0;
    turn.notBefore = now + asked;
  }
  turn.failedAt = now;
  turn.isAsked = asked > 0;
  pass(gate);
  return Math.max(turn.notBefore, circuits.nextTryAt(circuit, turn.owner.isUrgent)) - now;
}

/** Gives up the place, wherever it is. One that is under way has told nothing of its destination. */
export function leave(gate: Gate, turn: Turn): void {
  if (turn.state === 'waiting') {
    stopWaiting(gate, turn);
    turn.state = 'idle';
    turn.onGo(false);
  } else if (turn.state === 'underWay') {
    endAttempt(gate, turn, monotonicNow());
  }
  pass(gate);
}

/** None of this ring's requests goes any more. */
export function leaveAll(gate: Gate, { waiting }: Owner): void {
  const turns = [...waiting];
  for (const turn of turns) {
    stopWaiting(gate, turn);
    turn.state = 'idle';
  }
  for (const turn of turns) turn.onGo(false);
  pass(gate);
}

/** What waits goes as soon as there is a slot, whatever is known of its destination. */
export function force(gate: Gate, { waiting }: Owner): void {
  for (const turn of waiting) turn.deadline = 0;
  pass(gate);
}

/** The end is near: what waits is tried now and backs off anew, but for what the server has asked to wait. */
export function hurry(gate: Gate, { waiting }: Owner): void {
  const now = monotonicNow();
  for (const turn of waiting) {
    circuits.hasten(turn.circuit, now);
    if (turn.isAsked) continue;
    turn.notBefore = now;
    turn.ownFailures = 0;
  }
  pass(gate);
}

/** Whether requests come through as if there had been no outage, or none waits for that any more. */
export function isSound({ owners }: Gate, { circuit }: Turn): boolean {
  if (circuits.isSound(circuit)) return true;
  if (circuits.isOpen(circuit)) return false;
  for (const { waiting } of owners) if (waiting.some((turn) => turn.circuit === circuit)) return false;
  return true;
}

/** Whether a request to this destination waits for more than a slot. */
export function isRefusing({ circuit }: Turn): boolean {
  return circuits.isOpen(circuit);
}

/** Whether every slot has been taken for so long, all by requests that have no answer. */
export function isStuck({ free, freedAt }: Gate, ms: number): boolean {
  return free === 0 && monotonicNow() - freedAt > ms;
}

function circuitOf(gate: Gate, destination: string): Circuit {
  const known = gate.circuits.get(destination);
  if (known !== undefined) return known;
  if (gate.circuits.size >= MAX_CIRCUITS) forgetIdle(gate);
  const circuit = circuits.createCircuit(destination);
  gate.circuits.set(destination, circuit);
  return circuit;
}

function forgetIdle({ circuits: known, owners }: Gate): void {
  const waitedFor = new Set(Array.from(owners).flatMap(({ waiting }) => waiting.map((one) => one.circuit)));
  for (const circuit of known.values()) {
    if (circuit.inFlight === 0 && circuits.isSound(circuit) && !waitedFor.has(circuit)) {
      known.delete(circuit.key);
    }
  }
}

function endAttempt(gate: Gate, turn: Turn, now: number): void {
  turn.state = 'idle';
  turn.circuit.inFlight--;
  if (!turn.takesSlot) return;
  gate.free++;
  gate.freedAt = now;
}

/** What else goes to the same server may try as well. */
function hastenSiblings(gate: Gate, closed: Circuit, now: number): void {
  for (const circuit of gate.circuits.values()) {
    if (circuit.origin !== closed.origin || !circuits.isOpen(circuit)) continue;
    circuits.hasten(circuit, Math.max(now, closed.resumeAt));
  }
}

/** Lets through whatever may go. */
function pass(gate: Gate): void {
  // Whoever goes may call for this; it goes on below.
  if (gate.isPassing || gate.owners.size === 0) return;
  gate.isPassing = true;
  for (let turn = nextTurn(gate); turn !== undefined; turn = nextTurn(gate)) {
    const now = monotonicNow();
    stopWaiting(gate, turn);
    turn.state = 'underWay';
    turn.tries++;
    turn.startedAt = now;
    circuits.begin(turn.circuit, now);
    if (turn.takesSlot) gate.free--;
    turn.onGo(true);
  }
  gate.isPassing = false;
  setAlarm(gate);
}

function nextTurn(gate: Gate): Turn | undefined {
  const now = monotonicNow();
  for (const owner of gate.owners) {
    const eligible = owner.waiting.filter((turn) => mayGo(gate, turn, now));
    if (eligible.length === 0) continue;
    // The next time the others come first.
    gate.owners.delete(owner);
    gate.owners.add(owner);
    return eligible.reduce((best, one) => (comesBefore(one, best) ? one : best));
  }
  return undefined;
}

function mayGo({ free }: Gate, turn: Turn, now: number): boolean {
  if (turn.takesSlot && free === 0) return false;
  if (now >= turn.deadline) return true;
  return now >= turn.notBefore && circuits.mayBegin(turn.circuit, turn, turn.owner.isUrgent, now);
}

function comesBefore(one: Turn, other: Turn): boolean {
  if (one.circuit === other.circuit && circuits.isOpen(one.circuit) && one.tries !== other.tries) {
    return one.tries < other.tries;
  }
  return one.order < other.order;
}

function stopWaiting({ owners }: Gate, turn: Turn): void {
  const { owner } = turn;
  owner.waiting.splice(owner.waiting.indexOf(turn), 1);
  if (owner.waiting.length === 0) owners.delete(owner);
}

/** One timer, for whoever may go first by the time alone. */
function setAlarm(gate: Gate): void {
  clearTimeout(gate.timer);
  gate.timer = undefined;
  const now = monotonicNow();
  let at = Number.POSITIVE_INFINITY;
  for (const { waiting } of gate.owners) {
    for (const turn of waiting) {
      if (turn.takesSlot && gate.free === 0) continue;
      const mayAt = Math.max(turn.notBefore, circuits.nextTryAt(turn.circuit, turn.owner.isUrgent));
      // It may become urgent meanwhile.
      at = Math.min(at, turn.deadline, Math.max(mayAt, now), now + LOOK_MS);
    }
  }
  if (at === Number.POSITIVE_INFINITY) return;
  gate.timer = setTimeout(pass, Math.max(1, Math.ceil(at - now)), gate).unref();
}
