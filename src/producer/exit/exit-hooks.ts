/**
 * Flushes what is pending when the process ends, however it ends: at its natural end, by `process.exit()`, an uncaught
 * error or a signal. One set of hooks for all engines of a process, also of other copies of this package.
 */
import { processWide } from '../../shared/runtime/process-wide.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { createExitWatch } from './exit-watch.js';
import { type FlushWait, waitForAll } from './flush-waits.js';
import { createSignalHooks } from './signal-hooks.js';

/** What an engine does at the end. Part of `exit/1`: the hooks may be those of another version. */
export interface ExitParticipant {
  /** How long it may hold the exit. */
  readonly exitTimeoutMs: number;
  readonly handleSignals: boolean;
  /** Events that wait for delivery. */
  pending(): number;
  /** At a natural end, which can still wait: flushes for so long at most. */
  flush(timeoutMs: number): Promise<unknown>;
  /**
   * At any other, three steps, each of all before the next of any, and all of them again if something may have been traced
   * since. Writes what is still open.
   */
  write(reason: string): void;
  /** Asks the worker for a flush. */
  begin(): void;
  /** What is then to be waited for together with that of others, instead of in `finish`. Another version may not have it. */
  begun?(): FlushWait | undefined;
  /** Blocks until that is done, or until a deadline by the monotonic clock, and tells what is left. */
  finish(deadline: number): void;
}

/** `exit/1`: what the copies of this package share. The copy that made it has the listeners. */
interface ExitHooks {
  /** Takes part until the function that it returns is called. */
  join(participant: ExitParticipant): () => void;
}

/** Takes part until the function that it returns is called. */
export function joinExit(participant: ExitParticipant): () => void {
  return processWide('exit/1', createExitHooks).join(participant);
}

function createExitHooks(): ExitHooks {
  const participants = new Set<ExitParticipant>();
  /** Those whose flush at a natural end has begun; and those for whom it was in vain. */
  const flushed = new Set<ExitParticipant>();
  const givenUp = new Set<ExitParticipant>();
  /** Of the participants, those that want signals handled. */
  let handling = 0;
  /** How long the exit has been held. */
  let heldMs = 0;
  const signals = createSignalHooks(flushAll);
  const watch = createExitWatch(() => flushAll('the process ended'));

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
      givenUp.delete(participant);
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
   * Node.js asks again when the loop is empty again. Each flushes once: where somebody traces something each time that it is
   * asked, there would be no end to it. What comes after that waits for `exit`.
   */
  function onBeforeExit(): void {
    watch.renew();
    for (const participant of participants) {
      if (participant.pending() === 0 || flushed.has(participant)) continue;
      flushed.add(participant);
      void participant.flush(participant.exitTimeoutMs).then(() => {
        if (participant.pending() > 0) givenUp.add(participant);
      });
    }
  }

  /** Other listeners may trace after this one, which `watch` is for; but they may also bypass that. */
  function onExit(): void {
    watch.renewLast();
    flushAll('the process ended');
  }

  function flushAll(reason: string): void {
    const startedAt = monotonicNow();
    // One may push through another.
    for (const participant of participants) participant.write(reason);
    for (const participant of participants) participant.begin();
    const ends = Array.from(participants, (participant) => {
      const leftMs = Math.max(0, participant.exitTimeoutMs - heldMs);
      // The time that it may take is used up.
      return { participant, deadline: startedAt + (givenUp.has(participant) ? 0 : leftMs) };
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
