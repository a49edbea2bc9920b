/** The engine: its half on the application's thread, put together. */

import type { Frozen } from '../event/frozen.js';
import { writeValue } from '../event/value-writer.js';
import { type ExportNotice, type Notice, REPORT_BATCHES, REPORT_EXPORTS } from '../shared/control.js';
import type { Counts, FlushResult } from '../shared/counts.js';
import { type EngineInput, resolveEngineOptions } from '../shared/options.js';
import {
  allocateRing,
  BYTES_SENT,
  DEBUG,
  FAILED,
  FAILED_IN_SPOOL,
  MEDIA_FAILED,
  RECOVERED,
  RETRIED,
  SENT,
  SENT_FROM_SPOOL,
  SPOOLED,
  TRUNCATED,
} from '../shared/ring-layout.js';
import type { WriteEvent } from './event-codec.js';
import { type ExitParticipant, joinExit } from './exit-hooks.js';
import { beginFlushNow, finishFlushNow } from './flush-now.js';
import { nextTurn } from './load.js';
import type { EngineListeners, Notifier } from './notifier.js';
import { createProducer, freeze, push, releaseBeside } from './push.js';
import { usedBytes } from './ring-writer.js';
import { heldRecords } from './side-lane.js';
import { callConsumer, createWorkerHost, postToLane, startHost, stopHost } from './worker-host.js';

/** Hands events to a worker thread that batches, encodes and delivers them. Made by `createEngine`. */
export interface Engine {
  /**
   * Serialises the event into shared memory, as it is now. Never throws, never blocks, never queues on the heap.
   *
   * @param event Any value that JSON can express; what it cannot gets a readable stand-in (`[Circular]`, …). A getter
   * or toJSON in it may be called more than once.
   * @returns false when the event was refused: there is no room, or the engine is shut down. It is counted in
   * `stats().dropped` under its reason, and a `drop` event says when loss starts and when it ends.
   */
  push(event: unknown): boolean;
  /**
   * Serialises a value that will be part of a later event, so that changes made to it meanwhile do not show: put what
   * comes back in its place.
   */
  freeze(value: unknown): Frozen;
  /** @internal push() for an event that `write` puts into its own form. */
  write<T>(write: WriteEvent<T>, event: T): boolean;
  /**
   * Resolves once everything accepted before this call has been sent, has failed or, where the server does not answer
   * and there is a `spoolDir`, is on disk; or after `flushTimeoutMs` with `pending > 0`. Never rejects.
   */
  flush(): Promise<FlushResult>;
  /**
   * flush(), then ends the worker. What the deadline left undelivered is spooled, or counts as failed without a
   * `spoolDir`. So does, at its next answer and without waiting for the deadline, what somebody would have to put right
   * first: wrong keys, an address that redirects, a certificate that is not trusted. With a spool, what is on disk is
   * sent as long as the server takes it and the deadline has not come. Later pushes are refused and later calls return
   * the same result. Never rejects.
   */
  shutdown(): Promise<FlushResult>;
  /**
   * Resolves once at most half of the ring is in use, so that a producer that outruns the server can wait instead
   * of losing events: `await engine.ready()` before a push that must not be refused.
   */
  ready(): Promise<void>;
  /**
   * The same as flush(), blocking this thread, by default for as long as an exit may be held (`exitTimeoutMs`): for code
   * that cannot wait. What has not settled then is `pending`.
   */
  flushSync(timeoutMs?: number): FlushResult;
  /** The counts as of now. Costs a few loads from shared memory. */
  stats(): Counts;
  /**
   * `error`: events have failed. `drop`: loss at push() starts or has ended. `warning`: the rest that one should
   * know. Without a listener of a kind, its messages go to the console. Returns a function that ends it.
   */
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): () => void;
  /** Whether each batch is reported, to listeners for `debug`. @default false */
  debug(enabled: boolean): void;
  /** @internal Told of each batch, when it is about to be sent and when it has come to an end. */
  onExport(listener: (notice: ExportNotice) => void): void;
}

/** What is written at the end of the process, before the last flush. */
export interface ExitWork {
  /** What has news, and is not going on. */
  writeQuiet(): void;
  /** What is still going on, as it stands. */
  writeAll(reason: string): void;
}

const NO_WORK: ExitWork = { writeQuiet() {}, writeAll() {} };

