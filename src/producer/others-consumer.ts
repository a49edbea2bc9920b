/** The link of an attached thread to the consumer of another thread's engine: shared memory, and a port to that thread. */

import type { AttachedMessage, AttachRequest, EngineHandle, OwnerMessage } from '../shared/attachment.js';
import { messageOf } from '../shared/errors.js';
import { monotonicNow } from '../shared/real-time.js';
import { abandonPending, readCounts } from '../shared/totals.js';
import { headReached, requestFlush } from '../shared/urgent-flush.js';
import type { ConsumerLink, ExitWork } from './consumer-link.js';
import { askIn } from './door.js';
import type { Notifier } from './notifier.js';
import { watchPending } from './pending-watch.js';
import { type Producer, sharedRingOf } from './push.js';
import { keepCounts } from './ring-writer.js';
import { within } from './within.js';

const threads = () => process.getBuiltinModule('node:worker_threads');

/** The owner's thread may be busy. It counts and reports what is left of this thread's events in any case. */
const CLOSE_TIMEOUT_MS = 10_000;

/** @param handle Of one engine. */
export function linkToOthersConsumer(
  producer: Producer,
  handle: EngineHandle,
  notifier: Notifier,
  work: ExitWork,
): ConsumerLink {
  const { ring } = producer;
  const { words } = ring;
  const { port1: port, port2 } = new (threads().MessageChannel)();
  let isGone = false;
  let onGone: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    onGone = resolve;
  });

  port.on('message', (message: OwnerMessage) => {
    if (message.kind === 'error') return notifier.error(message.message, { events: message.events });
    if (message.kind === 'closed') return leave(message.abandoned, 'the client was shut down');
    work.writeAll('the client was shut down');
    producer.closed = true;
    post({ kind: 'ended' });
  });
  port.on('close', () => leaveUntold('the client of the handle was shut down, or its thread has ended'));
  // An idle client must not keep the thread alive; to listen on a port is to ref it.
  port.unref();
  void attach();
  watchPending(ring, handle.options.workerStuckMs / 2, () => {
    if (!isGone) post({ kind: 'waiting' });
    return isGone;
  });

  async function attach(): Promise<void> {
    const request: AttachRequest = {
      kind: 'tailrace:attach',
      engineId: handle.engines[0]?.id ?? '',
      shared: sharedRingOf(producer),
      port: port2,
    };
    try {
      if (!(await askIn(handle.threadId, request))) throw new Error('it was shut down');
    } catch (error) {
      leaveUntold(`the client of the handle cannot be reached (${messageOf(error)})`);
    }
  }

  function leaveUntold(reason: string): void {
    if (isGone) return;
    notifier.warnOnce('closed', `${reason}: what this thread traces from now on is not sent`);
    leave(0, reason);
  }

  /** Nobody empties the ring any more. `counted` of its events have been counted as failed. */
  function leave(counted: number, reason: string): void {
    if (isGone) return;
    isGone = true;
    producer.closed = true;
    const events = counted + abandonPending(ring);
    if (events > 0) notifier.error(`${reason}: ${events} events of this thread undelivered`, { events });
    // From here on the ring may be another thread's: so it is when the port's other end has closed.
    keepCounts(ring);
    port.close();
    onGone();
  }

  function post(message: AttachedMessage): void {
    port.postMessage(message);
  }

  return {
    stats: () => readCounts(ring),

    async flush(isLast, timeoutMs = Number.POSITIVE_INFINITY) {
      const { tail } = ring;
      const deadline = monotonicNow() + timeoutMs;
      requestFlush(words, isLast);
      await headReached(words, tail, () => isGone || monotonicNow() >= deadline);
    },

    beginFlushNow() {
      const { tail } = ring;
      requestFlush(words, false);
      // Another consumer is the owner's business.
      return { targets: [{ words, tail }], look: () => 'wait', end() {} };
    },

    prepareClose: async () => {},

    async close() {
      if (isGone) return;
      post({ kind: 'close' });
      if (await within(CLOSE_TIMEOUT_MS, () => gone)) return;
      const { pending } = readCounts(ring);
      notifier.warning(
        `the client of the handle does not answer: its thread may be busy. ${pending} events of this thread are left to its worker`,
      );
    },

    // The consumer outlives this thread: there is nothing to wait for.
    atExit: () => ({
      exitTimeoutMs: 0,
      handleSignals: false,
      pending: () => 0,
      flush: async () => {},
      write: work.writeAll,
      begin() {},
      finish() {},
    }),

    isAtRest: () => false,

    handle: () => handle,

    // Each batch is reported where the consumer is at home.
    debug() {},
    onExport() {},
  };
}
