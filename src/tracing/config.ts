/** The client's options: what an application passes, what the environment says, and what comes of the two. */
import type { LogLevel } from '../producer/notifier.js';
import { FULLY_MASKED, type MaskFunction } from '../shared/masking.js';
import {
  type EngineInput,
  type ExporterSource,
  isExporterSource,
  show,
  wrongExporter,
} from '../shared/options.js';
import { DEFAULT_MAX_EVENT_BYTES, type LangfuseExporterOptions, type Protocol } from '../shared/records.js';
import type { RedactOptions } from '../shared/redaction.js';
import { type PriceOverride, resolveUsageOptions } from '../shared/usage-options.js';
import { resolveHeaders } from './headers.js';
import { mediaMarker } from './media.js';
import { MAX_EVENT_BYTES, resolveMaskModule, resolveRedact, sideLaneBytesFor } from './payload-options.js';
import { releaseOfPlatform } from './release.js';
import {
  complain,
  type Environment,
  guarded,
  readChoice,
  readFlag,
  readNumber,
  readSeconds,
  readText,
  type Settings,
  takeOptions,
} from './settings.js';

/** Options of `new Tailrace`. The constructor wins over the environment. */
export interface TailraceOptions
  extends Omit<EngineInput, 'exporter' | 'flushIntervalMs' | 'requestTimeoutMs'> {
  /** Langfuse public key. @default LANGFUSE_PUBLIC_KEY */
  publicKey?: string;
  /** Langfuse secret key. @default LANGFUSE_SECRET_KEY */
  secretKey?: string;
  /** Address of the Langfuse server. @default LANGFUSE_BASE_URL, then https://cloud.langfuse.com */
  baseUrl?: string;
  /**
   * The longest that an event waits for its batch to fill, in seconds. A value of 1000 or more is read as
   * milliseconds, with a warning: older clients took those. @default LANGFUSE_FLUSH_INTERVAL, then 5
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
  /** What is written to the console where nobody listens (see `on`). @default LANGFUSE_LOG_LEVEL, then 'warn' */
  logLevel?: LogLevel;
  /** The same as `logLevel: 'debug'`: each batch is reported. @default LANGFUSE_DEBUG, then false */
  debug?: boolean;
  /** Sent with each request, say for a proxy. */
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
  /** Redaction in the worker, after masking: `true`, by all ready patterns. @default false */
  redact?: boolean | RedactOptions;
  /**
   * Whether media (data URIs, bytes with a content type, `TailraceMedia`) are uploaded.
   * @default LANGFUSE_MEDIA_UPLOAD_ENABLED, then true
   */
  mediaUpload?: boolean;
  /** Replaces the langfuse exporter by a module of your own. */
  exporter?: EngineInput['exporter'];
}

/** All of them, for telling a mistyped name. */
const OPTIONS: Readonly<Record<keyof TailraceOptions, true>> = {
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
  debug: true,
  additionalHeaders: true,
  protocol: true,
  maskModule: true,
  redact: true,
  mediaUpload: true,
  estimateUsage: true,
  prices: true,
  maxOpen: true,
  maxOpenAge: true,
  exporter: true,
  maxBatchBytes: true,
  maxInFlight: true,
  compression: true,
  retryWindowMs: true,
  flushTimeoutMs: true,
  ringBytes: true,
  sideLaneBytes: true,
  worker: true,
  resourceLimits: true,
};

/** The default comes first. */
const LOG_LEVELS = ['warn', 'debug', 'info', 'error', 'none'] as const satisfies readonly LogLevel[];

export interface ClientConfig {
  /** Undefined: the client is a no-op. */
  readonly engine: EngineInput | undefined;
  readonly baseUrl: string;
  readonly flushIntervalMs: number;
  readonly sampleRate: number;
  readonly environment: string | null;
  readonly release: string | null;
  readonly version: string | null;
  readonly tags: readonly string[] | null;
  readonly mask: MaskFunction | null;
  readonly maxEventBytes: number;
  readonly logLevel: LogLevel;
  readonly maxOpen: number;
  readonly maxOpenAgeMs: number;
  /** To be told once. */
  readonly problems: readonly string[];
}

