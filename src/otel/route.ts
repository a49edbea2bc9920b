/** A span's way to one destination, from its end to the queue: filtered, masked, held until it is complete. */

import type { MeterProvider } from '@opentelemetry/api';
import { message } from '../messages/message.js';
import type { WriteEvent } from '../producer/push/event-codec.js';
import { within } from '../producer/within.js';
import type { ChooseGroup } from '../producer/worker/worker-group.js';
import type { FinishedSpan } from '../records/finished-span.js';
import type { Counts } from '../shared/contract/counts.js';
import { addExpectedSpans, removeExpectedSpans } from '../shared/contract/exported-spans.js';
import type { OtlpExporterOptions } from '../shared/otlp-options.js';
import type { ContextLike } from '../shared/runtime/otel-api.js';
import { monotonicNow } from '../shared/runtime/real-time.js';
import { nameOf } from '../shared/untrusted-text/errors.js';
import type { Destination } from './destinations.js';
import type { DiagNotifier } from './diag-notifier.js';
import { createInlineMediaNotice } from './inline-media.js';
import { asOwn, type OwnAttributes } from './own-attributes.js';
import { createOwnRevisions, type OwnRevisions } from './own-revisions.js';
import { measure } from './self-metrics.js';
import { createExporterSink } from './sinks/exporter-sink.js';
import {
  allWritten,
  createHeldSpans,
  type HeldSpans,
  hasRoomToHold,
  holdSpan,
  inTime,
  resourceOf,
  writeAllHeld,
} from './sinks/held-spans.js';
import type { SpanSink } from './sinks/span-sink.js';
import { createWorkerSink } from './sinks/worker-sink.js';
import { isDefaultExportSpan, scopeName } from './span-filter.js';
import { hideSpan, maskSpan } from './span-mask.js';
import {
  forgetSpan,
  type StartAttributes,
  type StartedSpan,
  setStartAttributes,
} from './start-attributes.js';

export interface Route {
  readonly destination: Destination;
  readonly notifier: DiagNotifier;
  readonly start: StartAttributes | null;
  readonly held: HeldSpans;
  readonly sink: SpanSink;
  /** For an exporter of the application's own: what the worker does for others. */
  readonly own: OwnRevisions | undefined;
  readonly nameMedia: ((span: FinishedSpan) => void) | undefined;
}

/** What the routes of one processor have in common, or share out. */
interface RouteParts {
  readonly writeSpan: WriteEvent<FinishedSpan>;
  /** Whose worker it shares. */
  readonly groupFor: ChooseGroup;
  readonly apart: OwnAttributes | null;
}

/** Attributes of a resource that take longer are done without; what a mask takes longer for is hidden. */
const MAX_HOLD_MS = 10_000;
const DEFAULT_EXPORT_TIMEOUT_MS = 30_000;
/** Of a span's name, or its scope's. */
const MAX_SHOWN_CHARS = 100;

export function createRoute(
  destination: Destination,
  notifier: DiagNotifier,
  { writeSpan, groupFor, apart }: RouteParts,
): Route {
  const { to, queue, start, shouldExport } = destination;
  const held = createHeldSpans(queue.maxQueueSize, MAX_HOLD_MS);
  const writeHeld = (): void => writeAllHeld(held);
  const work = { writeQuiet: writeHeld, writeAll: writeHeld };
  const { maxQueueSize, exportTimeoutMs = DEFAULT_EXPORT_TIMEOUT_MS } = queue;
  const sink =
    to.kind === 'exporter'
      ? createExporterSink({ ...queue, exporter: to.exporter, exportTimeoutMs }, notifier, work)
      : createWorkerSink({ engine: to.engine, maxQueueSize }, notifier, work, writeSpan, groupFor);
  const isOwn = to.kind === 'exporter';
  const own = isOwn ? createOwnRevisions(destination.payload, notifier) : undefined;
  const nameMedia = isOwn && to.namesMedia ? createInlineMediaNotice(notifier) : undefined;
  const isExpected = (span: FinishedSpan): boolean => isQuietly(shouldExport, span);
  const open = new Map<string, boolean>();
  if (start !== null) addExpectedSpans(open);
  return {
    destination,
    notifier,
    start: start && { ...start, isExpected, open, apart },
    held,
    sink,
    own,
    nameMedia,
  };
}

export function startSpan({ start }: Route, span: StartedSpan, context: ContextLike): void {
  if (start !== null) setStartAttributes(start, span, context);
}

export function endSpan(route: Route, ended: FinishedSpan, spanId: string): void {
  const { start, sink, held } = route;
  if (start !== null) forgetSpan(start, spanId);
  const span = start?.apart ? asOwn(start.apart, ended) : ended;
  if (!isExported(route, span)) {
    tellDropped(route, span);
    return;
  }
  route.nameMedia?.(span);
  const masked = revised(route, span);
  const resource = resourceOf(held, span);
  if (masked instanceof Promise) holdForMask(route, span, masked, resource);
  // Better without some attributes of its resource than not at all.
  else if (resource === undefined || !hasRoomToHold(held)) sink.write(masked);
  else holdForResource(route, masked, resource);
}

