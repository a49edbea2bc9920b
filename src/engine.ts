/** Public entry `tailrace/engine`: hands any event from this thread to a worker that delivers it. */

import { message } from './messages/message.js';
import { attachToEngine, type Engine, startEngine } from './producer/engine.js';
import { createNotifier, type Notifier } from './producer/messages/notifier.js';
import type { EngineHandle } from './shared/contract/attachment.js';
import { type LogOptions, resolveLogger, resolveLogLevel } from './shared/log-options.js';
import type { EngineInput } from './shared/options.js';
import { queueMicrotask } from './shared/runtime/real-time.js';

export type { MessageCode } from './messages/message.js';
export type { Engine } from './producer/engine.js';
export type { ChannelMessages } from './producer/messages/channels.js';
export type { EngineListeners, MessageDetail } from './producer/messages/notifier.js';
export type { EngineHandle } from './shared/contract/attachment.js';
export type { Counts, DropReason, FlushResult } from './shared/contract/counts.js';
export type {
  CreateExporter,
  EncodedRecord,
  Exporter,
  ExporterContext,
  ExportOutcome,
  ExportRequest,
  ExportResponse,
  RefusedRecord,
  TlsIdentity,
} from './shared/contract/exporter.js';
export type { Logger, LogLevel, LogOptions } from './shared/log-options.js';
export type { EngineInput, ExporterSource } from './shared/options.js';

/**
 * Creates an engine. Returns at once; the worker starts behind it.
 *
 * @example
 * const engine = createEngine({ exporter: { url: new URL('./my-exporter.js', import.meta.url) } });
 * engine.push({ any: 'value' });
 * await engine.shutdown();
 *
 * @throws TypeError when `exporter` is missing. Other options that cannot be used are replaced by their defaults
 * and named in a warning.
 */
export function createEngine(input: EngineInput & LogOptions): Engine {
  return startEngine(input, notifierFor(input));
}

/**
 * An engine of this thread that pushes through the workers of another thread's engine. It has a ring and counts of its
 * own; its `shutdown()` leaves the other running.
 *
 * @param handle What the other's `handle()` has made.
 */
export function attachEngine(handle: EngineHandle, options: LogOptions = {}): Engine {
  return attachToEngine(handle, notifierFor(options));
}

function notifierFor(options: LogOptions | null | undefined): Notifier {
  const problems: string[] = [];
  const logLevel = resolveLogLevel(options?.logLevel, problems);
  const notifier = createNotifier(logLevel, resolveLogger(options?.logger, problems));
  // Not in this call: listeners can only be added after it.
  for (const problem of problems) queueMicrotask(() => notifier.warning(message('TAILRACE_OPTION', problem)));
  return notifier;
}
