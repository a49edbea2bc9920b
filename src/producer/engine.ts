/** The engine: its half on the application's thread, put together. */

import type { Frozen } from '../event/frozen.js';
import { writeValue } from '../event/value-writer.js';
import { message } from '../messages/message.js';
import type { EngineHandle } from '../shared/contract/attachment.js';
import type { ExportNotice } from '../shared/contract/control.js';
import type { Counts, FlushResult } from '../shared/contract/counts.js';
import { type EngineInput, type EngineOptions, resolveEngineOptions } from '../shared/options.js';
import { headReached } from '../shared/ring/urgent-flush.js';
import { monotonicNow, queueMicrotask, setImmediate } from '../shared/runtime/real-time.js';
import { runOutside } from '../shared/runtime/suppression.js';
import { linkToOthersConsumer } from './attach/others-consumer.js';
import { allocateSharedRing, borrowRing } from './attach/ring-pool.js';
import type { ConsumerLink, ExitWork } from './consumer-link.js';
import { joinExit } from './exit/exit-hooks.js';
import { type FlushWait, waitForAll } from './exit/flush-waits.js';
import { joinEngines } from './exit/joined-engines.js';
import type { EngineListeners, Notifier } from './messages/notifier.js';
import type { WriteEvent } from './push/event-codec.js';
import { createProducer, freeze, type Producer, push, refuse, roomAfter } from './push/push.js';
import { deadlineAfter } from './within.js';
import { linkToOwnConsumer } from './worker/own-consumer.js';
import { alone, type ChooseGroup } from './worker/worker-group.js';

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
  /**
   * @internal push() for an event that `write` puts into its own form. Events of the same `shard`, any whole number, keep
   * to one worker.
   */
  write<T>(write: WriteEvent<T>, event: T, shard: number): boolean;
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
  /** @internal Its first half, which asks the worker: what is to be waited for. */
  beginFlushSync(): readonly FlushWait[];
  /** The counts as of now, with those of attached threads. Costs a few loads from shared memory. */
  stats(): Counts;
  /**
   * What another thread of the process needs to push events through this engine's worker: `attachEngine(handle)` from
   * 'tailrace/engine'. Plain data, for `workerData` or a message, for any number of threads.
   */
  handle(): EngineHandle;
  /**
   * `error`: events have failed. `drop`: loss at push() starts or has ended. `highWater`: room for events runs out.
   * `warning`: the rest that one should know. Listeners get the text and `{code, …}`. Without a listener of a kind, its messages go to the option `logger`, else
   * to the console, from `logLevel` on. Channels of node:diagnostics_channel get them in any case (see `ChannelMessages`).
   * Returns a function that ends it.
   */
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): () => void;
  /** Whether each batch is reported, to listeners for `debug`. @default whether `logLevel` is 'debug' */
  debug(enabled: boolean): void;
  /** @internal An event of a client that is shut down where others are open: counted, and told to that client's notifier. */
  refuse(notifier: Notifier): false;
  /** @internal Whether it runs no worker, and nothing waits for one. */
  isAtRest(): boolean;
  /** @internal Told of each batch, when it is about to be sent and when it has come to an end. */
  onExport(listener: (notice: ExportNotice) => void): void;
}

const NO_WORK: ExitWork = { writeQuiet() {}, writeAll() {} };

/** @internal Starts an engine that tells `notifier` what goes wrong. */
export function startEngine(
  input: EngineInput,
  notifier: Notifier,
  work: ExitWork = NO_WORK,
  groupFor: ChooseGroup = alone,
): Engine {
  return openEngine(resolveInput(input, notifier), notifier, work, () => {}, groupFor);
}

/** The options, with every default filled in. `notifier` gets a warning for each that cannot be used. */
export function resolveInput(input: EngineInput, notifier: Notifier): EngineOptions {
  const { options, problems } = resolveEngineOptions(input);
  // Not in this call: listeners can only be added after it.
  for (const problem of problems) queueMicrotask(() => notifier.warning(message('TAILRACE_OPTION', problem)));
  return options;
}