/** By the application's function, and what the worker would do. */
function revised(route: Route, span: FinishedSpan): FinishedSpan | Promise<FinishedSpan> {
  const { destination, own } = route;
  const masked = destination.mask === null ? span : maskSpan(destination.mask, span, maskFailed(route));
  if (own === undefined) return masked;
  return masked instanceof Promise ? masked.then(own.revise) : own.revise(masked);
}

function holdForMask(
  route: Route,
  span: FinishedSpan,
  masked: Promise<FinishedSpan>,
  resource: Promise<unknown> | undefined,
): void {
  const { held, sink } = route;
  if (hasRoomToHold(held)) {
    const ready = Promise.all([inTime(held, masked), resource]).then(([one]) => one);
    holdSpan(held, ready, sink, () => hideLate(route, span));
  } else {
    masked.catch(() => {});
    sink.refuse('queue-full');
  }
}

function holdForResource({ held, sink }: Route, span: FinishedSpan, resource: Promise<unknown>): void {
  const ready = resource.then(() => span);
  holdSpan(held, ready, sink, () => span);
}

/** Resolves once all that has ended is delivered, or has had its time. Never rejects. */
export async function flushRoute({ destination, held, sink, notifier }: Route): Promise<void> {
  const { flushTimeoutMs } = destination.queue;
  const startedAt = monotonicNow();
  await within(flushTimeoutMs, async () => {
    await allWritten(held);
    await sink.flush();
  });
  const { pending } = sink.stats();
  // What is pending in time has ended since. Timers may be early by a fraction.
  if (pending > 0 && monotonicNow() - startedAt > flushTimeoutMs - 1)
    notifier.warning(message('TAILRACE_FLUSH_TIMED_OUT', pending, flushTimeoutMs));
}

/** A span that could not even be looked at. */
export function giveUpSpan({ sink }: Route): void {
  sink.refuse('unserializable');
}

export async function closeRoute({ destination, start, held, sink }: Route): Promise<void> {
  await within(destination.queue.flushTimeoutMs, () => allWritten(held));
  writeAllHeld(held);
  if (start !== null) removeExpectedSpans(start.open);
  await sink.shutdown();
}

/** Tells a meter of it from now on. Returns what ends that. */
export function measureRoute(route: Route, provider: MeterProvider): () => void {
  const { destination, sink } = route;
  const { queue, to } = destination;
  const options = to.kind === 'worker' ? (to.engine.exporter.options as OtlpExporterOptions) : undefined;
  const { onExport } = sink;
  const measured = {
    counts: () => countsOf(route),
    maxQueueSize: queue.maxQueueSize,
    worker: options && onExport && { url: new URL(options.url), onExport },
  };
  return measure(provider, measured, options?.protocol ?? 'http/protobuf');
}

/** What is held has been accepted, and is pending. */
export function countsOf({ held, sink }: Route): Counts {
  const counts = sink.stats();
  const { size } = held.held;
  return { ...counts, accepted: counts.accepted + size, pending: counts.pending + size };
}

function isExported({ destination, sink, notifier }: Route, span: FinishedSpan): boolean {
  const { shouldExport } = destination;
  if (shouldExport === null) return true;
  try {
    return shouldExport(span);
  } catch (error) {
    notifier.warnOnce(message('TAILRACE_FILTER_FAILED', nameOf(error)));
    sink.refuse('filter-failed');
    return false;
  }
}

/** For whoever looks for a span on the server in vain. */
function tellDropped({ destination, notifier }: Route, span: FinishedSpan): void {
  const write = notifier.debugWriter();
  if (write === undefined) return;
  const filter =
    destination.shouldExport === isDefaultExportSpan ? 'isDefaultExportSpan' : 'shouldExportSpan';
  write(message('TAILRACE_SPAN_FILTERED', showName(span.name), showName(scopeName(span)), filter));
}

/** An API that takes whatever it is given has names of all sorts. */
function showName(given: unknown): string {
  const name = String(given ?? '');
  const isLong = name.length > MAX_SHOWN_CHARS;
  return JSON.stringify(isLong ? `${name.slice(0, MAX_SHOWN_CHARS)}…` : name);
}

/** At a span's start a filter may well stumble over what is not there yet. */
function isQuietly(shouldExport: Destination['shouldExport'], span: FinishedSpan): boolean {
  try {
    return shouldExport === null || shouldExport(span);
  } catch {
    return false;
  }
}

function maskFailed({ notifier }: Route): (name: string) => void {
  return (name) => notifier.warnOnce(message('TAILRACE_MASK_FAILED', `threw ${name}`));
}

function hideLate({ notifier, own }: Route, span: FinishedSpan): FinishedSpan {
  notifier.warnOnce(message('TAILRACE_MASK_LATE'));
  const hidden = hideSpan(span);
  return own === undefined ? hidden : own.redact(hidden);
}
