/** Messages of the OpenTelemetry span processor. */
import type { Table } from '../entry.js';
import { counted } from '../quantities.js';

export const OTEL = {
  /** As many spans are pending as `maxQueueSize` allows. Counted in `dropped['queue-full']`. */
  TAILRACE_QUEUE_FULL: {
    level: 'warning',
    text: () => 'dropping spans: the queue is full',
    remedy: 'Raise `maxQueueSize` (OTEL_BSP_MAX_QUEUE_SIZE), or start fewer spans',
    docs: 'opentelemetry',
  },
  /** At most half of the queue is in use again. Between this message and the one before it, spans were dropped. */
  TAILRACE_QUEUE_ACCEPTING_AGAIN: {
    level: 'warning',
    text: (dropped: number) => `spans are accepted again; dropped so far: ${dropped}`,
    docs: 'opentelemetry',
  },
  /** `forceFlush()` has returned before all was delivered. Delivery goes on. */
  TAILRACE_FLUSH_TIMED_OUT: {
    level: 'warning',
    text: (spans: number, flushTimeoutMs: number) =>
      `forceFlush(): ${counted(spans, 'span')} not delivered after ${flushTimeoutMs} ms; delivery goes on`,
    docs: 'opentelemetry',
  },
  /** The option `shouldExportSpan` threw. The span may not have been meant to leave, so it is dropped (`dropped['filter-failed']`). */
  TAILRACE_FILTER_FAILED: {
    level: 'warning',
    text: (error: string) => `shouldExportSpan threw ${error}: such spans are not exported`,
    remedy: 'Correct the function',
    docs: 'opentelemetry',
  },
  /** An exporter of the application's own has failed with a batch. */
  TAILRACE_NOT_EXPORTED: {
    level: 'error',
    text: (spans: number, reason: string) => `${counted(spans, 'span')} not exported: ${reason}`,
    docs: 'opentelemetry',
  },
  /** The processor was shut down before an exporter of the application's own had taken all spans. */
  TAILRACE_NOT_EXPORTED_AT_SHUTDOWN: {
    level: 'error',
    text: (spans: number, flushTimeoutMs: number) =>
      `shut down with ${counted(spans, 'span')} not exported after ${flushTimeoutMs} ms`,
    remedy: 'Raise the flush timeout',
    docs: 'opentelemetry',
  },
  /** `forceFlush()` or `shutdown()` of an exporter of the application's own threw or rejected. */
  TAILRACE_EXPORTER_CALL_FAILED: {
    level: 'warning',
    text: (call: string, reason: string) => `${call}() of the exporter failed: ${reason}`,
    docs: 'opentelemetry',
  },
  /** A span could not be read when it started, so it may lack environment, release and propagated attributes. */
  TAILRACE_SPAN_START_FAILED: {
    level: 'warning',
    text: (reason: string) => `a span could not be read when it started: ${reason}`,
    docs: 'opentelemetry',
  },
  /** A span could not be read when it ended. It is dropped (`dropped.unserializable`). */
  TAILRACE_SPAN_END_FAILED: {
    level: 'warning',
    text: (reason: string) => `a span could not be read when it ended: ${reason}`,
    docs: 'opentelemetry',
  },
  /** A destination could not be set up. No span goes there. */
  TAILRACE_DESTINATION_FAILED: {
    level: 'warning',
    text: (reason: string) => `a destination failed: ${reason}`,
    docs: 'opentelemetry',
  },
  /** The `meterProvider` threw. The processor works without metrics of its own. */
  TAILRACE_METER_FAILED: {
    level: 'warning',
    text: (reason: string) => `the meter failed: ${reason}`,
    docs: 'opentelemetry',
  },
  /** A filter does not take a span: while debugging is on, for whoever looks for it on the server in vain. */
  TAILRACE_SPAN_FILTERED: {
    level: 'debug',
    text: (name: string, scope: string, filter: string) =>
      `span ${name} of scope ${scope} is not exported: ${filter} does not take it`,
    docs: 'opentelemetry',
  },
} as const satisfies Table;
