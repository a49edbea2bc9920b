/** Options of a client, as an application writes them. Made by `npm run options` from the option table (src/config/table/): change it there. */
import type { MaskFunction } from '../../records/masking.js';
import type { ClickhouseOptions } from '../../shared/contract/clickhouse-options.js';
import type { NatsOptions } from '../../shared/contract/nats-options.js';
import type { OtlpOptions } from '../../shared/contract/otlp-options.js';
import type { PriceOverride } from '../../shared/contract/prices.js';
import type { RedactOptions, RedactPatterns } from '../../shared/contract/redaction.js';
import type { RedisOptions } from '../../shared/contract/redis-options.js';
import type { ExporterSource, Logger, LogLevel } from '../option-types.js';

/** Options of `new Tailrace`. They win over the environment. */
export interface TailraceOptions {
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
   * `'redis'`: events go into streams of a Redis or Valkey server (option `redis`). `'nats'`: they go into a
   * stream of NATS JetStream (option `nats`). `'clickhouse'`: they go into tables of ClickHouse (option
   * `clickhouse`). `'otlp'`: they go to a collector as spans (option `otlp`). None of these needs keys of
   * Langfuse. Or a module of your own in place of the langfuse exporter, which gets records as `mask`,
   * `maskModule` and `redact` leave them.
   * @default the langfuse exporter
   */
  exporter?: ExporterSource | 'redis' | 'nats' | 'clickhouse' | 'otlp' | undefined;
  /**
   * With `exporter: 'redis'`: the server and its streams, `{ url, stream, shards, maxLength, full, … }`.
   * Needs the package @redis/client. If something in it cannot be used, nothing is traced, and an error says
   * so.
   * @example redis: { url: 'rediss://user:password@redis.example.com:6379', maxLength: 50_000 }
   */
  redis?: RedisOptions | undefined;
  /**
   * With `exporter: 'nats'`: the server and its stream, `{ url, credentials, nkey, stream, shards, maxBytes,
   * full, … }`. Needs the packages @nats-io/transport-node and @nats-io/jetstream. If something in it cannot
   * be used, nothing is traced, and an error says so.
   * @example nats: { url: 'tls://nats.example.com:4222', credentials: 'tracer.creds', maxBytes: 4 * 1024 ** 3
   * }
   */
  nats?: NatsOptions | undefined;
  /**
   * With `exporter: 'clickhouse'`: the server and its tables, `{ url, database, username, password,
   * tablePrefix, asyncInsert, ttlDays, migrate, tls }`. Fields that are not given come from the variables. If
   * something in it cannot be used, nothing is traced, and an error says so.
   * @default variables CLICKHOUSE_URL, CLICKHOUSE_DB, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD
   * @example clickhouse: { url: 'https://clickhouse.example.com:8443', database: 'traces', ttlDays: 90 }
   */
  clickhouse?: ClickhouseOptions | undefined;
  /**
   * With `exporter: 'otlp'`: the collector, `{ endpoint, balance, headers, certificate, clientCertificate,
   * clientKey, serviceName, scores }`. Fields that are not given come from the variables. If something in it
   * cannot be used, nothing is traced, and an error says so.
   * @default variables OTEL_EXPORTER_OTLP_[TRACES_]{ENDPOINT, HEADERS, TIMEOUT, COMPRESSION, CERTIFICATE,
   * CLIENT_CERTIFICATE, CLIENT_KEY}, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
   * @example otlp: { endpoint: ['http://collector-a:4318', 'http://collector-b:4318'], balance: 'trace' }
   */
  otlp?: OtlpOptions | undefined;
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
   * services with the same rate record the same traces. Number, 0 to 1.
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
   * Size of one event on the wire, above which its largest values are cut. Bytes, 4 KiB to 128 MiB.
   * @default `LANGFUSE_MAX_EVENT_SIZE_BYTES`, then 1 MiB
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
  /**
   * Events per batch; 1 sends each at once. Number, 1 to 100,000.
   * @default `LANGFUSE_FLUSH_AT`, then `512`
   */
  flushAt?: number | undefined;
  /**
   * Longest time that an event waits for its batch to fill. A value of 1000 or more is read as milliseconds,
   * with a warning, because older clients took those; from 60 on a warning says that it is read as seconds.
   * Seconds, 0.001 to 86,400.
   * @default `LANGFUSE_FLUSH_INTERVAL`, then `5`
   */
  flushInterval?: number | undefined;
  /**
   * Deadline of one request. A value of 1000 or more is read as milliseconds, with a warning. Seconds, 0.001
   * to 3,600.
   * @default `LANGFUSE_TIMEOUT`, then `10`
   */
  timeout?: number | undefined;
  /**
   * Deadline of one request, as older clients have it. Milliseconds, 1 to 3,600,000.
   * @deprecated Use `timeout`, which is in seconds.
   */
  requestTimeout?: number | undefined;
  /**
   * How long a batch is retried before it counts as failed; the last attempt is made when the time is over.
   * Milliseconds, 0 to 86,400,000.
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
   * Compression of request bodies with spans, in the worker. Scores and classic events are never compressed.
   * `'auto'`: gzip, but nothing to this machine, a private address, a name without a dot, or a name below
   * `local`, `internal` or `home.arpa`: there the worker's time costs more than the bytes.
   * @default `'auto'`
   */
  compression?: 'auto' | 'gzip' | 'none' | undefined;
  /**
   * `flush()` and `shutdown()` resolve after this time, with what is still pending. Milliseconds, 1 to
   * 3,600,000.
   * @default `30000`
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
   * Observations and traces that may be open at once. Beyond it the oldest is written as it stands. Number,
   * at least 1.
   * @default `100000`
   */
  maxOpen?: number | undefined;
  /**
   * An observation or trace that is open for this time is written as it stands. Seconds, at least 0.001.
   * @default `3600`
   */
  maxOpenAge?: number | undefined;
  /**
   * Messages without a listener (see `on`) are written from this level on.
   * @default `LANGFUSE_LOG_LEVEL`, then `'warn'`
   */
  logLevel?: LogLevel | undefined;
  /**
   * Where messages without a listener are written: pino, winston, or an object with some of the console's
   * methods.
   * @default the console
   */
  logger?: Logger | undefined;
  /** The same as `logLevel: 'debug'`: each batch is reported. @default `LANGFUSE_DEBUG`, then `false` */
  debug?: boolean | undefined;
  /** Not used. Number. @deprecated Use `retryWindowMs`: how long a batch is retried. */
  fetchRetryCount?: number | undefined;
  /** Not used. Number. @deprecated The delay grows with each attempt and follows the server's Retry-After. */
  fetchRetryDelay?: number | undefined;
  /** Not used. @deprecated It has no replacement. */
  sdkIntegration?: string | undefined;
  /** Not used. @deprecated Events wait in shared memory, and on disk with `spoolDir`. */
  persistence?: 'localStorage' | 'sessionStorage' | 'cookie' | 'memory' | undefined;
  /** Not used. @deprecated Events wait in shared memory, and on disk with `spoolDir`. */
  persistence_name?: string | undefined;
}
