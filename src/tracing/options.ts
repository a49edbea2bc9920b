/** The client's options as an application writes them. */

import type { MaskFunction } from '../records/masking.js';
import type { RedactOptions, RedactPatterns } from '../shared/contract/redaction.js';
import type { Protocol } from '../shared/langfuse-options.js';
import type { Logger, LogLevel } from '../shared/log-options.js';
import { type EngineInput, PASSED_ON_OPTIONS } from '../shared/options.js';
import type { PriceOverride } from '../shared/usage-options.js';
import type { UnusedOptions } from './unused-options.js';

/** Options of `new Tailrace`. The constructor wins over the environment. */
export interface TailraceOptions
  extends Omit<EngineInput, 'exporter' | 'flushIntervalMs' | 'requestTimeoutMs'>,
    UnusedOptions {
  /** Langfuse public key. @default LANGFUSE_PUBLIC_KEY */
  publicKey?: string;
  /** Langfuse secret key. @default LANGFUSE_SECRET_KEY */
  secretKey?: string;
  /**
   * Address of the Langfuse server, `https://…` or `http://…`. If it cannot be used, nothing is traced, and an error says so.
   * @default LANGFUSE_BASE_URL (also LANGFUSE_BASEURL, LANGFUSE_HOST), then https://cloud.langfuse.com
   */
  baseUrl?: string;
  /**
   * The longest that an event waits for its batch to fill, in seconds. A value of 1000 or more is read as
   * milliseconds, with a warning: older clients took those. From 60 on a warning says that it is read in seconds. @default LANGFUSE_FLUSH_INTERVAL, then 5
   */
  flushInterval?: number;
  /** Deadline of one request, in seconds (milliseconds from 1000 on). @default LANGFUSE_TIMEOUT, then 10 */
  timeout?: number;
  /** The same in milliseconds, as older clients have it. */
  requestTimeout?: number;
  /** false: everything is a no-op. @default LANGFUSE_TRACING_ENABLED, then true */
  enabled?: boolean;
  /**
   * Share of the traces that are recorded, from 0 to 1. Decided by the trace's id: whole traces, the same ones in every
   * service that has the same rate. @default LANGFUSE_SAMPLE_RATE, then 1
   */
  sampleRate?: number;
  /** Environment of all traces, `[a-z0-9_-]`, at most 40 characters. @default LANGFUSE_TRACING_ENVIRONMENT */
  environment?: string;
  /** Release of the application, on all traces. @default LANGFUSE_RELEASE, then the commit that CI or platform names */
  release?: string;
  /** Version of the application's code, on all traces and observations that have none of their own. */
  version?: string;
  /** Tags of all traces that have none of their own. */
  tags?: readonly string[];
  /**
   * Returns what is to be sent in place of an input, output or metadata: `({ data }) => …`. Runs on the application's
   * thread, in the call that passes the value, and is as costly as it is. If it throws, or returns a promise, the value
   * is masked as a whole.
   */
  mask?: MaskFunction;
  /**
   * Size of an event on the wire, in bytes, above which its largest values are cut: 4 KiB to 128 MiB.
   * @default LANGFUSE_MAX_EVENT_SIZE_BYTES, then 1 MiB
   */
  maxEventBytes?: number;
  /** From which level on messages are written that nobody listens for (see `on`). @default LANGFUSE_LOG_LEVEL, then 'warn' */
  logLevel?: LogLevel;
  /** Where they are written: pino, winston, or what has methods like the console's. @default console */
  logger?: Logger;
  /** The same as `logLevel: 'debug'`: each batch is reported. @default LANGFUSE_DEBUG, then false */
  debug?: boolean;
  /**
   * Sent with each request, say for a proxy. One that HTTP refuses is left out; if it says who sends (`x-api-key`, …), nothing is
   * traced, and an error says so.
   */
  additionalHeaders?: Readonly<Record<string, string>>;
  /**
   * Adds usage and cost to generations and embeddings that have no cost, in the worker: usage that was given times the
   * model's price, or else the text counted by a tokenizer. What is added is marked in the metadata (`tailrace_usage`,
   * `tailrace_cost`, `tailrace_price`, `tailrace_tokenizer`). Needs the packages @pydantic/genai-prices and
   * gpt-tokenizer. @default false
   */
  estimateUsage?: boolean;
  /**
   * Prices of your own for `estimateUsage`, in US dollars for a million tokens: `[{model: 'my-model', input: 0.5,
   * output: 1.5}]`. They go before the price list.
   */
  prices?: readonly PriceOverride[];
  /** Observations and traces that may be open at once; the oldest is then written as it stands. @default 100000 */
  maxOpen?: number;
  /** How long one may be open before it is written as it stands, in seconds. @default 3600 */
  maxOpenAge?: number;
  /**
   * How observations go to the server: as OpenTelemetry spans, or as events of Langfuse's classic ingestion, in
   * requests of at most 4.5 MB, for a self-hosted server that takes no OpenTelemetry yet. @default 'otel'
   */
  protocol?: Protocol;
  /**
   * The module that masks, loaded in the worker: a URL (`new URL('./mask.js', import.meta.url)`) or an absolute path. Its
   * export `mask`, or its default, is called for each input, output, metadata and comment (see `MaskFunction`), and what it
   * returns is sent. Where it throws or cannot be loaded, nothing is sent as it is.
   */
  maskModule?: string | URL;
  /**
   * Redaction in the worker, after masking: `true`, by all ready patterns; a RegExp or an array of patterns, by those. If it
   * cannot be used, everything is masked. @default false
   */
  redact?: boolean | RedactPatterns | RedactOptions;
  /**
   * Whether media (data URIs, bytes with a content type, `TailraceMedia`) are uploaded.
   * @default LANGFUSE_MEDIA_UPLOAD_ENABLED, then true
   */
  mediaUpload?: boolean;
  /**
   * Storages that the Langfuse server may send media to, besides its own host: names (`'minio.internal'`), names with a
   * wildcard (`'*.amazonaws.com'`, where they are not private), addresses and networks (`'10.0.0.0/8'`), each perhaps with
   * a port; `'*'`: any. If it is wrong, media go to the server's own host alone.
   * @default any that is not in a private network, or in that of the server
   */
  allowedUploadHosts?: readonly string[];
  /** Replaces the langfuse exporter by a module of your own. It gets records as `mask`, `maskModule` and `redact` leave them. */
  exporter?: EngineInput['exporter'];
}

/** All of them, for telling a mistyped name. */
export const OPTIONS: Readonly<Record<keyof TailraceOptions, true>> = {
  publicKey: true,
  secretKey: true,
  baseUrl: true,
  flushAt: true,
  flushInterval: true,
  timeout: true,
  requestTimeout: true,
  enabled: true,
  sampleRate: true,
  environment: true,
  release: true,
  version: true,
  tags: true,
  mask: true,
  maxEventBytes: true,
  logLevel: true,
  logger: true,
  debug: true,
  additionalHeaders: true,
  protocol: true,
  maskModule: true,
  redact: true,
  mediaUpload: true,
  allowedUploadHosts: true,
  estimateUsage: true,
  prices: true,
  maxOpen: true,
  maxOpenAge: true,
  exporter: true,
  ...PASSED_ON_OPTIONS,
  fetchRetryCount: true,
  fetchRetryDelay: true,
  persistence: true,
  persistence_name: true,
  sdkIntegration: true,
};
