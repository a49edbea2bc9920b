/** Links an engine to a consumer of its own, which empties the rings of attached threads as well. */

import { type ErrorMessage, message } from '../../messages/message.js';
import type { EngineHandle } from '../../shared/contract/attachment.js';
import {
  type ExportNotice,
  type Notice,
  REPORT_BATCHES,
  REPORT_EXPORTS,
} from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { DEBUG, REPORT_RECEIVED } from '../../shared/ring/ring-layout.js';
import { abandonPending, readCounts, sumCounts } from '../../shared/ring/totals.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import {
  type AttachedRings,
  abandonThreads,
  countAttached,
  createAttachedRings,
  endThreads,
  listenForThreads,
  notifyThread,
  tailsOf,
} from '../attach/attached-rings.js';
import type { ConsumerLink, ExitWork } from '../consumer-link.js';
import { type FlushWait, waitForAll } from '../exit/blocking-wait.js';
import { beginFlushNow } from '../exit/flush-now.js';
import type { Notifier } from '../messages/notifier.js';
import { type Producer, sharedRingOf } from '../push/push.js';
import { nextTurn } from './load.js';
import { callConsumer, stopPool } from './pool-calls.js';
import { startPool } from './pool-start.js';
import { beginLeaving, joinGroup, leaveGroup, type WorkerGroup } from './worker-group.js';
import { hasStoppedIdle } from './worker-pool.js';

/** Time to close idle connections; requests that are under way have had their deadline by then. */
const STOP_TIMEOUT_MS = 1_000;
/** Time to write what is undelivered to disk: at most the ring and the side lane. */
const SPOOL_TIMEOUT_MS = 10_000;

export function linkToOwnConsumer(
  producer: Producer,
  options: EngineOptions,
  notifier: Notifier,
  work: ExitWork,
  onIdleStop: () => void,
  group: WorkerGroup,
): ConsumerLink {
  const { ring } = producer;
  let exportListener: ((notice: ExportNotice) => void) | undefined;
  const { pool, number, watchdog } = joinGroup(group, sharedRingOf(producer), options, {
    accepted: () => (attached.rings.size > 0 ? undefined : ring.accepted),
    onNotice,
    onIdleStop,
    onSettled() {
      ring.isWatched = false;
    },
  });
  const attached: AttachedRings = createAttachedRings(pool, watchdog.begin);
  start();
  ring.onAbsent = start;
  ring.isWatched = false;
  ring.onPending = () => {
    ring.isWatched = true;
    watchdog.begin();
  };

  /** Starts in a later turn: this call is part of a service's start-up, or of a push, which is the hot path. */
  function start(): void {
    runOutside(() =>
      nextTurn().then(() => {
        if (notifier.wantsDebug()) debug(true);
        startPool(pool);
      }),
    );
  }

  function onNotice(notice: Notice): void {
    if (notice.kind === 'export') exportListener?.(notice);
    else if (notice.kind === 'warning') notifier.warning(notice);
    else if (notice.kind === 'debug') notifier.debug(notice);
    else {
      const words = notice.ring === number ? ring.words : attached.rings.get(notice.ring)?.memory.words;
      if (words !== undefined && notice.number !== undefined)
        Atomics.store(words, REPORT_RECEIVED, notice.number);
      if (!notifyThread(attached, notice)) notifier.error(notice, { events: notice.events });
    }
  }

  function debug(enabled: boolean): void {
    if (enabled) Atomics.or(ring.words, DEBUG, REPORT_BATCHES);
    else Atomics.and(ring.words, DEBUG, ~REPORT_BATCHES);
  }

  const stats = () => sumCounts([readCounts(ring), countAttached(attached)]);
  const targets = () => [{ ring: number, words: ring.words, tail: ring.tail }, ...tailsOf(attached)];

  async function flush(isLast: boolean, timeoutMs?: number): Promise<void> {
    const tails = targets().map(({ ring, tail }) => ({ ring, tail }));
    // Half of the last flush's time is kept for the records behind one at which the worker is stuck.
    const endExpedited = isLast && timeoutMs !== undefined ? watchdog.expedite(timeoutMs / 2) : undefined;
    await callConsumer(pool, (control) => control.flush(tails, isLast), { timeoutMs });
    endExpedited?.();
  }

  function reportUndelivered(undelivered: (events: number) => ErrorMessage, isProcessEnd: boolean): void {
    const events = abandonPending(ring) + abandonThreads(attached, isProcessEnd);
    if (events > 0) notifier.error(undelivered(events), { events });
  }

  return {
    stats,
    flush,

    beginFlushNow: () => beginFlushNow(pool, targets(), false),

    prepareClose: () => endThreads(attached),

    async close(timeoutMs) {
      // A worker that was stopped when idle has left nothing on disk.
      const hasSpool = options.spoolDir !== undefined && !hasStoppedIdle(pool);
      if (hasSpool) await callConsumer(pool, (control) => control.replayed(), { timeoutMs });
      const isLast = beginLeaving(group);
      if (pool.consumer !== undefined) {
        await callConsumer(pool, (control) => (isLast ? control.stop() : control.detach(number)), {
          timeoutMs: hasSpool ? SPOOL_TIMEOUT_MS : STOP_TIMEOUT_MS,
        });
      }
      if (isLast) await stopPool(pool);
      leaveGroup(group, number);
      const { flushTimeoutMs } = options;
      reportUndelivered(
        (events) => message('TAILRACE_UNDELIVERED_AT_SHUTDOWN', events, flushTimeoutMs),
        false,
      );
    },

    atExit(flushLast) {
      let wait: FlushWait | undefined;
      return {
        exitTimeoutMs: options.exitTimeoutMs,
        handleSignals: options.handleSignals,
        pending: () => stats().pending,
        flush(timeoutMs) {
          work.writeQuiet();
          return flushLast(timeoutMs);
        },
        write: work.writeAll,
        begin() {
          wait = stats().pending > 0 ? beginFlushNow(pool, targets(), true) : undefined;
        },
        begun() {
          const begun = wait;
          wait = undefined;
          return begun;
        },
        finish(deadline) {
          if (wait !== undefined) waitForAll([{ wait, deadline }]);
          reportUndelivered((events) => message('TAILRACE_UNDELIVERED_AT_EXIT', events), true);
        },
      };
    },

    isIdle: () => pool.state === 'idle' && attached.engineId === undefined,

    handle: (): EngineHandle => {
      const { ringBytes, sideLaneBytes, flushTimeoutMs, exitTimeoutMs, flushAtExit, workerStuckMs } = options;
      return {
        threadId: process.getBuiltinModule('node:worker_threads').threadId,
        engines: [listenForThreads(attached, options)],
        options: { ringBytes, sideLaneBytes, flushTimeoutMs, exitTimeoutMs, flushAtExit, workerStuckMs },
      };
    },

    debug,

    onExport(listener) {
      exportListener = listener;
      Atomics.or(ring.words, DEBUG, REPORT_EXPORTS);
    },
  };
}
