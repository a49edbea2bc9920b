/** The options as an application writes them. Made by `npm run options` from the option table (src/config/table/): change it there. */
import type { MaskFunction } from '../records/masking.js';
import type { PriceOverride } from '../shared/contract/prices.js';
import type { RedactOptions, RedactPatterns } from '../shared/contract/redaction.js';
import type {
  ExporterSource,
  Logger,
  LogLevel,
  MeterProviderLike,
  SpanExporterLike,
  SpanFilterFunction,
  SpanMaskFunction,
} from './option-types.js';

/** Options of `createEngine`. */
export interface EngineInput {
  /** The module that turns events into requests. */
  exporter: ExporterSource;
  /**
   * URL of an HTTP proxy for all requests; `false`: no proxy. If it cannot be used, nothing is sent, and an
   * error says so.
   * @default `HTTP_PROXY` for http, `HTTPS_PROXY` for https, else `ALL_PROXY`; requests to hosts in
   * `NO_PROXY` go without a proxy
   * @example http://user:password@proxy.example.com:3128
   */
  proxy?: string | URL | false | undefined;
  /** Events per batch; 1 sends each at once. A whole number, from 1 to 100000. @default `512` */
  flushAt?: number | undefined;
  /**
   * Longest time that an event waits for its batch to fill. In milliseconds, from 1 to 86400000.
   * @default `5000`
   */
  flushIntervalMs?: number | undefined;
  /**
   * Deadline of one attempt, from connecting to the last byte of the response. In milliseconds, from 1 to
   * 3600000.
   * @default `10000`
   */
  requestTimeoutMs?: number | undefined;
  /**
   * How long a batch is retried before it counts as failed; the last attempt is made at the end. In
   * milliseconds, from 0 to 86400000.
   * @default `600000`
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
   * In bytes, from 1 MiB to 1 TiB.
   * @default `512 MiB`
   */
  maxSpoolBytes?: number | undefined;
  /**
   * Size of an encoded request body, before compression, that a batch does not exceed. In bytes, from 1 KiB
   * to 64 MiB.
   * @default `3 MiB`
   */
  maxBatchBytes?: number | undefined;
  /**
   * Requests in flight at once. A batch that waits for its next attempt does not count. A whole number, from
   * 1 to 1024.
   * @default `16`
   */
  maxInFlight?: number | undefined;
  /**
   * Compression of request bodies with spans, in the worker. Scores and classic events are never compressed.
   * @default `'gzip'`
   */
  compression?: 'gzip' | 'none' | undefined;
  /**
   * `flush()` and `shutdown()` resolve after this time, with what is still pending. In milliseconds, from 1
   * to 3600000.
   * @default `30000`
   */
  flushTimeoutMs?: number | undefined;
  /**
   * Flushes pending events when the process ends: at exit, after an uncaught error, by a signal.
   * @default `true`
   */
  flushAtExit?: boolean | undefined;
  /**
   * How long that flush may hold up the exit. A worker whose thread has ended is replaced at once; one
   * without progress for half of the remaining time is ended, which leaves the rest for the other events.
   * Raise it where masks or usage estimates are slow. In milliseconds, from 0 to 3600000.
   * @default `2000`
   */
  exitTimeoutMs?: number | undefined;
  /**
   * Flushes also on SIGTERM, SIGINT, SIGHUP and, on Windows, SIGBREAK, if no other handler for the signal
   * exists when it comes. The process then ends by the signal, as it would have. A handler of yours finds no
   * listener of ours; if it raises the signal again, the process ends after the flush.
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
   * delivers some 40,000 events of 2 KB a second. A whole number, from 1 to 64.
   * @default `1`
   */
  workers?: number | undefined;
  /**
   * Delivery workers, each with a ring of its own; the events of one trace go to one of them. A worker
   * delivers some 40,000 events of 2 KB a second. A whole number, from 1 to 64.
   * @default `1`
   * @deprecated Use `workers`.
   */
  threads?: number | undefined;
  /**
   * A worker without events for this time gives its thread and memory back (after at most twice the time).
   * The next event or flush starts another. In milliseconds, from 1 to 86400000.
   * @default `60000`
   */
  workerIdleMs?: number | undefined;
  /**
   * A worker without progress on one event or batch for this time is ended and replaced. The event is sent
   * with its payloads masked, or dropped where the exporter cannot do that. Not with `worker: false`: a
   * thread cannot watch itself. In milliseconds, from 100 to 3600000.
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
   * Size of the ring, rounded up to a power of two. It bounds the events that wait for delivery. In bytes,
   * from 4 KiB to 1 GiB.
   * @default `16 MiB`
   */
  ringBytes?: number | undefined;
  /**
   * Bound of the events that are too large for the ring (more than an eighth of it), in total. In bytes, from
   * 0 to 1 GiB.
   * @default `64 MiB`
   */
  sideLaneBytes?: number | undefined;
  /** Messages without a listener (see `on`) are written from this level on. @default `'warn'` */
  logLevel?: LogLevel | undefined;
  /**
   * Where they are written: pino, winston, or an object with some of the console's methods.
   * @default the console
   */
  logger?: Logger | undefined;
}