const DEFAULT_BASE_URL = 'https://cloud.langfuse.com';
const MAX_FLUSH_INTERVAL_MS = 86_400_000;
const MAX_TIMEOUT_MS = 3_600_000;
/** Langfuse's own rule; a server refuses other names. */
const ENVIRONMENT = /^(?!langfuse)[a-z0-9_-]{1,40}$/;

export function resolveConfig(options: TailraceOptions, env: Environment, sdkVersion: string): ClientConfig {
  const problems: string[] = [];
  const settings: Settings = { given: takeOptions(options, OPTIONS, problems), env, problems };
  const baseUrl = guarded(settings, 'baseUrl', resolveBaseUrl);
  const flushIntervalMs = readSeconds(
    settings,
    'flushInterval',
    ['LANGFUSE_FLUSH_INTERVAL'],
    5,
    MAX_FLUSH_INTERVAL_MS,
  );
  const maxEventBytes = readNumber(
    settings,
    'maxEventBytes',
    ['LANGFUSE_MAX_EVENT_SIZE_BYTES'],
    DEFAULT_MAX_EVENT_BYTES,
    MAX_EVENT_BYTES,
  );
  const logLevel = readChoice(settings, 'logLevel', ['LANGFUSE_LOG_LEVEL'], LOG_LEVELS);
  return {
    engine: resolveEngine(settings, flushIntervalMs, {
      baseUrl,
      sdkVersion,
      additionalHeaders: guarded(settings, 'additionalHeaders', ({ given }) =>
        resolveHeaders(given.additionalHeaders, problems),
      ),
      protocol: readChoice<Protocol>(settings, 'protocol', [], ['otel', 'ingestion']),
      maxEventBytes,
      maskModule: guarded(settings, 'maskModule', ({ given }) =>
        resolveMaskModule(given.maskModule, problems),
      ),
      redact: guarded(settings, 'redact', ({ given }) => resolveRedact(given.redact, problems)),
      mediaUpload: readFlag(settings, 'mediaUpload', ['LANGFUSE_MEDIA_UPLOAD_ENABLED'], true),
      ...guarded(settings, 'prices', ({ given }) => resolveUsageOptions(given, problems)),
      // Asked for when the worker starts, which is later: it loads node:crypto.
      get mediaMarker() {
        return mediaMarker();
      },
    }),
    baseUrl,
    flushIntervalMs,
    sampleRate: readNumber(settings, 'sampleRate', ['LANGFUSE_SAMPLE_RATE'], 1, [0, 1]),
    environment: resolveEnvironment(settings),
    release: readText(settings, 'release', ['LANGFUSE_RELEASE']) ?? releaseOfPlatform(env),
    version: readText(settings, 'version', []),
    tags: guarded(settings, 'tags', resolveTags),
    mask: resolveMask(settings),
    maxEventBytes,
    logLevel: readFlag(settings, 'debug', ['LANGFUSE_DEBUG'], false) ? 'debug' : logLevel,
    maxOpen: readNumber(settings, 'maxOpen', [], 100_000, [1, Number.POSITIVE_INFINITY]),
    maxOpenAgeMs: 1000 * readNumber(settings, 'maxOpenAge', [], 3600, [0.001, Number.POSITIVE_INFINITY]),
    problems,
  };
}