/** @internal `onRest` is called when a worker has given its thread back. `groupFor`: whose workers it shares. */
export function openEngine(
  options: EngineOptions,
  notifier: Notifier,
  work: ExitWork,
  onRest: () => void = () => {},
  groupFor: ChooseGroup = alone,
): Engine {
  const engines = Array.from({ length: options.threads }, (_, i) => {
    const producer = createProducer(allocateSharedRing(options.ringBytes, options.sideLaneBytes), notifier);
    const group = groupFor(options, i);
    return createEngine(
      producer,
      linkToOwnConsumer(producer, options, notifier, work, onRest, group),
      options,
    );
  });
  return joinEngines(engines, options.exitTimeoutMs);
}

/** An engine of this thread over the workers of another thread's. */
export function attachToEngine(handle: EngineHandle, notifier: Notifier, work: ExitWork = NO_WORK): Engine {
  const { options } = handle;
  const engines = handle.engines.map((engine) => {
    const shared = borrowRing(engine.stock) ?? allocateSharedRing(options.ringBytes, options.sideLaneBytes);
    const producer = createProducer(shared, notifier);
    // Its ports keep the context that they are made in.
    const link = runOutside(() =>
      linkToOthersConsumer(producer, { ...handle, engines: [engine] }, notifier, work),
    );
    return createEngine(producer, link, options);
  });
  return joinEngines(engines, options.exitTimeoutMs);
}

function createEngine(
  producer: Producer,
  link: ConsumerLink,
  options: Pick<EngineOptions, 'flushTimeoutMs' | 'exitTimeoutMs' | 'flushAtExit'>,
): Engine {
  const { flushTimeoutMs, exitTimeoutMs, flushAtExit } = options;
  const { ring } = producer;
  const { stats } = link;
  let flushing: { readonly accepted: number; readonly result: Promise<FlushResult> } | undefined;
  let closing: Promise<FlushResult> | undefined;
  // A listener to a signal keeps the context that it is added in.
  const leaveExit = flushAtExit
    ? runOutside(() => joinExit(link.atExit((ms) => flushOnce(true, ms))))
    : () => {};

  function flush(): Promise<FlushResult> {
    if (closing !== undefined) return closing;
    const { accepted } = stats();
    // Calls of one turn, for the same events, share one round trip; a later call has a deadline of its own.
    if (flushing?.accepted !== accepted) {
      flushing = { accepted, result: flushOnce(false, flushTimeoutMs) };
      setImmediate(() => {
        flushing = undefined;
      });
    }
    return flushing.result;
  }

  async function flushOnce(isLast: boolean, timeoutMs: number): Promise<FlushResult> {
    // An event of this turn may still be on its way: a flush may come from a getter in another.
    await undefined;
    if (stats().pending > 0) await link.flush(isLast, timeoutMs);
    return stats();
  }

  function flushSync(timeoutMs: unknown = exitTimeoutMs): FlushResult {
    const deadline = deadlineAfter(timeoutMs, exitTimeoutMs);
    waitForAll(beginFlushSync().map((wait) => ({ wait, deadline })));
    return stats();
  }

  function beginFlushSync(): readonly FlushWait[] {
    const wait = stats().pending > 0 ? link.beginFlushNow() : undefined;
    return wait === undefined ? [] : [wait];
  }

  function shutdown(): Promise<FlushResult> {
    producer.closed = true;
    closing ??= close();
    return closing;
  }

  async function close(): Promise<FlushResult> {
    const deadline = monotonicNow() + flushTimeoutMs;
    await link.prepareClose();
    await flushOnce(true, flushTimeoutMs);
    leaveExit();
    await link.close(Math.max(1, deadline - monotonicNow()));
    return stats();
  }

  async function ready(): Promise<void> {
    const after = roomAfter(producer);
    if (producer.closed || after === undefined) return;
    if (after.isBeside) await link.flush(false);
    else await headReached(ring.words, after.position, () => producer.closed);
  }

  return {
    push: (event) => push(producer, writeValue, event),
    write: (write, event) => push(producer, write, event),
    freeze: (value) => freeze(producer, value),
    flush,
    flushSync,
    beginFlushSync,
    shutdown,
    ready,
    stats,
    handle: link.handle,
    on: (kind, listener) => producer.notifier.on(kind, listener),
    refuse: (told) => refuse(producer, 'closed', told),
    isAtRest: () => link.isAtRest() && stats().pending === 0,
    debug: link.debug,
    onExport: link.onExport,
  };
}
