/** Creates engines: puts together the half on the application's thread, the producer and its link to a consumer. */

import * as types from 'node:util/types';
import { resolveEngineOptions } from '../config/engine-options.js';
import type { EngineInput } from '../config/options/engine.js';
import { writeValue } from '../event/value-writer.js';
import { message } from '../messages/message.js';
import type { EngineHandle } from '../shared/contract/attachment.js';
import type { FlushResult } from '../shared/contract/counts.js';
import type { EngineOptions } from '../shared/contract/engine-options.js';
import type { SharedRing } from '../shared/ring/ring-layout.js';
import { headReached } from '../shared/ring/urgent-flush.js';
import { monotonicNow, queueMicrotask, setImmediate } from '../shared/runtime/real-time.js';
import { runOutside } from '../shared/runtime/suppression.js';
import { linkToOthersConsumer } from './attach/others-consumer.js';
import { allocateSharedRing, borrowRing } from './attach/ring-pool.js';
import type { ConsumerLink, ExitWork } from './consumer-link.js';
import type { Engine } from './engine-api.js';
import { deadlineAfter, type FlushWait, waitForAll } from './exit/blocking-wait.js';
import { joinExit } from './exit/exit-hooks.js';
import { joinEngines } from './joined-engines.js';
import type { Notifier } from './messages/notifier.js';
import { createProducer, freeze, type Producer, push, refuse, roomAfter } from './push/push.js';
import { linkToOwnConsumer } from './worker/own-consumer.js';
import { alone, type ChooseGroup } from './worker/worker-group.js';

export type { Engine } from './engine-api.js';

const NO_WORK: ExitWork = { writeQuiet() {}, writeAll() {} };

/** @internal Starts an engine that reports problems to `notifier`. */
export function startEngine(
  input: EngineInput,
  notifier: Notifier,
  work: ExitWork = NO_WORK,
  groupFor: ChooseGroup = alone,
): Engine {
  return openEngine(resolveInput(input, notifier), notifier, work, () => {}, groupFor);
}

/** Fills in the defaults. `notifier` gets a warning for each option that cannot be used. */
export function resolveInput(input: EngineInput, notifier: Notifier): EngineOptions {
  const { options, problems } = resolveEngineOptions(input);
  // Not in this call: listeners can only be added after it.
  for (const problem of problems) queueMicrotask(() => notifier.warning(message('TAILRACE_OPTION', problem)));
  return options;
}

/** @internal `onIdleStop` is called when a worker was stopped when idle. `groupFor` chooses the workers that it shares. */
export function openEngine(
  options: EngineOptions,
  notifier: Notifier,
  work: ExitWork,
  onIdleStop: () => void = () => {},
  groupFor: ChooseGroup = alone,
): Engine {
  const engines = Array.from({ length: options.workers }, (_, i) => {
    const producer = createProducer(allocateSharedRing(options.ringBytes, options.sideLaneBytes), notifier);
    const group = groupFor(options, i);
    return createEngine(
      producer,
      linkToOwnConsumer(producer, options, notifier, work, onIdleStop, group),
      options,
    );
  });
  return joinEngines(engines, options.exitTimeoutMs);
}

/** Whether `engine.handle()` of any thread of this process made it. Never throws. */
export function isEngineHandle(handle: unknown): handle is EngineHandle {
  try {
    const { threadId, engines, options } = handle as EngineHandle;
    const isShared = ({ ring, lane }: SharedRing) =>
      types.isSharedArrayBuffer(ring) && types.isSharedArrayBuffer(lane);
    return (
      Number.isInteger(threadId) &&
      Number.isInteger(options.ringBytes) &&
      engines.every(({ id, ringPool }) => typeof id === 'string' && ringPool.every(isShared))
    );
  } catch {
    return false;
  }
}

/** Creates an engine of this thread that uses the workers of another thread's engine. */
export function attachToEngine(handle: EngineHandle, notifier: Notifier, work: ExitWork = NO_WORK): Engine {
  const { options } = handle;
  const engines = handle.engines.map((engine) => {
    const shared =
      borrowRing(engine.ringPool) ?? allocateSharedRing(options.ringBytes, options.sideLaneBytes);
    const producer = createProducer(shared, notifier);
    // Ports keep the async context in which they are made.
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
  // A signal's listener keeps the async context in which it is added.
  const leaveExit = flushAtExit
    ? runOutside(() => joinExit(link.atExit((ms) => flushOnce(true, ms))))
    : () => {};

  function flush(): Promise<FlushResult> {
    if (closing !== undefined) return closing;
    const { accepted } = stats();
    // Calls of one turn for the same events share one round trip. A later call has a deadline of its own.
    if (flushing?.accepted !== accepted) {
      flushing = { accepted, result: flushOnce(false, flushTimeoutMs) };
      setImmediate(() => {
        flushing = undefined;
      });
    }
    return flushing.result;
  }

  async function flushOnce(isLast: boolean, timeoutMs: number): Promise<FlushResult> {
    // An event of this turn may not be on the ring yet: a getter in it may have called flush().
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
    if (after.isInSideLane) await link.flush(false);
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
    refuse: (reportTo) => refuse(producer, 'closed', reportTo),
    isIdle: () => link.isIdle() && stats().pending === 0,
    debug: link.debug,
    onExport: link.onExport,
  };
}
