/**
 * Which request goes next, of all rings together. A slot is for a request under way; one that waits has none, whatever it
 * waits for. Each ring gets its turn, and of its requests the oldest, as space on a ring is released in order; but while a
 * destination refuses, the one that has been tried least: it may be a request that is to blame.
 */
import { clearTimeout, monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import { newTurn, type Owner, type Turn } from './attempts.js';
import type { Circuit } from './circuit-breaker.js';
import * as circuits from './circuit-breaker.js';

export interface Gate {
  /** Requests under way at once. */
  readonly slots: number;
  free: number;
  /** Since when every slot has been taken, and none given back. */
  fullSince: number;
  readonly circuits: Map<string, Circuit>;
  /** Those of whom something waits, in the order in which they get their turns. */
  readonly owners: Set<Owner>;
  readonly underWay: Set<Turn>;
  /** Called when a destination takes requests again. */
  readonly onBack: Set<() => void>;
  timer: NodeJS.Timeout | undefined;
  isPassing: boolean;
}

/** While a destination is tried: so often is looked whether it has become urgent. */
const LOOK_MS = 250;
/** Beside the batches requests may go to any number of servers; so many are remembered that are in order. */
const MAX_CIRCUITS = 100;

export function createGate(slots: number): Gate {
  return {
    slots,
    free: slots,
    fullSince: 0,
    circuits: new Map(),
    owners: new Set(),
    underWay: new Set(),
    onBack: new Set(),
    timer: undefined,
    isPassing: false,
  };
}

/** For a request to `destination`. */
export function createTurn(
  gate: Gate,
  owner: Owner,
  destination: string,
  { takesSlot = true, order = 0 }: Partial<Pick<Turn, 'takesSlot' | 'order'>> = {},
): Turn {
  return newTurn(owner, circuitOf(gate, destination), takesSlot, order);
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

/** None of these goes any more, of those that wait. */
export function leaveAll(gate: Gate, turns: readonly Turn[]): void {
  const waiting = turns.filter(({ state }) => state === 'waiting');
  // All of them, before any other goes in their place.
  for (const turn of waiting) {
    stopWaiting(gate, turn);
    turn.state = 'idle';
  }
  for (const turn of waiting) turn.onGo(false);
  pass(gate);
}

/** Gives its place back where it is under way: it has told nothing of its destination. */
export function giveBack(gate: Gate, turn: Turn): void {
  if (turn.state !== 'underWay') return;
  endAttempt(gate, turn);
  pass(gate);
}

/** What waits goes as soon as there is a slot, whatever is known of its destination. */
export function force(gate: Gate, { waiting }: Owner): void {
  for (const turn of waiting) turn.deadline = 0;
  pass(gate);
}

/** Whether a request to this destination waits for more than a slot. */
export function isRefusing({ circuit }: Turn): boolean {
  return circuits.isOpen(circuit);
}

/** Whether every slot has been taken for so long, all by requests that have no answer. */
export function isStuck({ free, fullSince }: Gate, ms: number): boolean {
  return free === 0 && monotonicNow() - fullSince > ms;
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

/** The attempt is over, whatever came of it. */
export function endAttempt(gate: Gate, turn: Turn): void {
  turn.state = 'idle';
  gate.underWay.delete(turn);
  turn.circuit.inFlight--;
  if (turn.takesSlot) gate.free++;
}

/** Lets through whatever may go. */
export function pass(gate: Gate): void {
  // Whoever goes may call for this; it goes on below.
  if (gate.isPassing || gate.owners.size === 0) return;
  gate.isPassing = true;
  try {
    for (let turn = nextTurn(gate); turn !== undefined; turn = nextTurn(gate)) letThrough(gate, turn);
  } finally {
    gate.isPassing = false;
  }
  setAlarm(gate);
}

function letThrough(gate: Gate, turn: Turn): void {
  const now = monotonicNow();
  stopWaiting(gate, turn);
  turn.state = 'underWay';
  turn.isOvertaken = false;
  gate.underWay.add(turn);
  turn.tries++;
  turn.startedAt = now;
  circuits.begin(turn.circuit, now);
  if (turn.takesSlot && --gate.free === 0) gate.fullSince = now;
  turn.onGo(true);
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
