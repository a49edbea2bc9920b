/**
 * A sink before an exporter of the application, which can only be called on the application's thread. It batches by count and by
 * time, with one export at a time, as OpenTelemetry's specification demands.
 */

import type { SpanExporterLike } from '../../config/option-types.js';
import { type ErrorMessage, message } from '../../messages/message.js';
import type { ExitWork } from '../../producer/consumer-link.js';
import { type ExitParticipant, joinExit } from '../../producer/exit/exit-hooks.js';
import type { Notifier } from '../../producer/messages/notifier.js';
import type { FinishedSpan } from '../../records/finished-span.js';
import type { Counts } from '../../shared/contract/counts.js';
import { untraced } from '../../shared/runtime/otel-api.js';
import { clearTimeout, nextImmediate, setTimeout } from '../../shared/runtime/real-time.js';
import { within } from '../../shared/runtime/timeout.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { exportBatch } from './export-call.js';
import { countLoss, createLosses, endLossAt, type Losses } from './losses.js';
import type { SpanSink } from './span-sink.js';

interface ExporterSinkOptions {
  readonly exporter: SpanExporterLike;
  readonly maxQueueSize: number;
  readonly flushAt: number;
  readonly flushIntervalMs: number;
  /** After this, an export counts as failed. */
  readonly exportTimeoutMs: number;
  /** Limits a flush, and a shutdown. */
  readonly flushTimeoutMs: number;
  readonly flushAtExit: boolean;
  readonly exitTimeoutMs: number;
}

interface ExporterSink {
  readonly options: ExporterSinkOptions;
  readonly notifier: Notifier;
  readonly losses: Losses;
  readonly queue: FinishedSpan[];
  /** Spans in the current export. */
  inFlight: number;
  timer: NodeJS.Timeout | undefined;
  /** Set while exports run, one after the other, until no span is due. */
  exporting: Promise<void> | undefined;
  /** Flushes that wait until so many spans have settled. Spans settle in the order in which they were accepted. */
  flushes: { readonly accepted: number; readonly resolve: () => void }[];
  /** How many spans of the queue have to be exported even if they do not fill a batch. */
  due: number;
  accepted: number;
  sent: number;
  failed: number;
}

/** At a natural end of the process, `work.writeQuiet` writes the spans that are held. */
export function createExporterSink(
  options: ExporterSinkOptions,
  notifier: Notifier,
  work: ExitWork,
): SpanSink {
  const sink: ExporterSink = {
    options,
    notifier,
    losses: createLosses(notifier),
    flushes: [],
    queue: [],
    inFlight: 0,
    timer: undefined,
    exporting: undefined,
    due: 0,
    accepted: 0,
    sent: 0,
    failed: 0,
  };
  const leaveExit = options.flushAtExit ? joinExit(exitParticipant(sink, work)) : () => {};
  return {
    write: (span) => write(sink, span),
    refuse: (reason) => countLoss(sink.losses, reason),
    flush: () => flush(sink),
    async shutdown() {
      await shutdown(sink);
      leaveExit();
    },
    stats: () => countsOf(sink),
  };
}

function exitParticipant(sink: ExporterSink, work: ExitWork): ExitParticipant {
  return {
    exitTimeoutMs: sink.options.exitTimeoutMs,
    handleSignals: false,
    pending() {
      work.writeQuiet();
      return pendingOf(sink);
    },
    flush: (timeoutMs) => within(timeoutMs, () => flush(sink)),
    write: (reason) => work.writeAll(reason),
    begin() {},
    // An exporter needs the event loop, which has stopped.
    finish() {
      const left = pendingOf(sink);
      if (left > 0) fail(sink, left, message('TAILRACE_NOT_EXPORTED', left, 'the process ended'));
      sink.queue.length = 0;
      sink.inFlight = 0;
    },
  };
}

function write(sink: ExporterSink, span: FinishedSpan): void {
  const { maxQueueSize, flushAt, flushIntervalMs } = sink.options;
  const pending = pendingOf(sink);
  endLossAt(sink.losses, pending, maxQueueSize);
  if (pending >= maxQueueSize) {
    countLoss(sink.losses, 'queue-full');
    return;
  }
  sink.queue.push(span);
  sink.accepted++;
  if (sink.queue.length >= flushAt) startExporting(sink);
  else sink.timer ??= setTimeout(exportAged, flushIntervalMs, sink).unref();
}