/** Undefined: there is nothing to send, or nowhere to send it. */
function resolveEngine(
  settings: Settings,
  flushIntervalMs: number,
  langfuse: Omit<LangfuseExporterOptions, 'publicKey' | 'secretKey'>,
): EngineInput | undefined {
  const options = settings.given as TailraceOptions;
  const exporter = guarded(settings, 'exporter', resolveExporter);
  const publicKey = readText(settings, 'publicKey', ['LANGFUSE_PUBLIC_KEY']);
  const secretKey = readText(settings, 'secretKey', ['LANGFUSE_SECRET_KEY']);
  const flushAt = readNumber(settings, 'flushAt', ['LANGFUSE_FLUSH_AT'], undefined, [1, 100_000]);
  const requestTimeout = readNumber(settings, 'requestTimeout', [], undefined, [1, MAX_TIMEOUT_MS]);
  const requestTimeoutMs =
    readSeconds(settings, 'timeout', ['LANGFUSE_TIMEOUT'], undefined, MAX_TIMEOUT_MS) ??
    (requestTimeout && Math.round(requestTimeout));
  if (!readFlag(settings, 'enabled', ['LANGFUSE_TRACING_ENABLED'], true)) return undefined;
  if (exporter === null) return undefined;
  const sideLaneBytes = options.sideLaneBytes ?? sideLaneBytesFor(langfuse.maxEventBytes ?? 0);
  // The engine takes what is its own.
  const engine = { ...options, flushAt, flushIntervalMs, requestTimeoutMs, sideLaneBytes };
  if (exporter !== undefined) {
    if (options.maskModule || options.redact) {
      settings.problems.push(
        'maskModule and redact are of the langfuse exporter: an exporter of your own gets all as it is',
      );
    }
    return { ...engine, exporter };
  }
  if (publicKey === null || secretKey === null) {
    const missing = [
      publicKey === null && 'no publicKey (LANGFUSE_PUBLIC_KEY)',
      secretKey === null && 'no secretKey (LANGFUSE_SECRET_KEY)',
    ];
    settings.problems.push(`${missing.filter(Boolean).join(' and ')}: nothing is traced`);
    return undefined;
  }
  // Not a copy: `mediaMarker` must not be asked for yet.
  return {
    ...engine,
    exporter: { url: 'langfuse', options: Object.assign(langfuse, { publicKey, secretKey }) },
  };
}

/** Null: one that cannot be used. What was not meant for the Langfuse server does not go there instead. */
function resolveExporter({ given: { exporter }, problems }: Settings): ExporterSource | null | undefined {
  if (exporter === undefined) return undefined;
  if (isExporterSource(exporter)) return { url: exporter.url, options: exporter.options };
  problems.push(`${wrongExporter(exporter)}; nothing is traced`);
  return null;
}

function resolveBaseUrl({ given, env, problems }: Settings): string {
  const { LANGFUSE_BASE_URL, LANGFUSE_BASEURL, LANGFUSE_HOST } = env;
  const baseUrl = given.baseUrl || LANGFUSE_BASE_URL || LANGFUSE_BASEURL || LANGFUSE_HOST;
  if (!baseUrl) return DEFAULT_BASE_URL;
  const text = typeof baseUrl === 'string' || baseUrl instanceof URL ? String(baseUrl).trim() : '';
  if (/^https?:\/\//.test(text) && URL.canParse(text)) {
    const { search, hash, href } = new URL(text);
    if (search === '' && hash === '') return href.replace(/\/+$/, '');
  }
  problems.push(
    `option baseUrl must be an http(s) URL without a query, but got: ${show(baseUrl)}; using ${DEFAULT_BASE_URL}`,
  );
  return DEFAULT_BASE_URL;
}

function resolveEnvironment(settings: Settings): string | null {
  const environment = readText(settings, 'environment', ['LANGFUSE_TRACING_ENVIRONMENT']);
  if (environment === null || ENVIRONMENT.test(environment)) return environment;
  const isOption = settings.given.environment !== undefined;
  const name = isOption ? 'option environment' : 'LANGFUSE_TRACING_ENVIRONMENT';
  complain(
    settings,
    { name, value: environment },
    'at most 40 of a-z, 0-9, _ and -, not starting with "langfuse"',
    'none',
  );
  return null;
}

function resolveTags(settings: Settings): readonly string[] | null {
  const { tags } = settings.given;
  if (tags === undefined || tags === null) return null;
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return [...tags];
  complain(settings, { name: 'option tags', value: tags }, 'an array of texts', 'none');
  return null;
}

/** One that cannot be used would leak what it was to mask: everything is masked. */
function resolveMask(settings: Settings): MaskFunction | null {
  const { mask } = settings.given;
  if (mask === undefined || mask === null) return null;
  if (typeof mask === 'function') return mask as MaskFunction;
  complain(settings, { name: 'option mask', value: mask }, 'a function', 'one that masks everything');
  return () => FULLY_MASKED;
}
