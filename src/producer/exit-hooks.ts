/**
 * Flushes what is pending when the process ends, however it ends: at its natural end, by `process.exit()`, an uncaught
 * error or a signal. One hook for all engines of a process.
 */
import { monotonicNow } from '../shared/real-time.js';

/** What an engine does at the end. */
export interface ExitParticipant {
  /** How long it may hold the exit. */
  readonly exitTimeoutMs: number;
  readonly handleSignals: boolean;
  /** Events that wait for delivery. */
  pending(): number;
  /** At a natural end, which can still wait: flushes for so long at most. */
  flush(timeoutMs: number): Promise<unknown>;
  /** At any other, three steps, each of all before the next of any. Writes what is still open. */
  write(reason: string): void;
  /** Asks the worker for a flush. */
  begin(): void;
  /** Blocks until that is done, or until a deadline by the monotonic clock. */
  finish(deadline: number): void;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const participants = new Set<ExitParticipant>();
/** Those whose flush at a natural end has begun; and those for whom it was in vain. */
const flushed = new Set<ExitParticipant>();
const givenUp = new Set<ExitParticipant>();

/** Takes part until the function that it returns is called. */
export function joinExit(participant: ExitParticipant): () => void {
  if (participants.size === 0) {
    process.on('beforeExit', onBeforeExit);
    process.on('exit', onExit);
  }
  participants.add(participant);
  listenToSignals();
  return () => {
    participants.delete(participant);
    flushed.delete(participant);
    givenUp.delete(participant);
    listenToSignals();
    if (participants.size > 0) return;
    process.off('beforeExit', onBeforeExit);
    process.off('exit', onExit);
  };
}

/**
 * Node.js asks again when the loop is empty again. Each flushes once: where somebody traces something each time that it is
 * asked, there would be no end to it. What comes after that waits for `exit`.
 */
function onBeforeExit(): void {
  for (const participant of participants) {
    if (participant.pending() === 0 || flushed.has(participant)) continue;
    flushed.add(participant);
    void participant.flush(participant.exitTimeoutMs).then(() => {
      if (participant.pending() > 0) givenUp.add(participant);
    });
  }
}

function onExit(): void {
  flushAll('the process ended');
}

function flushAll(reason: string): void {
  const startedAt = monotonicNow();
  // One may push through another.
  for (const participant of participants) participant.write(reason);
  for (const participant of participants) participant.begin();
  for (const participant of participants) {
    // The time that it may take is used up.
    participant.finish(startedAt + (givenUp.has(participant) ? 0 : participant.exitTimeoutMs));
  }
}

/** Where nobody handles a signal, it ends the process without an `exit` event. */
function listenToSignals(): void {
  const wanted = Array.from(participants).some(({ handleSignals }) => handleSignals);
  for (const signal of SIGNALS) {
    const listens = process.listeners(signal).includes(onSignal);
    if (wanted && !listens) process.on(signal, onSignal);
    else if (!wanted && listens) process.off(signal, onSignal);
  }
}

function onSignal(signal: NodeJS.Signals): void {
  if (isHandledByOthers(signal)) return;
  flushAll(`the process got ${signal}`);
  // It ends as it would have ended without us.
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}

/**
 * The package signal-exit, which many command-line tools bring along, listens as we do, and ends the process only where
 * nobody else listens: each would wait for the other. It counts its listeners where all its copies find them.
 */
function isHandledByOthers(signal: NodeJS.Signals): boolean {
  const shared = globalThis as Record<symbol, { count?: number } | undefined>;
  const older = process as { __signal_exit_emitter__?: { count?: number } };
  const likeUs =
    (shared[Symbol.for('signal-exit emitter')]?.count ?? 0) + (older.__signal_exit_emitter__?.count ?? 0);
  return process.listenerCount(signal) > 1 + likeUs;
}
