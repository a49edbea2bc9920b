/**
 * Flushes what is pending when the process ends: naturally, by `process.exit()`, by an uncaught error or by a signal. All engines
 * of a process, also of other copies of this package, share one set of hooks.
 */
import { processWide } from '../../shared/runtime/process-wide.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { type FlushWait, waitForAll } from './blocking-wait.js';
import { createSignalHooks, watchLastMoment } from './process-hooks.js';

/** What an engine does at the end. Part of `exit/1`: the hooks may be of another version. */
export interface ExitParticipant {
  /** Bound of the time for which it may hold the exit. */
  readonly exitTimeoutMs: number;
  readonly handleSignals: boolean;
  /** Events that wait for delivery. */
  pending(): number;
  /** Flushes within this time. Called at a natural end, where the event loop still runs. */
  flush(timeoutMs: number): Promise<unknown>;
  /**
   * At any other end there are three steps: `write`, `begin`, `finish`. All participants take one before any takes the next. The
   * steps are repeated if something may have been traced since. Writes what is still open.
   */
  write(reason: string): void;
  /** Asks the worker for a flush. */
  begin(): void;
  /** Returns the flush that was begun, so that all are waited for together. Other versions wait in `finish`. */
  begun?(): FlushWait | undefined;
  /** Blocks until that flush has ended, at most until a deadline by the monotonic clock, and reports what is left. */
  finish(deadline: number): void;
}

/** `exit/1`: shared by the copies of this package. The copy that made it has the listeners. */
interface ExitHooks {
  /** Adds a participant until the returned function is called. */
  join(participant: ExitParticipant): () => void;
}

/** Adds a participant until the returned function is called. */
export function joinExit(participant: ExitParticipant): () => void {
  return processWide('exit/1', createExitHooks).join(participant);
}

function createExitHooks(): ExitHooks {
  const participants = new Set<ExitParticipant>();
  /** Participants whose flush at a natural end has begun. */
  const flushed = new Set<ExitParticipant>();
  /** Those whose flush has used up its time. */
  const timedOut = new Set<ExitParticipant>();
  /** How many participants want signals handled. */
  let handling = 0;
  /** For how long the exit has been held. */
  let heldMs = 0;
  const signals = createSignalHooks(flushAll);
  const watch = watchLastMoment(() => flushAll('the process ended'));

  function join(participant: ExitParticipant): () => void {
    if (participants.size === 0) {
      process.on('beforeExit', onBeforeExit);
      process.on('exit', onExit);
      watch.begin();
    }
    participants.add(participant);
    if (participant.handleSignals) handling++;
    listenToSignals();
    return () => {
      if (!participants.delete(participant)) return;
      if (participant.handleSignals) handling--;
      flushed.delete(participant);
      timedOut.delete(participant);
      listenToSignals();
      if (participants.size > 0) return;
      process.off('beforeExit', onBeforeExit);
      process.off('exit', onExit);
      watch.end();
    };
  }

  function listenToSignals(): void {
    signals.listen(handling > 0);
  }

  /**
   * Node.js emits `beforeExit` again when the loop is empty again. Each participant flushes once: an application that traces
   * something at each `beforeExit` would run forever. Later events are flushed at `exit`.
   */
  function onBeforeExit(): void {
    watch.renew();
    for (const participant of participants) {
      if (participant.pending() === 0 || flushed.has(participant)) continue;
      flushed.add(participant);
      void participant.flush(participant.exitTimeoutMs).then(() => {
        if (participant.pending() > 0) timedOut.add(participant);
      });
    }
  }

  /** Listeners after this one may trace: `watch` covers them, unless they bypass it. */
  function onExit(): void {
    watch.renewLast();
    flushAll('the process ended');
  }

  function flushAll(reason: string): void {
    const startedAt = monotonicNow();
    // A participant may push through another.
    for (const participant of participants) participant.write(reason);
    for (const participant of participants) participant.begin();
    const ends = Array.from(participants, (participant) => {
      const leftMs = Math.max(0, participant.exitTimeoutMs - heldMs);
      return { participant, deadline: startedAt + (timedOut.has(participant) ? 0 : leftMs) };
    });
    waitForAll(
      ends.flatMap(({ participant, deadline }) => {
        const wait = participant.begun?.();
        return wait === undefined ? [] : [{ wait, deadline }];
      }),
    );
    for (const { participant, deadline } of ends) participant.finish(deadline);
    heldMs += monotonicNow() - startedAt;
  }

  return { join };
}
