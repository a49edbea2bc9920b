/** The span processor's options as an application writes them. */

import type { FinishedSpan, HrTime } from '../records/finished-span.js';
import type { RedactOptions, RedactPatterns } from '../shared/contract/redaction.js';
import { type EngineInput, PASSED_ON_OPTIONS } from '../shared/options.js';
import type { OtlpProtocol } from '../shared/otlp-options.js';
import type { SpanExporterLike } from './sinks/export-call.js';
import type { SpanMaskFunction } from './span-mask.js';

/** A span as `shouldExportSpan` sees it: sdk-trace's ReadableSpan. */
export interface ReadableSpanLike extends FinishedSpan {
  readonly duration: HrTime;
  readonly ended: boolean;
}

/** Decides whether a span is exported. As a method's type it also takes functions whose parameter is sdk-trace's own ReadableSpan. */
export type ShouldExportSpan = { call(params: { readonly otelSpan: ReadableSpanLike }): boolean }['call'];

/** OpenTelemetry's MeterProvider. Not its type: whoever uses none need not have its package. */
export interface MeterProviderLike {
  getMeter(name: string, version?: string): object;
}

/** Options of the delivery to a destination, as in `TailraceOptions`. */
export type DeliveryOptions = Omit<EngineInput, 'exporter' | 'flushIntervalMs' | 'requestTimeoutMs'>;

/**
 * One place that spans go to. `exporter` chooses that exporter; `endpoint` or `protocol` an OTLP endpoint; else it is a
 * Langfuse server, if there are keys, or what `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT` names. Options win over the
 * environment.
 */
export interface SpanDestinationOptions extends DeliveryOptions {
  /** Langfuse public key. @default LANGFUSE_PUBLIC_KEY */
  publicKey?: string | undefined;
  /** Langfuse secret key. @default LANGFUSE_SECRET_KEY */
  secretKey?: string | undefined;
  /**
   * Address of the Langfuse server, `https://…` or `http://…`. If it cannot be used, no span goes there, and an error says so.
   * @default LANGFUSE_BASE_URL (also LANGFUSE_BASEURL, LANGFUSE_HOST), then https://cloud.langfuse.com
   */
  baseUrl?: string | undefined;
  /**
   * Address of an OTLP endpoint (a collector), used as it is; one without a path gets `/v1/traces`. If it cannot be used,
   * no span goes there, and an error says so.
   * @default OTEL_EXPORTER_OTLP_TRACES_ENDPOINT as it is, then OTEL_EXPORTER_OTLP_ENDPOINT and `/v1/traces`, then
   * http://localhost:4318/v1/traces
   */
  endpoint?: string | undefined;
  /** @default OTEL_EXPORTER_OTLP_[TRACES_]PROTOCOL, then 'http/protobuf' */
  protocol?: OtlpProtocol | undefined;
  /**
   * Sent with each request to an OTLP endpoint, over those of OTEL_EXPORTER_OTLP_[TRACES_]HEADERS. One that HTTP refuses is left
   * out; if it says who sends (`x-api-key`, …), no span goes there, and an error says so.
   */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Sent with each request; for a Langfuse server the same as `headers`. */
  additionalHeaders?: Readonly<Record<string, string>> | undefined;
  /**
   * Compression of request bodies, in the worker.
   * @default 'gzip' to a Langfuse server; else OTEL_EXPORTER_OTLP_[TRACES_]COMPRESSION, then 'none'
   */
  compression?: 'gzip' | 'none' | undefined;
  /**
   * Certificates of the authorities to trust in place of the usual ones: PEM text, or the path of a file that the
   * worker reads. @default OTEL_EXPORTER_OTLP_[TRACES_]CERTIFICATE
   */
  certificate?: string | undefined;
  /** Certificate of the client, likewise. @default OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_CERTIFICATE */
  clientCertificate?: string | undefined;
  /** Key of the client, likewise. @default OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_KEY */
  clientKey?: string | undefined;
  /**
   * An OpenTelemetry exporter of your own. It runs on the calling thread, at its own cost: one batch at a time. Filter,
   * masks and attributes are those for a Langfuse server; media are left as they are, which is said once, and options of the
   * worker are ignored, with one warning. What it still has to export when the
   * process ends by `process.exit()`, an error or a signal is lost: it needs the event loop.
   */
  exporter?: SpanExporterLike | undefined;
  /** Spans per batch. @default LANGFUSE_FLUSH_AT (Langfuse), then OTEL_BSP_MAX_EXPORT_BATCH_SIZE, then 512 */
  flushAt?: number | undefined;
  /**
   * The longest that a span waits for its batch to fill, in seconds; from 60 on a warning says so. @default LANGFUSE_FLUSH_INTERVAL (Langfuse), then
   * OTEL_BSP_SCHEDULE_DELAY (milliseconds), then 5
   */
  flushInterval?: number | undefined;
  /**
   * Deadline of one request, in seconds. @default LANGFUSE_TIMEOUT, then 5 (Langfuse);
   * OTEL_EXPORTER_OTLP_[TRACES_]TIMEOUT (milliseconds), then 10 (OTLP)
   */
  timeout?: number | undefined;
  /**
   * Spans that may be pending at once; the newest is dropped beyond it. The size of the ring (`ringBytes`) bounds them
   * as well. @default OTEL_BSP_MAX_QUEUE_SIZE, then one for each 256 bytes of the ring
   */
  maxQueueSize?: number | undefined;
  /**
   * `'immediate'`: each span is sent at once, many at a time, for processes that may be frozen. @default 'batched'
   */
  exportMode?: 'batched' | 'immediate' | undefined;
  /**
   * Returns what is to be sent in place of an attribute that holds input, output or metadata: `({ data }) => …`. Runs
   * on the calling thread. It may return a promise: the span then waits for it.
   */
  mask?: SpanMaskFunction | undefined;
  /**
   * The module that masks, loaded in the worker: a URL or an absolute path. Its export `mask`, or its default, is called for
   * each attribute that holds input, output or metadata (see `MaskFunction`), after `mask`, and what it returns is sent. With
   * an `exporter` it runs on the calling thread. Where it throws or cannot be loaded, nothing is sent as it is.
   */
  maskModule?: string | URL | undefined;
  /**
   * Redaction, after masking, as of the client: patterns look into each attribute of the span, its events and links, and
   * into the status message. A path begins with `input`, `output` or `metadata`, which reach into the JSON of whatever attribute
   * holds them, with `statusMessage`, `*` or `**`, or is an attribute's key (`http.request.header.authorization`). If it cannot be used,
   * everything is masked. @default false
   */
  redact?: boolean | RedactPatterns | RedactOptions | undefined;
  /**
   * Whether a span is exported: anything but `false` is yes. Called when it ends, and for a Langfuse server also when it
   * starts. Spans that it drops are named where somebody debugs (LANGFUSE_DEBUG, or the level of OpenTelemetry's logger).
   * @default `isDefaultExportSpan` for a Langfuse server or an `exporter`; every span for an OTLP endpoint
   */
  shouldExportSpan?: ShouldExportSpan | undefined;
  /** Environment, on each span for a Langfuse server. @default LANGFUSE_TRACING_ENVIRONMENT */
  environment?: string | undefined;
  /** Release of the application, on each span for a Langfuse server. @default LANGFUSE_RELEASE */
  release?: string | undefined;
  /**
   * Whether media in base64 data URIs are uploaded to the Langfuse server and replaced by a reference.
   * @default LANGFUSE_MEDIA_UPLOAD_ENABLED, then true
   */
  mediaUploadEnabled?: boolean | undefined;
  /**
   * Storages that the Langfuse server may send media to, besides its own host: names (`'minio.internal'`), names with a
   * wildcard (`'*.amazonaws.com'`, where they are not private), addresses and networks (`'10.0.0.0/8'`), each perhaps with
   * a port; `'*'`: any. If it is wrong, media go to the server's own host alone.
   * @default any that is not in a private network, or in that of the server
   */
  allowedUploadHosts?: readonly string[] | undefined;
  /** Size of a span on the wire above which its largest values are cut, for a Langfuse server. @default 1 MiB */
  maxEventBytes?: number | undefined;
}

