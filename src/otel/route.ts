/** Takes a span to the queue of one destination: filters it, masks it, and holds it until it is complete. */

import type { MeterProvider } from '@opentelemetry/api';
import type { Destination } from '../config/processor/destinations.js';
import { message } from '../messages/message.js';
import type { WriteEvent } from '../producer/push/event-codec.js';
import type { ChooseGroup } from '../producer/worker/worker-group.js';
import type { FinishedSpan } from '../records/finished-span.js';
import type { Counts } from '../shared/contract/counts.js';
import { addExpectedSpans, removeExpectedSpans } from '../shared/contract/exported-spans.js';
import type { OtlpExporterOptions } from '../shared/contract/otlp-options.js';
import type { ContextLike } from '../shared/runtime/otel-api.js';
import { monotonicNow } from '../shared/runtime/real-time.js';
import { within } from '../shared/runtime/timeout.js';
import { nameOf } from '../shared/untrusted-text/errors.js';
import type { DiagNotifier } from './diag-notifier.js';
import { createInlineMediaNotice } from './inline-media.js';
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
  type OwnAttributes,
  type StartAttributes,
  type StartedSpan,
  setStartAttributes,
  withOwnAttributes,
} from './start-attributes.js';

export interface Route {
  readonly destination: Destination;
  readonly notifier: DiagNotifier;
  readonly start: StartAttributes | null;
  readonly held: HeldSpans;
  readonly sink: SpanSink;
  /** For an exporter of the application: masking and redaction, which the worker does for others. */
  readonly revisions: OwnRevisions | undefined;
  readonly noticeMedia: ((span: FinishedSpan) => void) | undefined;
}

/** Parts that the routes of one processor share. */
interface RouteParts {
  readonly writeSpan: WriteEvent<FinishedSpan>;
  /** Chooses the worker that it shares. */
  readonly groupFor: ChooseGroup;
  readonly ownAttributes: OwnAttributes | null;
}

/** After this, a span is written without pending attributes of its resource, and with its payloads hidden if a mask is pending. */
const MAX_HOLD_MS = 10_000;
const DEFAULT_EXPORT_TIMEOUT_MS = 30_000;
/** Limit for the name of a span or scope in a message. */
const MAX_SHOWN_CHARACTERS = 100;

export function createRoute(
  destination: Destination,
  notifier: DiagNotifier,
  { writeSpan, groupFor, ownAttributes }: RouteParts,
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
  const isApplications = to.kind === 'exporter';
  const revisions = isApplications ? createOwnRevisions(destination.payload, notifier) : undefined;
  const noticeMedia = isApplications && to.namesMedia ? createInlineMediaNotice(notifier) : undefined;
  const isExpected = (span: FinishedSpan): boolean => isExportedQuietly(shouldExport, span);
  const open = new Map<string, boolean>();
  if (start !== null) addExpectedSpans(open);
  return {
    destination,
    notifier,
    start: start && { ...start, isExpected, open, own: ownAttributes },
    held,
    sink,
    revisions,
    noticeMedia,
  };
}

export function startSpan({ start }: Route, span: StartedSpan, context: ContextLike): void {
  if (start !== null) setStartAttributes(start, span, context);
}

export function endSpan(route: Route, ended: FinishedSpan, spanId: string): void {
  const { start, sink, held } = route;
  if (start !== null) forgetSpan(start, spanId);
  const span = start?.own ? withOwnAttributes(start.own, ended) : ended;
  if (!isExported(route, span)) {
    debugDropped(route, span);
    return;
  }
  route.noticeMedia?.(span);
  const masked = revised(route, span);
  const resource = resourceOf(held, span);
  if (masked instanceof Promise) holdForMask(route, span, masked, resource);
  // Without room, the span is written without the pending attributes of its resource.
  else if (resource === undefined || !hasRoomToHold(held)) sink.write(masked);
  else holdForResource(route, masked, resource);
}

/** Applies the option `mask`, and the masking and redaction that the worker would do. */
function revised(route: Route, span: FinishedSpan): FinishedSpan | Promise<FinishedSpan> {
  const { destination, revisions } = route;
  const masked = destination.mask === null ? span : maskSpan(destination.mask, span, maskFailed(route));
  if (revisions === undefined) return masked;
  return masked instanceof Promise ? masked.then(revisions.revise) : revisions.revise(masked);
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

/** Resolves once all spans that have ended are delivered, or after `flushTimeoutMs`. Never rejects. */
export async function flushRoute({ destination, held, sink, notifier }: Route): Promise<void> {
  const { flushTimeoutMs } = destination.queue;
  const startedAt = monotonicNow();
  await within(flushTimeoutMs, async () => {
    await allWritten(held);
    await sink.flush();
  });
  const { pending } = sink.stats();
  // Within the time, pending spans are those that ended since. Timers may be early by a fraction.
  if (pending > 0 && monotonicNow() - startedAt > flushTimeoutMs - 1)
    notifier.warning(message('TAILRACE_FLUSH_TIMED_OUT', pending, flushTimeoutMs));
}

/** For a span that could not be read. */
export function refuseSpan({ sink }: Route): void {
  sink.refuse('unserializable');
}

export async function closeRoute({ destination, start, held, sink }: Route): Promise<void> {
  await within(destination.queue.flushTimeoutMs, () => allWritten(held));
  writeAllHeld(held);
  if (start !== null) removeExpectedSpans(start.open);
  await sink.shutdown();
}

/** Reports metrics to a meter. Returns a function that ends that. */
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

/** Held spans count as accepted and pending. */
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

/** For a user who wonders why a span is not on the server. */
function debugDropped({ destination, notifier }: Route, span: FinishedSpan): void {
  const write = notifier.debugWriter();
  if (write === undefined) return;
  const filter =
    destination.shouldExport === isDefaultExportSpan ? 'isDefaultExportSpan' : 'shouldExportSpan';
  write(message('TAILRACE_SPAN_FILTERED', showName(span.name), showName(scopeName(span)), filter));
}

/** The API accepts names of any type and length. */
function showName(given: unknown): string {
  const name = String(given ?? '');
  const isLong = name.length > MAX_SHOWN_CHARACTERS;
  return JSON.stringify(isLong ? `${name.slice(0, MAX_SHOWN_CHARACTERS)}…` : name);
}

/** At a span's start, a filter may throw because of values that are not set yet. */
function isExportedQuietly(shouldExport: Destination['shouldExport'], span: FinishedSpan): boolean {
  try {
    return shouldExport === null || shouldExport(span);
  } catch {
    return false;
  }
}

function maskFailed({ notifier }: Route): (name: string) => void {
  return (name) => notifier.warnOnce(message('TAILRACE_MASK_FAILED', `threw ${name}`));
}

function hideLate({ notifier, revisions }: Route, span: FinishedSpan): FinishedSpan {
  notifier.warnOnce(message('TAILRACE_MASK_LATE'));
  const hidden = hideSpan(span);
  return revisions === undefined ? hidden : revisions.redact(hidden);
}
