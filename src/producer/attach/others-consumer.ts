/** Links the engine of an attached thread to the consumer of another thread's engine, by shared memory and a port. */

import { message } from '../../messages/message.js';
import type {
  AttachedMessage,
  AttachRequest,
  EngineHandle,
  OwnerMessage,
} from '../../shared/contract/attachment.js';
import { HEAD, TAIL } from '../../shared/ring/ring-layout.js';
import { abandonPending, readCounts } from '../../shared/ring/totals.js';
import { headReached, requestFlush } from '../../shared/ring/urgent-flush.js';
import { monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import { within } from '../../shared/runtime/timeout.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import type { ConsumerLink, ExitWork } from '../consumer-link.js';
import type { Notifier } from '../messages/notifier.js';
import { type Producer, sharedRingOf } from '../push/push.js';
import { detachCounts, type RingWriter } from '../push/ring-writer.js';
import { requestAttach } from './attach-channel.js';

const threads = () => process.getBuiltinModule('node:worker_threads');

/** The owner's thread may be busy. It counts and reports what is left of this thread's events in any case. */
const CLOSE_TIMEOUT_MS = 10_000;

/** @param handle With one engine. */
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

  port.on('message', (received: OwnerMessage) => {
    if (received.kind === 'error') return notifier.error(received, { events: received.events });
    if (received.kind === 'closed') return leave(received.abandoned, 'the client was shut down');
    work.writeAll('the client was shut down');
    producer.closed = true;
    post({ kind: 'ended' });
  });
  port.on('close', () => leaveAndWarn('the client of the handle was shut down, or its thread has ended'));
  // Listening on a port refs it, and an idle client must not keep the thread alive.
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
      if (!(await requestAttach(handle.threadId, request))) throw new Error('it was shut down');
    } catch (error) {
      leaveAndWarn(`the client of the handle cannot be reached (${messageOf(error)})`);
    }
  }

  function leaveAndWarn(reason: string): void {
    if (isGone) return;
    // By the topic of pushes after shutdown(): one of the two messages is enough.
    notifier.warnOnce(message('TAILRACE_OWNER_GONE', reason), 'TAILRACE_CLOSED');
    leave(0, reason);
  }

  /** Nobody empties the ring any more. The owner has counted `counted` of its events as failed. */
  function leave(counted: number, reason: string): void {
    if (isGone) return;
    isGone = true;
    producer.closed = true;
    const events = counted + abandonPending(ring);
    if (events > 0) notifier.error(message('TAILRACE_OWNER_GONE_UNDELIVERED', reason, events), { events });
    // Once the port has closed, the ring may be lent to another thread.
    detachCounts(ring);
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
      // The owner replaces the consumer if that is needed.
      return { targets: [{ words, tail }], look: () => 'wait', end() {} };
    },

    prepareClose: async () => {},

    async close() {
      if (isGone) return;
      post({ kind: 'close' });
      if (await within(CLOSE_TIMEOUT_MS, () => gone)) return;
      const { pending } = readCounts(ring);
      notifier.warning(message('TAILRACE_OWNER_NOT_ANSWERING', pending));
    },

    // The consumer outlives this thread, so nothing has to wait.
    atExit: () => ({
      exitTimeoutMs: 0,
      handleSignals: false,
      pending: () => 0,
      flush: async () => {},
      write: work.writeAll,
      begin() {},
      finish() {},
    }),

    isIdle: () => false,

    handle: () => handle,

    // Batches are reported on the owner's thread.
    debug() {},
    onExport() {},
  };
}

/**
 * Calls `onStill` whenever pending records have not settled for `stillMs`, until it returns true or nothing is pending. The owner's
 * watchdog may be paused: it checks only while its own events wait.
 */
function watchPending(ring: RingWriter, stillMs: number, onStill: () => boolean): void {
  const { words } = ring;

  function checkLater(headBefore: number): void {
    const check = (): void => {
      const head = Atomics.load(words, HEAD);
      ring.isWatched = head !== Atomics.load(words, TAIL);
      if (!ring.isWatched) return;
      if (head !== headBefore || !onStill()) checkLater(head);
    };
    runOutside(() => setTimeout(check, stillMs).unref());
  }

  ring.isWatched = false;
  ring.onPending = () => {
    ring.isWatched = true;
    checkLater(Atomics.load(words, HEAD));
  };
}