/** Options of `new TailraceSpanProcessor`. */
export interface TailraceSpanProcessorOptions extends SpanDestinationOptions {
  /**
   * Several places at once, each with a queue and failures of its own. What is said beside it holds for each that does
   * not say otherwise, but for what chooses a place: that is said of each.
   *
   * @example
   * new TailraceSpanProcessor({
   *   destinations: [{ publicKey, secretKey }, { endpoint: 'http://collector:4318' }],
   * });
   */
  destinations?: readonly SpanDestinationOptions[] | undefined;
  /** Where the processor's own metrics go (`otel.sdk.processor.span.*`, `otel.sdk.exporter.*`). @default nowhere */
  meterProvider?: MeterProviderLike | undefined;
}

/** All of them, for telling a mistyped name. */
export const DESTINATION_OPTIONS: Readonly<Record<keyof SpanDestinationOptions, true>> = {
  publicKey: true,
  secretKey: true,
  baseUrl: true,
  endpoint: true,
  protocol: true,
  headers: true,
  additionalHeaders: true,
  certificate: true,
  clientCertificate: true,
  clientKey: true,
  exporter: true,
  flushAt: true,
  flushInterval: true,
  timeout: true,
  maxQueueSize: true,
  exportMode: true,
  mask: true,
  maskModule: true,
  redact: true,
  shouldExportSpan: true,
  environment: true,
  release: true,
  mediaUploadEnabled: true,
  allowedUploadHosts: true,
  maxEventBytes: true,
  ...PASSED_ON_OPTIONS,
};

export const PROCESSOR_OPTIONS: Readonly<Record<keyof TailraceSpanProcessorOptions, true>> = {
  ...DESTINATION_OPTIONS,
  destinations: true,
  meterProvider: true,
};

/** What chooses a place, and says how to get there. */
export const PLACE_OPTIONS = [
  'publicKey',
  'secretKey',
  'baseUrl',
  'endpoint',
  'protocol',
  'headers',
  'additionalHeaders',
  'certificate',
  'clientCertificate',
  'clientKey',
  'exporter',
] as const satisfies (keyof SpanDestinationOptions)[];
