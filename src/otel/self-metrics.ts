/**
 * Reports the processor's own metrics, as OpenTelemetry's semantic conventions name them (otel.sdk.*, in development there). They
 * are read when they are collected, so a span costs nothing more.
 */
import type { BatchObservableResult, Meter, MeterProvider, Observable } from '@opentelemetry/api';
import type { ExportNotice } from '../shared/contract/control.js';
import type { Counts, DropReason } from '../shared/contract/counts.js';
import { VERSION } from '../shared/version.js';

/** The sources of one destination's metrics. */
interface Measured {
  readonly counts: () => Counts;
  readonly maxQueueSize: number;
  /** The endpoint of the worker; undefined: an exporter of the application has metrics of its own. */
  readonly worker:
    | { readonly url: URL; onExport(listener: (notice: ExportNotice) => void): void }
    | undefined;
}

/** Values of `otel.component.type`. The conventions have none for this processor. */
const PROCESSOR_TYPE = 'TailraceSpanProcessor';
const EXPORTER_TYPES = {
  'http/protobuf': 'otlp_http_span_exporter',
  'http/json': 'otlp_http_json_span_exporter',
};
const SPAN = { unit: '{span}' };

/** Values of `error.type` for refused spans, and the reasons that each covers. */
const LOSSES: Readonly<Record<string, readonly DropReason[]>> = {
  queue_full: ['queue-full', 'ring-full', 'side-lane-full'],
  already_shutdown: ['closed'],
  too_large: ['too-large'],
  unserializable: ['unserializable'],
  filter_failed: ['filter-failed'],
};

type Attributes = Record<string, string | number>;
type Observed = readonly [Observable, () => number, Attributes];

let instances = 0;

/** Returns a function that ends it. */
export function measure(
  provider: MeterProvider,
  { counts, maxQueueSize, worker }: Measured,
  protocol: keyof typeof EXPORTER_TYPES,
): () => void {
  const meter = provider.getMeter('tailrace', VERSION);
  const instance = instances++;
  const inFlight = worker === undefined ? undefined : measureExports(meter, worker, protocol, instance);
  const waiting = (): number => Math.max(0, counts().pending - (inFlight?.records() ?? 0));
  const processor = componentOf(PROCESSOR_TYPE, instance);
  const name = 'otel.sdk.processor.span';
  const processed = meter.createObservableCounter(`${name}.processed`, SPAN);
  const observed: Observed[] = [
    [meter.createObservableUpDownCounter(`${name}.queue.size`, SPAN), waiting, processor],
    [meter.createObservableUpDownCounter(`${name}.queue.capacity`, SPAN), () => maxQueueSize, processor],
    // As in a batching processor, a span is processed once it is passed to the exporter.
    [processed, () => counts().accepted - waiting(), processor],
    ...Object.entries(LOSSES).map(([type, reasons]): Observed => {
      const lost = (): number => reasons.reduce((sum, reason) => sum + (counts().dropped[reason] ?? 0), 0);
      return [processed, lost, { ...processor, 'error.type': type }];
    }),
  ];
  if (inFlight !== undefined) observed.push(...inFlight.observe(counts));
  const observables = [...new Set(observed.map(([observable]) => observable))];
  const observe = (result: BatchObservableResult): void => {
    for (const [observable, read, attributes] of observed) {
      const value = read();
      if (value > 0 || !isRare(attributes)) result.observe(observable, value, attributes);
    }
  };
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

function measureExports(
  meter: Meter,
  { url, onExport }: NonNullable<Measured['worker']>,
  protocol: keyof typeof EXPORTER_TYPES,
  instance: number,
) {
  const attributes: Attributes = {
    ...componentOf(EXPORTER_TYPES[protocol], instance),
    'server.address': url.hostname,
    'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
  const name = 'otel.sdk.exporter';
  const exported = meter.createObservableCounter(`${name}.span.exported`, SPAN);
  const inFlight = meter.createObservableUpDownCounter(`${name}.span.inflight`, SPAN);
  const duration = meter.createHistogram(`${name}.operation.duration`, { unit: 's' });
  let records = 0;
  onExport(({ records: batch, seconds, failure }) => {
    const begins = seconds === null && failure === null;
    records += begins ? batch : -batch;
    if (seconds === null) return;
    duration.record(seconds, failure === null ? attributes : { ...attributes, 'error.type': failure });
  });
  return {
    records: () => records,
    observe: (counts: () => Counts): Observed[] => [
      [inFlight, () => Math.min(records, counts().pending), attributes],
      [exported, () => counts().sent, attributes],
      [exported, () => counts().failed, { ...attributes, 'error.type': 'export_failed' }],
    ],
  };
}

/** A series that begins with its first loss. */
function isRare(attributes: Attributes): boolean {
  const type = attributes['error.type'];
  return type !== undefined && type !== 'queue_full' && type in LOSSES;
}

function componentOf(type: string, instance: number): Attributes {
  return { 'otel.component.type': type, 'otel.component.name': `${type}/${instance}` };
}