/** Options of `new Tailrace`. They win over the environment. */
export interface TailraceOptions {
  /**
   * Public key of the Langfuse project. Without it nothing is traced, and a warning says so; a key that no
   * HTTP header can carry (a line break, a letter beyond Latin-1, the placeholder `pk-lf-…`) is an error, and
   * nothing is traced.
   * @default `LANGFUSE_PUBLIC_KEY`
   */
  publicKey?: string | undefined;
  /** Secret key of the Langfuse project; the same rules hold. @default `LANGFUSE_SECRET_KEY` */
  secretKey?: string | undefined;
  /**
   * Address of the Langfuse server, `https://…` or `http://…`. If it cannot be used, nothing is sent to any
   * server, and an error says so.
   * @default `LANGFUSE_BASE_URL`, then `LANGFUSE_BASEURL`, then `LANGFUSE_HOST`, then
   * `https://cloud.langfuse.com`
   */
  baseUrl?: string | undefined;
  /**
   * How observations go to the server: as OpenTelemetry spans, or as events of Langfuse's classic ingestion
   * API, in requests of at most 4.5 MB, for a self-hosted server without OpenTelemetry. Langfuse 4 refuses
   * classic events.
   * @default `'otel'`
   */
  protocol?: 'otel' | 'ingestion' | undefined;
  /**
   * Headers of each request to the server, for a proxy say; not sent to a storage for media. A header that
   * HTTP refuses is left out, with a warning; if such a header identifies the sender (`x-api-key`, `cookie`,
   * …), nothing is traced, and an error says so.
   */
  additionalHeaders?: Readonly<Record<string, string>> | undefined;
  /**
   * A module of your own in place of the langfuse exporter. It gets records as `mask`, `maskModule` and
   * `redact` leave them.
   * @default the langfuse exporter
   */
  exporter?: ExporterSource | undefined;
  /**
   * URL of an HTTP proxy for all requests; `false`: no proxy. If it cannot be used, nothing is sent, and an
   * error says so.
   * @default `HTTP_PROXY` for http, `HTTPS_PROXY` for https, else `ALL_PROXY`; requests to hosts in
   * `NO_PROXY` go without a proxy
   * @example http://user:password@proxy.example.com:3128
   */
  proxy?: string | URL | false | undefined;
  /** `false`: every call is a no-op. @default `LANGFUSE_TRACING_ENABLED`, then `true` */
  enabled?: boolean | undefined;
  /**
   * Share of the traces that are recorded. The trace id decides, so a trace is recorded as a whole, and
   * services with the same rate record the same traces. From 0 to 1.
   * @default `LANGFUSE_SAMPLE_RATE`, then `1`
   */
  sampleRate?: number | undefined;
  /**
   * Environment of all traces: at most 40 of `a-z`, `0-9`, `_` and `-`, not beginning with `langfuse`.
   * @default `LANGFUSE_TRACING_ENVIRONMENT`
   */
  environment?: string | undefined;
  /**
   * Release of the application, on all traces.
   * @default `LANGFUSE_RELEASE`, then the commit that the platform names (`VERCEL_GIT_COMMIT_SHA`,
   * `GITHUB_SHA`, …; see `release.ts`)
   */
  release?: string | undefined;
  /** Version of the application's code, on all traces and observations that set none. */
  version?: string | undefined;
  /** Tags of all traces that set none. */
  tags?: readonly string[] | undefined;
  /**
   * Returns what is sent in place of an input, output or metadata: `({ data }) => …`. It runs on the
   * application's thread, in the call that passes the value. If it throws or returns a promise, the whole
   * value is masked.
   */
  mask?: MaskFunction | undefined;
  /**
   * Module that masks in the worker: a URL (`new URL('./mask.js', import.meta.url)`) or an absolute path. Its
   * export `mask`, or its default export, is called for each input, output, metadata and comment (see
   * `MaskFunction`) and returns what is sent. If it throws or cannot be loaded, the values are masked.
   */
  maskModule?: string | URL | undefined;
  /**
   * Redaction in the worker, after masking: `true` uses all ready patterns, a RegExp or an array uses those
   * patterns. If it cannot be used, everything is masked.
   * @default `false`
   */
  redact?: boolean | RedactPatterns | RedactOptions | undefined;
  /**
   * Uploads media (data URIs, bytes with a content type, `TailraceMedia`) and sends a reference in their
   * place. `false`: values stay as they are, wrapped media become a short text.
   * @default `LANGFUSE_MEDIA_UPLOAD_ENABLED`, then `true`
   */
  mediaUpload?: boolean | undefined;
  /**
   * Storages that the Langfuse server may send media to, besides its own host: names (`'minio.internal'`),
   * wildcards (`'*.amazonaws.com'`, where they are not private), addresses and networks (`'10.0.0.0/8'`),
   * each with a port if you like; `'*'`: any. If it cannot be used, media go to the server's own host alone.
   * @default any host that is not in a private network, or in the server's
   */
  allowedUploadHosts?: readonly string[] | undefined;
  /**
   * Size of one event on the wire, above which its largest values are cut. In bytes, from 4 KiB to 128 MiB.
   * @default `LANGFUSE_MAX_EVENT_SIZE_BYTES`, then `1 MiB`
   */
  maxEventBytes?: number | undefined;
  /**
   * Adds usage and cost to generations and embeddings without cost, in the worker: the given usage times the
   * model's price, or else the text counted by a tokenizer. Metadata mark what was added (`tailrace_usage`,
   * `tailrace_cost`, `tailrace_price`, `tailrace_tokenizer`). Needs the packages @pydantic/genai-prices and
   * gpt-tokenizer.
   * @default `false`
   */
  estimateUsage?: boolean | undefined;
  /**
   * Prices of your own for `estimateUsage`, in US dollars per million tokens: `[{ model: 'my-model', input:
   * 0.5, output: 1.5 }]`. They go before the price list.
   */
  prices?: readonly PriceOverride[] | undefined;
  /** Events per batch; 1 sends each at once. From 1 to 100000. @default `LANGFUSE_FLUSH_AT`, then `512` */
  flushAt?: number | undefined;
  /**
   * Longest time that an event waits for its batch to fill. A value of 1000 or more is read as milliseconds,
   * with a warning, because older clients took those; from 60 on a warning says that it is read as seconds.
   * In seconds, from 0.001 to 86400.
   * @default `LANGFUSE_FLUSH_INTERVAL`, then `5`
   */
  flushInterval?: number | undefined;
  /**
   * Deadline of one request. A value of 1000 or more is read as milliseconds, with a warning. In seconds,
   * from 0.001 to 3600.
   * @default `LANGFUSE_TIMEOUT`, then `10`
   */
  timeout?: number | undefined;
  /**
   * Deadline of one request, as older clients have it. In milliseconds, from 1 to 3600000.
   * @deprecated Use `timeout`, which is in seconds.
   */
  requestTimeout?: number | undefined;
  /**
   * How long a batch is retried before it counts as failed; the last attempt is made at the end. In
   * milliseconds, from 0 to 86400000.
   * @default `600000`
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
   * In bytes, from 1 MiB to 1 TiB.
   * @default `512 MiB`
   */
  maxSpoolBytes?: number | undefined;
  /**
   * Size of an encoded request body, before compression, that a batch does not exceed. In bytes, from 1 KiB
   * to 64 MiB.
   * @default `3 MiB`
   */
  maxBatchBytes?: number | undefined;
  /**
   * Requests in flight at once. A batch that waits for its next attempt does not count. A whole number, from
   * 1 to 1024.
   * @default `16`
   */
  maxInFlight?: number | undefined;
  /**
   * Compression of request bodies with spans, in the worker. Scores and classic events are never compressed.
   * @default `'gzip'`
   */
  compression?: 'gzip' | 'none' | undefined;
  /**
   * `flush()` and `shutdown()` resolve after this time, with what is still pending. In milliseconds, from 1
   * to 3600000.
   * @default `30000`
   */
  flushTimeoutMs?: number | undefined;
  /**
   * Flushes pending events when the process ends: at exit, after an uncaught error, by a signal.
   * @default `true`
   */
  flushAtExit?: boolean | undefined;
  /**
   * How long that flush may hold up the exit. A worker whose thread has ended is replaced at once; one
   * without progress for half of the remaining time is ended, which leaves the rest for the other events.
   * Raise it where masks or usage estimates are slow. In milliseconds, from 0 to 3600000.
   * @default `2000`
   */
  exitTimeoutMs?: number | undefined;
  /**
   * Flushes also on SIGTERM, SIGINT, SIGHUP and, on Windows, SIGBREAK, if no other handler for the signal
   * exists when it comes. The process then ends by the signal, as it would have. A handler of yours finds no
   * listener of ours; if it raises the signal again, the process ends after the flush.
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
   * delivers some 40,000 events of 2 KB a second. A whole number, from 1 to 64.
   * @default `1`
   */
  workers?: number | undefined;
  /**
   * Delivery workers, each with a ring of its own; the events of one trace go to one of them. A worker
   * delivers some 40,000 events of 2 KB a second. A whole number, from 1 to 64.
   * @default `1`
   * @deprecated Use `workers`.
   */
  threads?: number | undefined;
  /**
   * A worker without events for this time gives its thread and memory back (after at most twice the time).
   * The next event or flush starts another. In milliseconds, from 1 to 86400000.
   * @default `60000`
   */
  workerIdleMs?: number | undefined;
  /**
   * A worker without progress on one event or batch for this time is ended and replaced. The event is sent
   * with its payloads masked, or dropped where the exporter cannot do that. Not with `worker: false`: a
   * thread cannot watch itself. In milliseconds, from 100 to 3600000.
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
   * Size of the ring, rounded up to a power of two. It bounds the events that wait for delivery. In bytes,
   * from 4 KiB to 1 GiB.
   * @default `16 MiB`
   */
  ringBytes?: number | undefined;
  /**
   * Bound of the events that are too large for the ring (more than an eighth of it), in total. In bytes, from
   * 0 to 1 GiB.
   * @default 64 MiB, or 4 times `maxEventBytes` if that is more
   */
  sideLaneBytes?: number | undefined;
  /**
   * Observations and traces that may be open at once. Beyond it the oldest is written as it stands. At least
   * 1.
   * @default `100000`
   */
  maxOpen?: number | undefined;
  /**
   * An observation or trace that is open for this time is written as it stands. In seconds, at least 0.001.
   * @default `3600`
   */
  maxOpenAge?: number | undefined;
  /**
   * Messages without a listener (see `on`) are written from this level on.
   * @default `LANGFUSE_LOG_LEVEL`, then `'warn'`
   */
  logLevel?: LogLevel | undefined;
  /**
   * Where they are written: pino, winston, or an object with some of the console's methods.
   * @default the console
   */
  logger?: Logger | undefined;
  /** The same as `logLevel: 'debug'`: each batch is reported. @default `LANGFUSE_DEBUG`, then `false` */
  debug?: boolean | undefined;
  /** Not used. @deprecated Use `retryWindowMs`: how long a batch is retried. */
  fetchRetryCount?: number | undefined;
  /** Not used. @deprecated The delay grows with each attempt and follows the server's Retry-After. */
  fetchRetryDelay?: number | undefined;
  /** Not used. @deprecated It has no replacement. */
  sdkIntegration?: string | undefined;
  /** Not used. @deprecated Events wait in shared memory, and on disk with `spoolDir`. */
  persistence?: 'localStorage' | 'sessionStorage' | 'cookie' | 'memory' | undefined;
  /** Not used. @deprecated Events wait in shared memory, and on disk with `spoolDir`. */
  persistence_name?: string | undefined;
}

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
  /** Secret key of the Langfuse project; the same rules hold. @default `LANGFUSE_SECRET_KEY` */
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
   * `/v1/traces`, and so does `OTEL_EXPORTER_OTLP_ENDPOINT`. If it cannot be used, no span is sent there, and
   * an error says so.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT`, then `http://localhost:4318/v1/traces`
   */
  endpoint?: string | undefined;
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
   * Key of that certificate: PEM text, or the path of a file.
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
   * Redaction after masking, as of the client. Patterns look into each attribute of the span, its events and
   * links, and into the status message. A path begins with `input`, `output` or `metadata` (in whichever
   * attribute holds them), `statusMessage`, `*` or `**`, or is an attribute's key
   * (`http.request.header.authorization`). If it cannot be used, everything is masked.
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
   * Size of one span on the wire, above which its largest values are cut, for a Langfuse server. In bytes,
   * from 4 KiB to 128 MiB.
   * @default `LANGFUSE_MAX_EVENT_SIZE_BYTES`, then `1 MiB`
   */
  maxEventBytes?: number | undefined;
  /**
   * Spans per batch. From 1 to 100000.
   * @default `LANGFUSE_FLUSH_AT`, then `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, then `512`
   */
  flushAt?: number | undefined;
  /**
   * Longest time that an event waits for its batch to fill. A value of 1000 or more is read as milliseconds,
   * with a warning, because older clients took those; from 60 on a warning says that it is read as seconds.
   * In seconds, from 0.001 to 86400.
   * @default `LANGFUSE_FLUSH_INTERVAL`, then `OTEL_BSP_SCHEDULE_DELAY` (milliseconds), then `5`
   */
  flushInterval?: number | undefined;
  /**
   * `'immediate'` sends each span at once, many at a time, for processes that may be frozen.
   * @default `'batched'`
   */
  exportMode?: 'batched' | 'immediate' | undefined;
  /**
   * Deadline of one request. A value of 1000 or more is read as milliseconds, with a warning. In seconds,
   * from 0.001 to 3600.
   * @default `LANGFUSE_TIMEOUT`, then `OTEL_EXPORTER_OTLP_[TRACES_]TIMEOUT` (milliseconds), then 5 to a
   * Langfuse server, 10 to an OTLP endpoint
   */
  timeout?: number | undefined;
  /**
   * How long a batch is retried before it counts as failed; the last attempt is made at the end. In
   * milliseconds, from 0 to 86400000.
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
   * In bytes, from 1 MiB to 1 TiB.
   * @default `512 MiB`
   */
  maxSpoolBytes?: number | undefined;
  /**
   * Size of an encoded request body, before compression, that a batch does not exceed. In bytes, from 1 KiB
   * to 64 MiB.
   * @default `3 MiB`
   */
  maxBatchBytes?: number | undefined;
  /**
   * Requests in flight at once. A batch that waits for its next attempt does not count. A whole number, from
   * 1 to 1024.
   * @default `16`
   */
  maxInFlight?: number | undefined;
  /**
   * Compression of request bodies, in the worker.
   * @default `OTEL_EXPORTER_OTLP_[TRACES_]COMPRESSION`, then `'gzip'` to a Langfuse server, `'none'` to an
   * OTLP endpoint
   */
  compression?: 'gzip' | 'none' | undefined;
  /**
   * `flush()` and `shutdown()` resolve after this time, with what is still pending. In milliseconds, from 1
   * to 3600000.
   * @default `OTEL_BSP_EXPORT_TIMEOUT` (milliseconds), then `30000`
   */
  flushTimeoutMs?: number | undefined;
  /**
   * Flushes pending events when the process ends: at exit, after an uncaught error, by a signal.
   * @default `true`
   */
  flushAtExit?: boolean | undefined;
  /**
   * How long that flush may hold up the exit. A worker whose thread has ended is replaced at once; one
   * without progress for half of the remaining time is ended, which leaves the rest for the other events.
   * Raise it where masks or usage estimates are slow. In milliseconds, from 0 to 3600000.
   * @default `2000`
   */
  exitTimeoutMs?: number | undefined;
  /**
   * Flushes also on SIGTERM, SIGINT, SIGHUP and, on Windows, SIGBREAK, if no other handler for the signal
   * exists when it comes. The process then ends by the signal, as it would have. A handler of yours finds no
   * listener of ours; if it raises the signal again, the process ends after the flush.
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
   * delivers some 40,000 events of 2 KB a second. A whole number, from 1 to 64.
   * @default `1`
   */
  workers?: number | undefined;
  /**
   * Delivery workers, each with a ring of its own; the events of one trace go to one of them. A worker
   * delivers some 40,000 events of 2 KB a second. A whole number, from 1 to 64.
   * @default `1`
   * @deprecated Use `workers`.
   */
  threads?: number | undefined;
  /**
   * A worker without events for this time gives its thread and memory back (after at most twice the time).
   * The next event or flush starts another. In milliseconds, from 1 to 86400000.
   * @default `60000`
   */
  workerIdleMs?: number | undefined;
  /**
   * A worker without progress on one event or batch for this time is ended and replaced. The event is sent
   * with its payloads masked, or dropped where the exporter cannot do that. Not with `worker: false`: a
   * thread cannot watch itself. In milliseconds, from 100 to 3600000.
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
   * Size of the ring, rounded up to a power of two. It bounds the events that wait for delivery. In bytes,
   * from 4 KiB to 1 GiB.
   * @default `16 MiB`
   */
  ringBytes?: number | undefined;
  /**
   * Bound of the events that are too large for the ring (more than an eighth of it), in total. In bytes, from
   * 0 to 1 GiB.
   * @default 64 MiB, or 4 times `maxEventBytes` if that is more
   */
  sideLaneBytes?: number | undefined;
  /**
   * Spans that may be pending at once; beyond it the newest is dropped. `ringBytes` bounds them as well. From
   * 1 to 2147483648.
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
