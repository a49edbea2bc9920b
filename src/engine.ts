/** Public entry `tailrace/engine`: passes events of any kind from this thread to a worker that delivers them. */

import { type LogOptions, resolveLogger, resolveLogLevel } from './config/log-options.js';
import type { EngineInput } from './config/options/engine.js';
import { defaultNumber } from './config/table/table.js';
import { message } from './messages/message.js';
import { attachToEngine, type Engine, isEngineHandle, startEngine } from './producer/engine.js';
import { createNotifier, type Notifier } from './producer/messages/notifier.js';
import type { EngineHandle } from './shared/contract/attachment.js';
import { queueMicrotask } from './shared/runtime/real-time.js';
import { show } from './shared/untrusted-text/show.js';

export type { LogOptions } from './config/log-options.js';
export type { ExporterSource, Logger, LogLevel } from './config/option-types.js';
export type { EngineInput } from './config/options/engine.js';
export type { Frozen } from './event/frozen.js';
export type { MessageCode } from './messages/message.js';
export type { Engine } from './producer/engine.js';
export type { ChannelMessages } from './producer/messages/channels.js';
export type { EngineListeners, MessageDetail } from './producer/messages/listeners.js';
export type { EngineHandle } from './shared/contract/attachment.js';
export type { Counts, DropReason, FlushResult } from './shared/contract/counts.js';
export type { EngineOptions } from './shared/contract/engine-options.js';
export type {
  AddressGuard,
  CreateExporter,
  EncodedRecord,
  ExportAttempt,
  ExportEndpoint,
  Exporter,
  ExporterContext,
  ExportOutcome,
  ExportPayload,
  ExportRequest,
  ExportResponse,
  RefusedRecord,
  TlsIdentity,
} from './shared/contract/exporter.js';
export type { ProxySetting } from './shared/proxy-url.js';

/**
 * Creates an engine. Returns at once; the worker starts in the background.
 *
 * @example
 * const engine = createEngine({ exporter: { url: new URL('./my-exporter.js', import.meta.url) } });
 * engine.push({ any: 'value' });
 * await engine.shutdown();
 *
 * @throws TypeError if `exporter` is missing. Other options that cannot be used are replaced by their defaults,
 * and a warning names them.
 */
export function createEngine(input: EngineInput & LogOptions): Engine {
  return startEngine(input, notifierFor(input));
}

/**
 * Creates an engine of this thread that pushes through the workers of another thread's engine. It has its own ring and counts.
 * Its `shutdown()` leaves the other engine running.
 *
 * @param handle The result of the other engine's `handle()`.
 */
export function attachEngine(handle: EngineHandle, options: LogOptions = {}): Engine {
  const notifier = notifierFor(options);
  if (isEngineHandle(handle)) return attachToEngine(handle, notifier);
  const problem = `attachEngine() must be given what handle() returned, but got: ${show(handle)}; nothing is sent`;
  queueMicrotask(() => notifier.warning(message('TAILRACE_OPTION', problem)));
  return attachToEngine(handleOfNobody(), notifier);
}

/** The handle of no engine: nobody lets its thread in. */
function handleOfNobody(): EngineHandle {
  return {
    threadId: -1,
    engines: [{ id: '', ringPool: [] }],
    options: {
      ringBytes: defaultNumber('engine', 'ringBytes'),
      sideLaneBytes: defaultNumber('engine', 'sideLaneBytes'),
      flushTimeoutMs: defaultNumber('engine', 'flushTimeoutMs'),
      exitTimeoutMs: defaultNumber('engine', 'exitTimeoutMs'),
      workerStuckMs: defaultNumber('engine', 'workerStuckMs'),
      flushAtExit: false,
    },
  };
}

function notifierFor(options: LogOptions | null | undefined): Notifier {
  const problems: string[] = [];
  const logLevel = resolveLogLevel(options?.logLevel, problems);
  const notifier = createNotifier(logLevel, resolveLogger(options?.logger, problems));
  // Not in this call: listeners can only be added after it.
  for (const problem of problems) queueMicrotask(() => notifier.warning(message('TAILRACE_OPTION', problem)));
  return notifier;
}
