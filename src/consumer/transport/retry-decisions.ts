/** What the outcome of an attempt means for its own next one, and for all the others that wait for the same destination. */
import { monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import type { Owner, Turn } from './attempts.js';
import type { Circuit, Refusal } from './circuit-breaker.js';
import * as circuits from './circuit-breaker.js';
import { endAttempt, type Gate, pass } from './request-scheduler.js';

/** What is without an answer so long after an outage, and for so many times as long as others took, gets none. */
const HANGING_MS = 500;
const HANGING_TIMES = 5;

/** The attempt has an answer: the destination is there. */
export function answered(gate: Gate, turn: Turn): void {
  const now = monotonicNow();
  const { circuit, startedAt } = turn;
  endAttempt(gate, turn);
  if (circuits.comeThrough(circuit, startedAt, gate.slots, now)) {
    hastenSiblings(gate, circuit, now);
    giveUpHanging(gate, turn, now - startedAt);
    for (const tell of gate.onBack) tell();
  }
  pass(gate);
}

/** The attempt is to be made again. What is known by it: how long that will take, unless others come through meanwhile. */
export function refused(gate: Gate, turn: Turn, refusal: Refusal, origin: string): number {
  const now = monotonicNow();
  const { circuit, startedAt } = turn;
  const { retryAfterMs = 0 } = refusal;
  const asked = retryAfterMs > 0 ? retryAfterMs : 0;
  endAttempt(gate, turn);
  circuit.origin = origin;
  // Others came through beside this attempt, or since the one before it.
  const isItsOwn = !circuits.isOpen(circuit) && circuit.cameThroughAt > Math.min(startedAt, turn.failedAt);
  if (turn.isOvertaken) {
    turn.notBefore = now;
  } else if (isItsOwn) {
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

/** What else goes to the same server may try as well. */
function hastenSiblings(gate: Gate, closed: Circuit, now: number): void {
  for (const circuit of gate.circuits.values()) {
    if (circuit.origin !== closed.origin || !circuits.isOpen(circuit)) continue;
    circuits.hasten(circuit, Math.max(now, closed.resumeAt));
  }
}

/**
 * A server that was silent is back, and does not know of what it was sent before: those requests would wait for their time-out,
 * and hold all behind them on the ring. One that is but slow gets several times as long as it took for the last one.
 */
function giveUpHanging({ underWay }: Gate, { circuit, startedAt }: Turn, tookMs: number): void {
  const before = [...underWay].filter((turn) => turn.circuit === circuit && turn.startedAt < startedAt);
  if (before.length === 0) return;
  const attempts = new Map(before.map((turn) => [turn, turn.startedAt]));
  const giveUp = (): void => {
    for (const [turn, since] of attempts) {
      if (turn.state !== 'underWay' || turn.startedAt !== since) continue;
      turn.isOvertaken = true;
      turn.onOvertaken();
    }
  };
  setTimeout(giveUp, Math.max(HANGING_MS, HANGING_TIMES * tookMs)).unref();
}
