/** OpenTelemetry's span processor, as the SDK calls it. */

import type { MeterProvider } from '@opentelemetry/api';
import { message } from '../messages/message.js';
import { createWorkerGroups } from '../producer/worker/worker-group.js';
import { type FinishedSpan, isSampled } from '../records/finished-span.js';
import { writeSpan } from '../records/span-writer.js';
import type { Counts } from '../shared/contract/counts.js';
import { sumCounts } from '../shared/ring/totals.js';
import type { ContextLike } from '../shared/runtime/otel-api.js';
import { queueMicrotask } from '../shared/runtime/real-time.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { resolveDestinations } from './destinations.js';
import { createDiagNotifier, type DiagNotifier } from './diag-notifier.js';
import { createOwnAttributes } from './own-attributes.js';
import type { TailraceSpanProcessorOptions } from './processor-options.js';
import {
  closeRoute,
  countsOf,
  createRoute,
  endSpan,
  flushRoute,
  giveUpSpan,
  measureRoute,
  type Route,
  startSpan,
} from './route.js';
import { createSharedWriter, type SharedWriter } from './shared-writer.js';
import type { StartedSpan } from './start-attributes.js';

/**
 * An OpenTelemetry span processor whose export costs the application's thread one record in shared memory: a worker
 * thread batches, encodes, compresses, sends and tries again. It takes the place of `LangfuseSpanProcessor` (same
 * options, variables, filter and attributes) and of `BatchSpanProcessor` with an OTLP exporter over HTTP
 * (`OTEL_BSP_*` and `OTEL_EXPORTER_OTLP_[TRACES_]*`), with sdk-trace 2.x and 1.x. Traces only: no logs, no metrics.
 *
 * None of its calls throws or blocks, and none of its promises rejects: what goes wrong is told through OpenTelemetry's
 * `diag`, or on the console where no logger is set.
 *
 * @example
 * // Langfuse; the keys are in LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY
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
  /** Where there are several, a span's record is made once for all. */
  readonly #shared: SharedWriter | undefined;
  readonly #endMetrics: readonly (() => void)[];
  #closing: Promise<void> | undefined;

  /** Options that cannot be used are replaced by their defaults and named in a warning. */
  constructor(options: TailraceSpanProcessorOptions = {}) {
    const config = resolveDestinations(options ?? {}, process.env);
    const { destinations, meterProvider, isDebugging, problems, faults } = config;
    this.#notifier = createDiagNotifier(isDebugging);
    if (destinations.length > 1) this.#shared = createSharedWriter();
    const shared = { writeSpan: this.#shared?.write ?? writeSpan, groupFor: createWorkerGroups() };
    const apart = createOwnAttributes(destinations.filter(({ start }) => start !== null).length);
    this.#routes = destinations.flatMap((destination) => {
      const parts = { ...shared, apart: destination.start && (apart.shift() ?? null) };
      return (
        this.#guarded('TAILRACE_DESTINATION_FAILED', () => createRoute(destination, this.#notifier, parts)) ??
        []
      );
    });
    this.#endMetrics = meterProvider === undefined ? [] : this.#measure(meterProvider);
    // Not here: a logger may be set right after.
    for (const problem of problems)
      queueMicrotask(() => this.#notifier.warning(message('TAILRACE_OPTION', problem)));
    for (const fault of faults)
      queueMicrotask(() => this.#notifier.error(message('TAILRACE_NOTHING_SENT', fault), { events: 0 }));
  }

  /** Sets what a Langfuse server wants on the span: environment, release, what is propagated in its context. */
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

  /** Writes the span for the worker, if it is sampled and a destination wants it. */
  onEnd(span: FinishedSpan): void {
    if (this.#closing !== undefined) return;
    for (const route of this.#routes) {
      try {
        const context = span.spanContext();
        if (isSampled(context)) endSpan(route, span, context.spanId);
      } catch (error) {
        this.#notifier.warnOnce(message('TAILRACE_SPAN_END_FAILED', messageOf(error)));
        giveUpSpan(route);
      }
    }
    this.#shared?.forget();
  }

  /**
   * Sends all spans that have ended. Resolves once each has been delivered or given up, those in flight included, or
   * after `flushTimeoutMs`; then the rest is tried on. Never rejects. During `shutdown()` it waits for that, and then does
   * nothing.
   */
  async forceFlush(): Promise<void> {
    await (this.#closing ?? Promise.all(this.#routes.map(flushRoute)));
  }

  /** The same as `forceFlush()`, and ends the worker. Later calls do nothing. Never rejects. */
  shutdown(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The counts as of now, of all destinations together. */
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

  /** What another's code throws goes no further. */
  #guarded<R>(code: 'TAILRACE_DESTINATION_FAILED' | 'TAILRACE_METER_FAILED', run: () => R): R | undefined {
    try {
      return run();
    } catch (error) {
      this.#notifier.warnOnce(message(code, messageOf(error)));
      return undefined;
    }
  }

  /** What a processor is where somebody prints it: nothing secret. */
  toJSON(): object {
    return { destinations: this.#routes.length };
  }
}
