/** The OpenTelemetry span processor. */

import type { MeterProvider } from '@opentelemetry/api';
import type { TailraceSpanProcessorOptions } from '../config/options/processor.js';
import { resolveDestinations } from '../config/processor/destinations.js';
import { message } from '../messages/message.js';
import { createWorkerGroups } from '../producer/worker/worker-group.js';
import { type FinishedSpan, isSampled } from '../records/finished-span.js';
import { writeSpan } from '../records/span.js';
import type { Counts } from '../shared/contract/counts.js';
import { sumCounts } from '../shared/ring/totals.js';
import type { ContextLike } from '../shared/runtime/otel-api.js';
import { queueMicrotask } from '../shared/runtime/real-time.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { createDiagNotifier, type DiagNotifier } from './diag-notifier.js';
import {
  closeRoute,
  countsOf,
  createRoute,
  endSpan,
  flushRoute,
  measureRoute,
  type Route,
  refuseSpan,
  startSpan,
} from './route.js';
import { createSharedWriter, type SharedWriter } from './shared-writer.js';
import { isDefaultExportSpan } from './span-filter.js';
import { createOwnAttributes, type StartedSpan } from './start-attributes.js';

/**
 * An OpenTelemetry span processor that exports from a worker thread: the application's thread only writes one record into shared
 * memory, and the worker batches, encodes, compresses, sends and retries. It replaces `LangfuseSpanProcessor` (same options,
 * variables, filter and attributes), and `BatchSpanProcessor` with an OTLP exporter over HTTP (`OTEL_BSP_*` and
 * `OTEL_EXPORTER_OTLP_[TRACES_]*`). It works with sdk-trace 2.x and 1.x. Traces only: no logs, no metrics.
 *
 * None of its calls throws or blocks, and none of its promises rejects. Problems are reported through OpenTelemetry's `diag`, or on
 * the console if no logger is set.
 *
 * @example
 * // Langfuse, with the keys in LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY
 * const sdk = new NodeSDK({ spanProcessors: [new TailraceSpanProcessor()] });
 * sdk.start();
 *
 * @example
 * // any collector
 * new TailraceSpanProcessor({ endpoint: 'https://collector:4318', headers: { 'x-api-key': key } });
 */
export class TailraceSpanProcessor {
  readonly #notifier: DiagNotifier;
  readonly #routes: readonly Route[];
  /** Set if there are several routes: serialises a span once for all of them. */
  readonly #shared: SharedWriter | undefined;
  readonly #endMetrics: readonly (() => void)[];
  #closing: Promise<void> | undefined;

  /** Replaces options that cannot be used by their defaults, with a warning for each. */
  constructor(options: TailraceSpanProcessorOptions = {}) {
    const config = resolveDestinations(options ?? {}, process.env, isDefaultExportSpan);
    const { destinations, meterProvider, isDebugging, problems, faults } = config;
    this.#notifier = createDiagNotifier(isDebugging);
    if (destinations.length > 1) this.#shared = createSharedWriter();
    const shared = { writeSpan: this.#shared?.write ?? writeSpan, groupFor: createWorkerGroups() };
    const ownAttributes = createOwnAttributes(destinations.filter(({ start }) => start !== null).length);
    this.#routes = destinations.flatMap((destination) => {
      const own = destination.start && (ownAttributes.shift() ?? null);
      const parts = { ...shared, ownAttributes: own };
      return (
        this.#guarded('TAILRACE_DESTINATION_FAILED', () => createRoute(destination, this.#notifier, parts)) ??
        []
      );
    });
    this.#endMetrics = meterProvider === undefined ? [] : this.#measure(meterProvider);
    // Later: the application may set a logger right after this call.
    for (const problem of problems)
      queueMicrotask(() => this.#notifier.warning(message('TAILRACE_OPTION', problem)));
    for (const fault of faults)
      queueMicrotask(() => this.#notifier.error(message('TAILRACE_NOTHING_SENT', fault), { events: 0 }));
  }

  /** Sets the attributes for a Langfuse server: environment, release, and values that are propagated in the context. */
  onStart(span: StartedSpan, parentContext: ContextLike): void {
    if (this.#closing !== undefined) return;
    for (const route of this.#routes) {
      try {
        startSpan(route, span, parentContext);
      } catch (error) {
        this.#notifier.warnOnce(message('TAILRACE_SPAN_START_FAILED', messageOf(error)));
      }
    }
  }

  /** Writes the span for the worker, if it is sampled and a destination takes it. */
  onEnd(span: FinishedSpan): void {
    if (this.#closing !== undefined) return;
    for (const route of this.#routes) {
      try {
        const context = span.spanContext();
        if (isSampled(context)) endSpan(route, span, context.spanId);
      } catch (error) {
        this.#notifier.warnOnce(message('TAILRACE_SPAN_END_FAILED', messageOf(error)));
        refuseSpan(route);
      }
    }
    this.#shared?.forget();
  }

  /**
   * Sends all spans that have ended. Resolves once all of them, including those in flight, were delivered or have failed; or after
   * `flushTimeoutMs`, and the rest is retried afterwards. Never rejects. During and after `shutdown()` it only waits for that.
   */
  async forceFlush(): Promise<void> {
    await (this.#closing ?? Promise.all(this.#routes.map(flushRoute)));
  }

  /** Flushes like `forceFlush()`, then ends the worker. Later calls return the same promise. Never rejects. */
  shutdown(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The current counts, summed over all destinations. */
  stats(): Counts {
    return sumCounts(this.#routes.map(countsOf));
  }

  async #close(): Promise<void> {
    await Promise.all(this.#routes.map(closeRoute));
    for (const end of this.#endMetrics) this.#guarded('TAILRACE_METER_FAILED', end);
  }

  #measure(provider: MeterProvider): (() => void)[] {
    return this.#routes.flatMap(
      (route) => this.#guarded('TAILRACE_METER_FAILED', () => measureRoute(route, provider)) ?? [],
    );
  }

  /** Catches errors of the application's code. */
  #guarded<R>(code: 'TAILRACE_DESTINATION_FAILED' | 'TAILRACE_METER_FAILED', run: () => R): R | undefined {
    try {
      return run();
    } catch (error) {
      this.#notifier.warnOnce(message(code, messageOf(error)));
      return undefined;
    }
  }

  /** For printing the processor: contains no secrets. */
  toJSON(): object {
    return { destinations: this.#routes.length };
  }
}
