/** The link of an attached thread to the consumer of another thread's engine: shared memory, and a port to that thread. */

import { message } from '../../messages/message.js';
import type {
  AttachedMessage,
  AttachRequest,
  EngineHandle,
  OwnerMessage,
} from '../../shared/contract/attachment.js';
import { abandonPending, readCounts } from '../../shared/ring/totals.js';
import { headReached, requestFlush } from '../../shared/ring/urgent-flush.js';
import { clearTimeout, monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import type { ConsumerLink, ExitWork } from '../consumer-link.js';
import type { Notifier } from '../messages/notifier.js';
import { type Producer, sharedRingOf } from '../push/push.js';
import { keepCounts } from '../push/ring-writer.js';
import { watchPending } from '../worker/pending-watch.js';
import { askIn } from './attach-channel.js';

const threads = () => process.getBuiltinModule('node:worker_threads');

/** The owner need not be told in time: its thread may be busy. */
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

  port.on('message', (received: OwnerMessage) => {
    if (received.kind === 'error') return notifier.error(received, { events: received.events });
    if (received.kind === 'closed') return leave(received.abandoned, 'the client was shut down');
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
    // By the topic of pushes after shutdown(): one of the two messages is enough.
    notifier.warnOnce(message('TAILRACE_OWNER_GONE', reason), 'TAILRACE_CLOSED');
    leave(0, reason);
  }

  /** Nobody empties the ring any more. `counted` of its events have been counted as failed. */
  function leave(counted: number, reason: string): void {
    if (isGone) return;
    isGone = true;
    producer.closed = true;
    const events = counted + abandonPending(ring);
    if (events > 0) notifier.error(message('TAILRACE_OWNER_GONE_UNDELIVERED', reason, events), { events });
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
      const timer = setTimeout(() => leave(0, 'the client does not answer'), CLOSE_TIMEOUT_MS);
      await gone;
      clearTimeout(timer);
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