/** Starts an engine that tells `notifier` what goes wrong. */
export function startEngine(input: EngineInput, notifier: Notifier, work: ExitWork = NO_WORK): Engine {
  const { options, problems } = resolveEngineOptions(input);
  const { flushTimeoutMs } = options;
  const buffer = allocateRing(options.ringBytes);
  const host = createWorkerHost(buffer, options, {
    onNotice,
    onStart(post) {
      releaseBeside(producer);
      for (const record of heldRecords(sideLane)) post(record);
    },
  });
  const producer = createProducer(buffer, options.sideLaneBytes, notifier, (record) =>
    postToLane(host, record),
  );
  const { ring, sideLane } = producer;
  /** Events that were pending when the engine was shut down. */
  let abandoned = 0;
  let flushing: { readonly accepted: number; readonly result: Promise<FlushResult> } | undefined;
  let closing: Promise<FlushResult> | undefined;
  let exportListener: ((notice: ExportNotice) => void) | undefined;
  const leaveExit = options.flushAtExit ? joinExit(exitParticipant()) : () => {};

  // Not in this call, which a service makes at start-up, and not in the first push, which is on a hot path.
  void nextTurn().then(() => startHost(host));
  // Not in this call either: listeners can only be added after it.
  for (const problem of problems) queueMicrotask(() => notifier.warning(problem));

  function onNotice(notice: Notice): void {
    if (notice.kind === 'released') releaseBeside(producer);
    else if (notice.kind === 'export') exportListener?.(notice);
    else if (notice.kind === 'error') notifier.error(notice.message, { events: notice.events });
    else notifier[notice.kind](notice.message);
  }

  function stats(): Counts {
    const { accepted, dropped } = producer;
    const total = (counter: number): number => Number(Atomics.load(ring.counters, counter));
    const sentFromSpool = total(SENT_FROM_SPOOL);
    const failedInSpool = total(FAILED_IN_SPOOL);
    const sent = total(SENT) + sentFromSpool;
    const failed = total(FAILED) + failedInSpool + abandoned;
    // Read after what is taken from it, which is never more.
    const spooled = total(SPOOLED) - sentFromSpool - failedInSpool;
    return {
      accepted,
      sent,
      failed,
      dropped: { ...dropped },
      retried: total(RETRIED),
      spooled,
      recovered: total(RECOVERED),
      pending: accepted - sent - failed - spooled,
      bytes: total(BYTES_SENT),
      truncated: total(TRUNCATED),
      mediaFailed: total(MEDIA_FAILED),
    };
  }

  function flush(): Promise<FlushResult> {
    if (closing !== undefined) return closing;
    // Calls of one turn, for the same events, share one round trip; a later call has a deadline of its own.
    if (flushing?.accepted !== producer.accepted) {
      flushing = { accepted: producer.accepted, result: flushOnce() };
      setImmediate(() => {
        flushing = undefined;
      });
    }
    return flushing.result;
  }

  async function flushOnce(isLast = false, timeoutMs = flushTimeoutMs): Promise<FlushResult> {
    // An event of this turn may still be on its way: a flush may come from a getter in another.
    await undefined;
    const { tail } = ring;
    if (stats().pending > 0) {
      await callConsumer(host, (control) => control.flush(tail, isLast), timeoutMs);
    }
    return stats();
  }

  function shutdown(): Promise<FlushResult> {
    producer.closed = true;
    closing ??= close();
    return closing;
  }

  function flushSync(timeoutMs: unknown = options.exitTimeoutMs): FlushResult {
    const ms = typeof timeoutMs === 'number' && timeoutMs >= 0 ? timeoutMs : options.exitTimeoutMs;
    const { tail } = ring;
    if (stats().pending > 0 && beginFlushNow(host, tail, false)) {
      finishFlushNow(host, tail, performance.now() + ms);
    }
    return stats();
  }

  function exitParticipant(): ExitParticipant {
    let isAsked = false;
    return {
      ...options,
      pending: () => stats().pending,
      flush(timeoutMs) {
        work.writeQuiet();
        return flushOnce(true, timeoutMs);
      },
      begin(reason) {
        work.writeAll(reason);
        isAsked = stats().pending > 0 && beginFlushNow(host, ring.tail, true);
      },
      finish(deadline) {
        if (isAsked) finishFlushNow(host, ring.tail, deadline);
        const { pending } = stats();
        if (pending > 0) tellAbandoned(pending, `the process ended with ${pending} events undelivered`);
      },
    };
  }

  function tellAbandoned(events: number, message: string): void {
    abandoned = events;
    notifier.error(message, { events });
  }

  async function close(): Promise<FlushResult> {
    const startedAt = performance.now();
    await flushOnce(true);
    leaveExit();
    const hasSpool = options.spoolDir !== undefined;
    if (hasSpool) {
      const remainingMs = Math.max(1, flushTimeoutMs - (performance.now() - startedAt));
      await callConsumer(host, (control) => control.replayed(), remainingMs);
    }
    if (host.consumer !== undefined) {
      const timeoutMs = hasSpool ? SPOOL_TIMEOUT_MS : STOP_TIMEOUT_MS;
      await callConsumer(host, (control) => control.stop(), timeoutMs);
    }
    await stopHost(host);
    const { pending } = stats();
    if (pending > 0) {
      tellAbandoned(pending, `shut down with ${pending} events undelivered after ${flushTimeoutMs} ms`);
    }
    return stats();
  }

  async function ready(): Promise<void> {
    if (closing !== undefined) return;
    const { tail } = ring;
    if (sideLane.usedBytes > sideLane.maxBytes / 2)
      await callConsumer(host, (control) => control.flush(tail, false));
    else if (usedBytes(ring) > ring.capacity / 2) await callConsumer(host, (control) => control.room());
  }

  return {
    push: (event) => push(producer, writeValue, event),
    write: (write, event) => push(producer, write, event),
    freeze: (value) => freeze(producer, value),
    flush,
    flushSync,
    shutdown,
    ready,
    stats,
    on: (kind, listener) => notifier.on(kind, listener),
    debug: (enabled) =>
      void Atomics[enabled ? 'or' : 'and'](ring.words, DEBUG, enabled ? REPORT_BATCHES : ~REPORT_BATCHES),
    onExport(listener) {
      exportListener = listener;
      Atomics.or(ring.words, DEBUG, REPORT_EXPORTS);
    },
  };
}

/** For closing idle connections; what is under way at this point has had its deadline. */
const STOP_TIMEOUT_MS = 1_000;
/** For writing all that is undelivered to disk, at most the ring and what is beside it. */
const SPOOL_TIMEOUT_MS = 10_000;
