/** The client's options: what an application passes, what the environment says, and what comes of the two. */
import type { LogLevel } from '../producer/notifier.js';
import { type EngineInput, show } from '../shared/options.js';
import type { LangfuseExporterOptions } from '../shared/records.js';
import { FULLY_MASKED, type MaskFunction } from './mask.js';
import { releaseOfPlatform } from './release.js';
import {
  complain,
  type Environment,
  readChoice,
  readFlag,
  readNumber,
  readSeconds,
  readText,
  type Settings,
} from './settings.js';
import type { UnusedOptions } from './unused-options.js';

/** Options of `new Tailrace`. The constructor wins over the environment. */
export interface TailraceOptions
  extends Omit<EngineInput, 'exporter' | 'flushIntervalMs' | 'requestTimeoutMs'>,
    UnusedOptions {
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
  /** Size of an observation on the wire, in bytes, above which its largest values are cut. @default 1 MiB */
  maxEventBytes?: number;
  /** What is written to the console where nobody listens (see `on`). @default LANGFUSE_LOG_LEVEL, then 'warn' */
  logLevel?: LogLevel;
  /** The same as `logLevel: 'debug'`: each batch is reported. @default LANGFUSE_DEBUG, then false */
  debug?: boolean;
  /** Sent with each request, say for a proxy. */
  additionalHeaders?: Readonly<Record<string, string>>;
  /** Observations and traces that may be open at once; the oldest is then written as it stands. @default 100000 */
  maxOpen?: number;
  /** How long one may be open before it is written as it stands, in seconds. @default 3600 */
  maxOpenAge?: number;
  /** Replaces the langfuse exporter by a module of your own. */
  exporter?: EngineInput['exporter'];
}

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
const DEFAULT_MAX_EVENT_BYTES = 1024 * 1024;
const MAX_EVENT_BYTES = [1024, 128 * 1024 * 1024] as const;
/** Langfuse's own rule; a server refuses other names. */
export const ENVIRONMENT = /^(?!langfuse)[a-z0-9_-]{1,40}$/;

export function resolveConfig(options: TailraceOptions, env: Environment, sdkVersion: string): ClientConfig {
  const settings: Settings = { given: options as Record<string, unknown>, env, problems: [] };
  const { problems } = settings;
  const baseUrl = resolveBaseUrl(settings);
  const flushIntervalMs = readSeconds(
    settings,
    'flushInterval',
    ['LANGFUSE_FLUSH_INTERVAL'],
    5,
    MAX_FLUSH_INTERVAL_MS,
  );
  const maxEventBytes = readNumber(settings, 'maxEventBytes', [], DEFAULT_MAX_EVENT_BYTES, MAX_EVENT_BYTES);
  const logLevel = readChoice(settings, 'logLevel', ['LANGFUSE_LOG_LEVEL'], LOG_LEVELS);
  return {
    engine: resolveEngine(options, settings, { baseUrl, flushIntervalMs, sdkVersion, maxEventBytes }),
    baseUrl,
    flushIntervalMs,
    sampleRate: readNumber(settings, 'sampleRate', ['LANGFUSE_SAMPLE_RATE'], 1, [0, 1]),
    environment: resolveEnvironment(settings),
    release: readText(settings, 'release', ['LANGFUSE_RELEASE']) ?? releaseOfPlatform(env),
    version: readText(settings, 'version', []),
    tags: resolveTags(settings),
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
  options: TailraceOptions,
  settings: Settings,
  given: Pick<LangfuseExporterOptions, 'baseUrl' | 'sdkVersion' | 'maxEventBytes'> & {
    flushIntervalMs: number;
  },
): EngineInput | undefined {
  const { flushIntervalMs, ...langfuse } = given;
  const { exporter, additionalHeaders } = options;
  const publicKey = readText(settings, 'publicKey', ['LANGFUSE_PUBLIC_KEY']);
  const secretKey = readText(settings, 'secretKey', ['LANGFUSE_SECRET_KEY']);
  const flushAt = readNumber(settings, 'flushAt', ['LANGFUSE_FLUSH_AT'], undefined, [1, 100_000]);
  const requestTimeoutMs =
    readSeconds(settings, 'timeout', ['LANGFUSE_TIMEOUT'], undefined, MAX_TIMEOUT_MS) ??
    options.requestTimeout;
  if (!readFlag(settings, 'enabled', ['LANGFUSE_TRACING_ENABLED'], true)) return undefined;
  // The engine takes what is its own.
  const engine = { ...options, flushAt, flushIntervalMs, requestTimeoutMs };
  if (exporter !== undefined) return { ...engine, exporter };
  if (publicKey === null || secretKey === null) {
    const missing = [
      publicKey === null && 'no publicKey (LANGFUSE_PUBLIC_KEY)',
      secretKey === null && 'no secretKey (LANGFUSE_SECRET_KEY)',
    ];
    settings.problems.push(`${missing.filter(Boolean).join(' and ')}: nothing is traced`);
    return undefined;
  }
  return {
    ...engine,
    exporter: { url: 'langfuse', options: { ...langfuse, publicKey, secretKey, additionalHeaders } },
  };
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
  const found = { name: 'option environment', value: environment };
  complain(settings, found, 'at most 40 of a-z, 0-9, _ and -, not starting with "langfuse"', 'none');
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
