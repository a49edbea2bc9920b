/** The link to a consumer of one's own, which empties the rings of attached threads as well. */

import { type ErrorMessage, message } from '../../messages/message.js';
import type { EngineHandle } from '../../shared/contract/attachment.js';
import {
  type ExportNotice,
  type Notice,
  REPORT_BATCHES,
  REPORT_EXPORTS,
} from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/options.js';
import { DEBUG, HEARD } from '../../shared/ring/ring-layout.js';
import { abandonPending, readCounts, sumCounts } from '../../shared/ring/totals.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import {
  type AttachedRings,
  countAttached,
  createAttachedRings,
  dismissThreads,
  doorOf,
  endThreads,
  tailsOf,
  tellThread,
} from '../attach/attached-rings.js';
import type { ConsumerLink, ExitWork } from '../consumer-link.js';
import { beginFlushNow } from '../exit/flush-now.js';
import { type FlushWait, waitForAll } from '../exit/flush-waits.js';
import type { Notifier } from '../messages/notifier.js';
import { type Producer, sharedRingOf } from '../push/push.js';
import { nextTurn } from './load.js';
import { beginLeaving, joinGroup, leaveGroup, type WorkerGroup } from './worker-group.js';
import { callConsumer, hasRested, startHost, stopHost } from './worker-host.js';

/** For closing idle connections; what is under way at this point has had its deadline. */
const STOP_TIMEOUT_MS = 1_000;
/** For writing all that is undelivered to disk, at most the ring and what is beside it. */
const SPOOL_TIMEOUT_MS = 10_000;

export function linkToOwnConsumer(
  producer: Producer,
  options: EngineOptions,
  notifier: Notifier,
  work: ExitWork,
  onRest: () => void,
  group: WorkerGroup,
): ConsumerLink {
  const { ring } = producer;
  let exportListener: ((notice: ExportNotice) => void) | undefined;
  const { host, number, watchdog } = joinGroup(group, sharedRingOf(producer), options, {
    accepted: () => (attached.rings.size > 0 ? undefined : ring.accepted),
    onNotice,
    onRest,
    onSettled() {
      ring.isWatched = false;
    },
  });
  const attached: AttachedRings = createAttachedRings(host, watchdog.begin);
  start();
  ring.onAbsent = start;
  ring.isWatched = false;
  ring.onPending = () => {
    ring.isWatched = true;
    watchdog.begin();
  };

  /** Not in this call, which a service makes at start-up, nor in the push that wants it, which is on a hot path. */
  function start(): void {
    runOutside(() =>
      nextTurn().then(() => {
        if (notifier.wantsDebug()) debug(true);
        startHost(host);
      }),
    );
  }

  function onNotice(notice: Notice): void {
    if (notice.kind === 'export') exportListener?.(notice);
    else if (notice.kind === 'warning') notifier.warning(notice);
    else if (notice.kind === 'debug') notifier.debug(notice);
    else {
      const words = notice.ring === number ? ring.words : attached.rings.get(notice.ring)?.memory.words;
      if (words !== undefined && notice.number !== undefined) Atomics.store(words, HEARD, notice.number);
      if (!tellThread(attached, notice)) notifier.error(notice, { events: notice.events });
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
    // Of the last flush's time, half is for what comes after a record that nothing gets past.
    const relax = isLast && timeoutMs !== undefined ? watchdog.hurry(timeoutMs / 2) : undefined;
    await callConsumer(host, (control) => control.flush(tails, isLast), { timeoutMs });
    relax?.();
  }

  function tellUndelivered(undelivered: (events: number) => ErrorMessage, isProcessEnd: boolean): void {
    const events = abandonPending(ring) + dismissThreads(attached, isProcessEnd);
    if (events > 0) notifier.error(undelivered(events), { events });
  }

  return {
    stats,
    flush,

    beginFlushNow: () => beginFlushNow(host, targets(), false),

    prepareClose: () => endThreads(attached),

    async close(timeoutMs) {
      // A consumer that has given its thread back has left nothing on disk.
      const hasSpool = options.spoolDir !== undefined && !hasRested(host);
      if (hasSpool) await callConsumer(host, (control) => control.replayed(), { timeoutMs });
      const isLast = beginLeaving(group);
      if (host.consumer !== undefined) {
        await callConsumer(host, (control) => (isLast ? control.stop() : control.release(number)), {
          timeoutMs: hasSpool ? SPOOL_TIMEOUT_MS : STOP_TIMEOUT_MS,
        });
      }
      if (isLast) await stopHost(host);
      leaveGroup(group, number);
      const { flushTimeoutMs } = options;
      tellUndelivered((events) => message('TAILRACE_UNDELIVERED_AT_SHUTDOWN', events, flushTimeoutMs), false);
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
          wait = stats().pending > 0 ? beginFlushNow(host, targets(), true) : undefined;
        },
        begun() {
          const begun = wait;
          wait = undefined;
          return begun;
        },
        finish(deadline) {
          if (wait !== undefined) waitForAll([{ wait, deadline }]);
          tellUndelivered((events) => message('TAILRACE_UNDELIVERED_AT_EXIT', events), true);
        },
      };
    },

    isAtRest: () => host.state === 'idle' && attached.engineId === undefined,

    handle: (): EngineHandle => {
      const { ringBytes, sideLaneBytes, flushTimeoutMs, exitTimeoutMs, flushAtExit, workerStuckMs } = options;
      return {
        threadId: process.getBuiltinModule('node:worker_threads').threadId,
        engines: [doorOf(attached, options)],
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
