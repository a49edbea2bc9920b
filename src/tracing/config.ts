/** The client's options: what an application passes, what the environment says, and what comes of the two. */
import { type EngineInput, show } from '../shared/options.js';
import { type PriceOverride, resolveUsageOptions } from '../shared/usage-options.js';

/** Options of `new Tailrace`. The constructor wins over the environment. */
export interface TailraceOptions extends Omit<EngineInput, 'exporter' | 'flushIntervalMs'> {
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
  /** false: everything is a no-op. @default LANGFUSE_TRACING_ENABLED, then true */
  enabled?: boolean;
  /** Environment of all traces, `[a-z0-9_-]`, at most 40 characters. @default LANGFUSE_TRACING_ENVIRONMENT */
  environment?: string;
  /** Release of the application, on all traces. @default LANGFUSE_RELEASE */
  release?: string;
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
  /** Replaces the langfuse exporter by a module of your own. */
  exporter?: EngineInput['exporter'];
}

export interface ClientConfig {
  /** Undefined: the client is a no-op. */
  readonly engine: EngineInput | undefined;
  readonly baseUrl: string;
  readonly flushIntervalMs: number;
  readonly environment: string | null;
  readonly release: string | null;
  readonly maxOpen: number;
  readonly maxOpenAgeMs: number;
  /** To be told once. */
  readonly problems: readonly string[];
}

const DEFAULT_BASE_URL = 'https://cloud.langfuse.com';
const DEFAULT_FLUSH_INTERVAL_SECONDS = 5;
const MILLISECONDS_FROM = 1000;
const MAX_FLUSH_INTERVAL_MS = 86_400_000;
/** Langfuse's own rule; a server refuses other names. */
const ENVIRONMENT = /^(?!langfuse)[a-z0-9_-]{1,40}$/;

type Environment = Readonly<Record<string, string | undefined>>;

export function resolveConfig(options: TailraceOptions, env: Environment, sdkVersion: string): ClientConfig {
  const problems: string[] = [];
  const publicKey = trimmed(options.publicKey ?? env.LANGFUSE_PUBLIC_KEY);
  const secretKey = trimmed(options.secretKey ?? env.LANGFUSE_SECRET_KEY);
  const baseUrl = resolveBaseUrl(options, env, problems);
  const flushIntervalMs = resolveFlushInterval(options, env, problems);
  const { maxOpen, maxOpenAge, additionalHeaders, exporter, estimateUsage, prices, ...rest } = options;
  const usageOptions = resolveUsageOptions({ estimateUsage, prices }, problems);
  const flushAt = options.flushAt ?? numberFrom(env, 'LANGFUSE_FLUSH_AT', problems);

  let enabled = options.enabled ?? env.LANGFUSE_TRACING_ENABLED?.toLowerCase() !== 'false';
  if (enabled && exporter === undefined && (!publicKey || !secretKey)) {
    const missing = [
      !publicKey && 'publicKey (LANGFUSE_PUBLIC_KEY)',
      !secretKey && 'secretKey (LANGFUSE_SECRET_KEY)',
    ];
    problems.push(`no ${missing.filter(Boolean).join(' and no ')}: nothing is traced`);
    enabled = false;
  }
  const langfuse = {
    url: 'langfuse',
    options: { baseUrl, publicKey, secretKey, sdkVersion, additionalHeaders, ...usageOptions },
  };
  return {
    engine: enabled ? { ...rest, flushAt, flushIntervalMs, exporter: exporter ?? langfuse } : undefined,
    baseUrl,
    flushIntervalMs,
    environment: resolveEnvironment(options, env, problems),
    release: options.release ?? env.LANGFUSE_RELEASE ?? null,
    maxOpen: positive('maxOpen', maxOpen, 100_000, problems),
    maxOpenAgeMs: 1000 * positive('maxOpenAge', maxOpenAge, 3600, problems),
    problems,
  };
}

function resolveBaseUrl(options: TailraceOptions, env: Environment, problems: string[]): string {
  const { LANGFUSE_BASE_URL, LANGFUSE_BASEURL, LANGFUSE_HOST } = env;
  const given = options.baseUrl || LANGFUSE_BASE_URL || LANGFUSE_BASEURL || LANGFUSE_HOST;
  if (!given) return DEFAULT_BASE_URL;
  const text = typeof given === 'string' || (given as unknown) instanceof URL ? String(given).trim() : '';
  if (/^https?:\/\//.test(text) && URL.canParse(text)) {
    const { search, hash, href } = new URL(text);
    if (search === '' && hash === '') return href.replace(/\/+$/, '');
  }
  problems.push(
    `option baseUrl must be an http(s) URL without a query, but got: ${show(given)}; using ${DEFAULT_BASE_URL}`,
  );
  return DEFAULT_BASE_URL;
}

/** A key from a file or a variable easily has a line break at its end, and no header may. */
function trimmed(key: unknown): string | undefined {
  return typeof key === 'string' ? key.trim() : undefined;
}

function resolveFlushInterval(options: TailraceOptions, env: Environment, problems: string[]): number {
  const given = options.flushInterval ?? numberFrom(env, 'LANGFUSE_FLUSH_INTERVAL', problems);
  const value = positive('flushInterval', given, DEFAULT_FLUSH_INTERVAL_SECONDS, problems);
  if (value < MILLISECONDS_FROM) return Math.max(1, Math.round(value * 1000));
  problems.push(`flushInterval is in seconds; ${value} is read as ${value} milliseconds`);
  return Math.min(MAX_FLUSH_INTERVAL_MS, Math.round(value));
}

function resolveEnvironment(options: TailraceOptions, env: Environment, problems: string[]): string | null {
  const given = options.environment ?? env.LANGFUSE_TRACING_ENVIRONMENT;
  if (given === undefined || given === '') return null;
  if (typeof given === 'string' && ENVIRONMENT.test(given)) return given;
  problems.push(
    `option environment must be at most 40 of a-z, 0-9, _ and -, not starting with "langfuse", but got: ${show(given)}; using none`,
  );
  return null;
}

function numberFrom(env: Environment, name: string, problems: string[]): number | undefined {
  const text = env[name];
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  problems.push(`${name} must be a number, but got: ${show(text)}; ignored`);
  return undefined;
}

function positive(name: string, value: unknown, fallback: number, problems: string[]): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  problems.push(`option ${name} must be a number above 0, but got: ${show(value)}; using ${fallback}`);
  return fallback;
}