function exportAged(sink: ExporterSink): void {
  sink.timer = undefined;
  sink.due = sink.queue.length;
  startExporting(sink);
}

async function flush(sink: ExporterSink): Promise<void> {
  sink.due = sink.queue.length;
  startExporting(sink);
  const settled = whenSettled(sink);
  resolveSettled(sink);
  await settled;
  await quietly(sink, 'forceFlush', () => sink.options.exporter.forceFlush?.());
}

async function shutdown(sink: ExporterSink): Promise<void> {
  const { exporter, flushTimeoutMs } = sink.options;
  await within(flushTimeoutMs, () => flush(sink));
  const left = sink.queue.splice(0).length;
  sink.due = 0;
  if (left > 0) fail(sink, left, message('TAILRACE_NOT_EXPORTED_AT_SHUTDOWN', left, flushTimeoutMs));
  await within(flushTimeoutMs, () => quietly(sink, 'shutdown', () => exporter.shutdown?.()));
}

function startExporting(sink: ExporterSink): void {
  sink.exporting ??= exportDue(sink).finally(() => {
    sink.exporting = undefined;
    waitForMore(sink);
  });
}

/** Spans that came during the export may fill a batch already. */
function waitForMore(sink: ExporterSink): void {
  const { flushAt, flushIntervalMs } = sink.options;
  if (sink.queue.length === 0) {
    clearTimeout(sink.timer);
    sink.timer = undefined;
  } else if (sink.due > 0 || sink.queue.length >= flushAt) startExporting(sink);
  else sink.timer ??= setTimeout(exportAged, flushIntervalMs, sink).unref();
}

async function exportDue(sink: ExporterSink): Promise<void> {
  // Not within the call that ends a span: an exporter may encode a whole batch before it returns.
  await nextImmediate();
  while (sink.due > 0 || sink.queue.length >= sink.options.flushAt) {
    const batch = sink.queue.splice(0, sink.options.flushAt);
    sink.due = Math.max(0, sink.due - batch.length);
    sink.inFlight = batch.length;
    const failure = await exportBatch(sink.options.exporter, batch, sink.options.exportTimeoutMs);
    sink.inFlight = 0;
    if (failure === undefined) sink.sent += batch.length;
    else fail(sink, batch.length, message('TAILRACE_NOT_EXPORTED', batch.length, failure));
    resolveSettled(sink);
  }
}

/** Resolves once all spans that are accepted now have settled. */
function whenSettled(sink: ExporterSink): Promise<void> {
  const { accepted } = sink;
  return new Promise((resolve) => {
    sink.flushes.push({ accepted, resolve });
  });
}

function resolveSettled(sink: ExporterSink): void {
  const settled = sink.sent + sink.failed;
  const over = sink.flushes.filter(({ accepted }) => accepted <= settled);
  sink.flushes = sink.flushes.filter(({ accepted }) => accepted > settled);
  for (const { resolve } of over) resolve();
}

function fail(sink: ExporterSink, events: number, message: ErrorMessage): void {
  sink.failed += events;
  sink.notifier.error(message, { events });
}

async function quietly(sink: ExporterSink, call: string, run: () => unknown): Promise<void> {
  try {
    await untraced(run);
  } catch (error) {
    sink.notifier.warning(message('TAILRACE_EXPORTER_CALL_FAILED', call, messageOf(error)));
  }
}

function pendingOf({ queue, inFlight }: ExporterSink): number {
  return queue.length + inFlight;
}

function countsOf(sink: ExporterSink): Counts {
  const { accepted, sent, failed, losses } = sink;
  const none = {
    retried: 0,
    spooled: 0,
    recovered: 0,
    unrecovered: 0,
    bytes: 0,
    truncated: 0,
    mediaFailed: 0,
  };
  return { ...none, accepted, sent, failed, dropped: { ...losses.dropped }, pending: pendingOf(sink) };
}
