/** Options of the span processor, as an application writes them. Made by `npm run options` from the option table (src/config/table/): change it there. */
import type { OtlpAddress } from '../../shared/contract/otlp-options.js';
import type { RedactOptions, RedactPatterns } from '../../shared/contract/redaction.js';
import type {
  MeterProviderLike,
  SpanExporterLike,
  SpanFilterFunction,
  SpanMaskFunction,
} from '../option-types.js';

/**
 * One destination of spans. `exporter` chooses that exporter, `endpoint` or `protocol` an OTLP endpoint. Else it is a Langfuse
 * server, if there are keys, or the endpoint of `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT`. Options win over the environment.
 */
export interface SpanDestinationOptions {
  /**
   * Public key of the Langfuse project. Without it nothing is traced, and a warning says so; a key that no
   * HTTP header can carry (a line break, a letter beyond Latin-1, the placeholder `pk-lf-…`) is an error, and
   * nothing is traced.
   * @default `LANGFUSE_PUBLIC_KEY`
   */
  publicKey?: string | undefined;
  /** Secret key of the Langfuse project. The rules of `publicKey` hold. @default `LANGFUSE_SECRET_KEY` */
  secretKey?: string | undefined;
  /**
   * Address of the Langfuse server, `https://…` or `http://…`. If it cannot be used, nothing is sent to any
   * server, and an error says so.
   * @default `LANGFUSE_BASE_URL`, then `LANGFUSE_BASEURL`, then `LANGFUSE_HOST`, then
   * `https://cloud.langfuse.com`
   */
  baseUrl?: string | undefined;
  /**
   * Address of an OTLP endpoint (a collector). It is used as it is; an address without a path gets
   * `/v1/traces`, and so does `OTEL_EXPORTER_OTLP_ENDPOINT`. An array has 1 to 8 endpoints, each an address
   * or `{ url, headers, certificate, clientCertificate, clientKey }`, which share the spans as `balance`
   * says. If one cannot be used, no span is sent there, and an error says so.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT`, then `http://localhost:4318/v1/traces`
   */
  endpoint?: string | URL | readonly OtlpAddress[] | undefined;
  /**
   * With several endpoints. `'failover'`: all spans go to the first one that works. `'trace'`: each trace
   * goes to one of them, chosen by its id; the traces of one that does not work go to others.
   * @default `'failover'`
   */
  balance?: 'failover' | 'trace' | undefined;
  /**
   * Encoding of the requests to an OTLP endpoint.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]PROTOCOL`, then `'http/protobuf'`
   */
  protocol?: 'http/protobuf' | 'http/json' | undefined;
  /**
   * Headers of each request to an OTLP endpoint, merged key by key over those of the variables. A header that
   * HTTP refuses is left out; if such a header identifies the sender (`x-api-key`, …), no span is sent there,
   * and an error says so.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]HEADERS`
   */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Headers of each request; the same as `headers`, under the name that Langfuse has. */
  additionalHeaders?: Readonly<Record<string, string>> | undefined;
  /**
   * Certificates of the authorities to trust in place of the usual ones: PEM text, or the path of a file that
   * the worker reads. If they cannot be used, no server is trusted.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]CERTIFICATE`
   */
  certificate?: string | undefined;
  /**
   * Certificate of the client: PEM text, or the path of a file.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_CERTIFICATE`
   */
  clientCertificate?: string | undefined;
  /**
   * Key of the certificate of the client: PEM text, or the path of a file.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_KEY`
   */
  clientKey?: string | undefined;
  /**
   * An OpenTelemetry exporter of your own. It runs on the calling thread, at its own cost, one batch at a
   * time, and gets spans masked and redacted. Media stay in the spans, and options of the worker are ignored;
   * one warning each says so. Spans that it still has to export are lost when the process ends by
   * `process.exit()`, an error or a signal: it needs the event loop.
   */
  exporter?: SpanExporterLike | undefined;
  /**
   * URL of an HTTP proxy for all requests; `false`: no proxy. If it cannot be used, nothing is sent, and an
   * error says so.
   * @default `HTTP_PROXY` for http, `HTTPS_PROXY` for https, else `ALL_PROXY`; requests to hosts in
   * `NO_PROXY` go without a proxy
   * @example http://user:password@proxy.example.com:3128
   */
  proxy?: string | URL | false | undefined;
  /** Environment, on each span for a Langfuse server. @default `LANGFUSE_TRACING_ENVIRONMENT` */
  environment?: string | undefined;
  /** Release of the application, on each span for a Langfuse server. @default `LANGFUSE_RELEASE` */
  release?: string | undefined;
  /**
   * Returns what is sent in place of an attribute that holds input, output or metadata: `({ data }) => …`. It
   * runs on the calling thread. It may return a promise, for which the span waits.
   */
  mask?: SpanMaskFunction | undefined;
  /**
   * Module that masks in the worker: a URL or an absolute path. Its export `mask`, or its default export, is
   * called after `mask`, for each attribute that holds input, output or metadata. With an `exporter` it runs
   * on the calling thread. If it throws or cannot be loaded, the values are masked.
   */
  maskModule?: string | URL | undefined;
  /**
   * Redaction, after masking. Patterns look into each attribute of the span, its events and links, and into
   * the status message. A path begins with `input`, `output` or `metadata` (in whichever attribute holds
   * them), `statusMessage`, `*` or `**`, or is an attribute's key (`http.request.header.authorization`). If
   * it cannot be used, everything is masked.
   * @default `false`
   */
  redact?: boolean | RedactPatterns | RedactOptions | undefined;
  /**
   * Whether a span is exported: only `false` drops it. It is called when a span ends, and for a Langfuse
   * server also when it starts. Dropped spans are named at debug level (`LANGFUSE_DEBUG`, or the level of
   * OpenTelemetry's logger).
   * @default `isDefaultExportSpan` for a Langfuse server or an `exporter`, every span for an OTLP endpoint
   */
  shouldExportSpan?: SpanFilterFunction | undefined;
  /**
   * Uploads media in base64 data URIs to the Langfuse server and sends a reference in their place.
   * @default `LANGFUSE_MEDIA_UPLOAD_ENABLED`, then `true`
   */
  mediaUploadEnabled?: boolean | undefined;
  /**
   * Storages that the Langfuse server may send media to, besides its own host: names (`'minio.internal'`),
   * wildcards (`'*.amazonaws.com'`, where they are not private), addresses and networks (`'10.0.0.0/8'`),
   * each with a port if you like; `'*'`: any. If it cannot be used, media go to the server's own host alone.
   * @default any host that is not in a private network, or in the server's
   */
  allowedUploadHosts?: readonly string[] | undefined;
  /**
   * Size of one span on the wire, above which its largest values are cut, for a Langfuse server. Bytes, 4 KiB
   * to 128 MiB.
   * @default `LANGFUSE_MAX_EVENT_SIZE_BYTES`, then 1 MiB
   */
  maxEventBytes?: number | undefined;
  /**
   * Spans per batch. Number, 1 to 100,000.
   * @default `LANGFUSE_FLUSH_AT`, then `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, then `512`
   */
  flushAt?: number | undefined;
  /**
   * Longest time that an event waits for its batch to fill. A value of 1000 or more is read as milliseconds,
   * with a warning, because older clients took those; from 60 on a warning says that it is read as seconds.
   * Seconds, 0.001 to 86,400.
   * @default `LANGFUSE_FLUSH_INTERVAL`, then `OTEL_BSP_SCHEDULE_DELAY` (milliseconds), then `5`
   */
  flushInterval?: number | undefined;
  /**
   * `'immediate'` sends each span at once, many at a time, for processes that may be frozen.
   * @default `'batched'`
   */
  exportMode?: 'batched' | 'immediate' | undefined;
  /**
   * Deadline of one request. A value of 1000 or more is read as milliseconds, with a warning. Seconds, 0.001
   * to 3,600.
   * @default `LANGFUSE_TIMEOUT`, then `OTEL_EXPORTER_OTLP_[TRACES_]TIMEOUT` (milliseconds), then 5 to a
   * Langfuse server, 10 to an OTLP endpoint
   */
  timeout?: number | undefined;
  /**
   * How long a batch is retried before it counts as failed; the last attempt is made when the time is over.
   * Milliseconds, 0 to 86,400,000.
   * @default `OTEL_BSP_EXPORT_TIMEOUT` (milliseconds), then `600000`
   */
  retryWindowMs?: number | undefined;
  /**
   * Folder for batches that cannot be delivered. This process sends them later, or the next one with the same
   * folder, server and project. A relative path is relative to the working directory. Media that are uploaded
   * on their own are not kept. Without a folder such batches count as failed.
   */
  spoolDir?: string | undefined;
  /**
   * When a batch is written to `spoolDir`. `'failed'`: after `retryWindowMs`, when the server does not answer
   * and the ring is half full or a flush waits, and at shutdown. `'always'`: before it is sent, so that a
   * process that is killed loses only what the worker had not yet taken off the ring.
   * @default `'failed'`
   */
  spool?: 'failed' | 'always' | undefined;
  /**
   * Bound of `spoolDir`, over all processes that share it. A client drops its oldest events for its newest.
   * Bytes, 1 MiB to 1 TiB.
   * @default 512 MiB
   */
  maxSpoolBytes?: number | undefined;
  /**
   * Size of an encoded request body, before compression, that a batch does not exceed. Bytes, 1 KiB to 64
   * MiB.
   * @default 3 MiB
   */
  maxBatchBytes?: number | undefined;
  /**
   * Requests in flight at once. A batch that waits for its next attempt does not count. Whole number, 1 to
   * 1,024.
   * @default `16`
   */
  maxInFlight?: number | undefined;
  /**
   * Compression of request bodies, in the worker.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]COMPRESSION`, then `'auto'` to a Langfuse server, `'none'` to an
   * OTLP endpoint
   */
  compression?: 'auto' | 'gzip' | 'none' | undefined;
  /**
   * `flush()` and `shutdown()` resolve after this time, with what is still pending. Milliseconds, 1 to
   * 3,600,000.
   * @default `OTEL_BSP_EXPORT_TIMEOUT` (milliseconds), then `30000`
   */
  flushTimeoutMs?: number | undefined;
  /**
   * Flushes pending events when the process ends: at exit, after an uncaught error, by a signal.
   * @default `true`
   */
  flushAtExit?: boolean | undefined;
  /**
   * How long the flush at the end of the process may hold up the exit. A worker whose thread has ended is
   * replaced at once; one without progress for half of the remaining time is ended, which leaves the rest for
   * the other events. Raise it where masks or usage estimates are slow. Milliseconds, 0 to 3,600,000.
   * @default `2000`
   */
  exitTimeoutMs?: number | undefined;
  /**
   * Flushes pending events on SIGTERM, SIGINT, SIGHUP and, on Windows, SIGBREAK, if no other handler for the
   * signal exists when it comes. The process then ends by the signal, as it would have. Your handler sees no
   * listener of tailrace on the signal. If it raises the signal again, tailrace flushes, and the process
   * ends.
   * @default `true`
   */
  handleSignals?: boolean | undefined;
  /**
   * Where the consumer runs. `true`: on a worker thread; `false`: on the calling thread, for runtimes without
   * threads; a URL or path: on a worker thread that loads that file, which is `tailrace/worker` or a copy of
   * it.
   * @default `true`
   */
  worker?: boolean | string | URL | undefined;
  /**
   * Delivery workers, each with a ring of its own; the events of one trace go to one of them. A worker
   * delivers some 40,000 events of 2 KB a second. Whole number, 1 to 64.
   * @default `1`
   */
  workers?: number | undefined;
  /**
   * Delivery workers, each with a ring of its own; the events of one trace go to one of them. A worker
   * delivers some 40,000 events of 2 KB a second. Whole number, 1 to 64.
   * @default `1`
   * @deprecated Use `workers`.
   */
  threads?: number | undefined;
  /**
   * A worker without events for this time gives its thread and memory back (between one and two times this
   * time). The next event or flush starts another. Milliseconds, 1 to 86,400,000.
   * @default `60000`
   */
  workerIdleMs?: number | undefined;
  /**
   * A worker without progress on one event or batch for this time is ended and replaced. The event is sent
   * with its payloads masked, or dropped where the exporter cannot do that. Not with `worker: false`: a
   * thread cannot watch itself. Milliseconds, 100 to 3,600,000.
   * @default `10000`
   */
  workerStuckMs?: number | undefined;
  /**
   * Limits of the worker's heap in MiB, as `new Worker` takes them: `{ maxOldGenerationSizeMb,
   * maxYoungGenerationSizeMb }`.
   * @default Node's own
   */
  resourceLimits?:
    | { maxOldGenerationSizeMb?: number | undefined; maxYoungGenerationSizeMb?: number | undefined }
    | undefined;
  /**
   * Size of the ring, rounded up to a power of two. It bounds the events that wait for delivery. Bytes, 4 KiB
   * to 1 GiB.
   * @default 16 MiB
   */
  ringBytes?: number | undefined;
  /**
   * Bound of the events that are too large for the ring (more than an eighth of it), in total. Bytes, 0 to 1
   * GiB.
   * @default 64 MiB, or 4 times `maxEventBytes` if that is more
   */
  sideLaneBytes?: number | undefined;
  /**
   * Spans that may be pending at once; beyond it the newest is dropped. `ringBytes` bounds them as well.
   * Number, 1 to 2,147,483,648.
   * @default `OTEL_BSP_MAX_QUEUE_SIZE`, then one for each 256 bytes of the ring
   */
  maxQueueSize?: number | undefined;
}

/** Options of `new TailraceSpanProcessor`. */
export interface TailraceSpanProcessorOptions extends SpanDestinationOptions {
  /**
   * Several destinations at once, each with a queue and failures of its own. Options beside it hold for each
   * destination that does not set them, except those that choose a destination: these must be set in each.
   * @example destinations: [{ publicKey, secretKey }, { endpoint: 'http://collector:4318' }]
   */
  destinations?: readonly SpanDestinationOptions[] | undefined;
  /** Where the processor's own metrics go (`otel.sdk.processor.span.*`, `otel.sdk.exporter.*`). */
  meterProvider?: MeterProviderLike | undefined;
}
