/** The client's options: what an application passes, what the environment says, and what comes of the two. */

import { FULLY_MASKED, type MaskFunction } from '../records/masking.js';
import { DEFAULT_MAX_EVENT_BYTES, type LangfuseExporterOptions, type Protocol } from '../records/records.js';
import type { PayloadOptions } from '../shared/contract/redaction.js';
import { MASKED } from '../shared/contract/redaction.js';
import { LOG_LEVEL_CHOICES, type Logger, type LogLevel, resolveLogger } from '../shared/log-options.js';
import {
  type EngineInput,
  type ExporterSource,
  isExporterSource,
  typeOf,
  wrongExporter,
} from '../shared/options.js';
import { resolveProxy } from '../shared/proxy-options.js';
import { resolveUploadHosts } from '../shared/upload-hosts.js';
import { resolveUsageOptions } from '../shared/usage-options.js';
import { withoutBlankAddresses } from './address.js';
import { resolveBaseUrl, resolveEnvironment, resolveKeys } from './connection.js';
import { type HeaderFaults, resolveHeaders } from './headers.js';
import { OPTIONS, type TailraceOptions } from './options.js';
import { MAX_EVENT_BYTES, resolveMaskModule, sideLaneBytesFor } from './payload-options.js';
import { resolveRedact } from './redact-options.js';
import { releaseOfPlatform } from './release.js';
import {
  complain,
  type Environment,
  guarded,
  readChoice,
  readFlag,
  readInterval,
  readNumber,
  readSeconds,
  readText,
  type Settings,
  takeOptions,
} from './settings.js';

export interface ClientConfig {
  /** Undefined: the client is a no-op. */
  readonly engine: EngineInput | undefined;
  /** Empty: the one that was given cannot be used. */
  readonly baseUrl: string;
  /** Null: an exporter of the application's own. */
  readonly protocol: Protocol | null;
  readonly flushIntervalMs: number;
  readonly sampleRate: number;
  readonly environment: string | null;
  readonly release: string | null;
  readonly version: string | null;
  readonly tags: readonly string[] | null;
  readonly mask: MaskFunction | null;
  readonly maxEventBytes: number;
  readonly logLevel: LogLevel;
  /** Undefined: the console. */
  readonly logger: Logger | undefined;
  readonly maxOpen: number;
  readonly maxOpenAgeMs: number;
  /** To be told once. */
  readonly problems: readonly string[];
  /** To be told once, as errors: why nothing is traced. */
  readonly faults: readonly string[];
}

const MAX_FLUSH_INTERVAL_MS = 86_400_000;
const MAX_TIMEOUT_MS = 3_600_000;
/** What the built-in exporter does in the worker. */
const OF_LANGFUSE_EXPORTER = [
  'mediaUpload',
  'allowedUploadHosts',
  'estimateUsage',
  'prices',
  'protocol',
  'additionalHeaders',
] as const satisfies (keyof TailraceOptions)[];

export function resolveConfig(options: TailraceOptions, env: Environment, sdkVersion: string): ClientConfig {
  const problems: string[] = [];
  const faults: string[] = [];
  const headerFaults: HeaderFaults = new Map();
  const given = withoutBlankAddresses(takeOptions(options, OPTIONS, problems));
  const settings: Settings = { given, env, problems, faults };
  const address = guarded(settings, 'baseUrl', resolveBaseUrl);
  const baseUrl = 'fault' in address ? '' : address.baseUrl;
  const flushIntervalMs = readInterval(settings, ['LANGFUSE_FLUSH_INTERVAL'], 5, MAX_FLUSH_INTERVAL_MS);
  const maxEventBytes = readNumber(
    settings,
    'maxEventBytes',
    ['LANGFUSE_MAX_EVENT_SIZE_BYTES'],
    DEFAULT_MAX_EVENT_BYTES,
    MAX_EVENT_BYTES,
  );
  const logLevel = readChoice(settings, 'logLevel', ['LANGFUSE_LOG_LEVEL'], LOG_LEVEL_CHOICES);
  const protocol = readChoice<Protocol>(settings, 'protocol', [], ['otel', 'ingestion']);
  return {
    engine: resolveEngine(
      settings,
      flushIntervalMs,
      'fault' in address ? address.fault : undefined,
      headerFaults,
      {
        baseUrl,
        sdkVersion,
        additionalHeaders: guarded(settings, 'additionalHeaders', ({ given }) =>
          resolveHeaders(given.additionalHeaders, problems, 'option additionalHeaders', headerFaults),
        ),
        protocol,
        maxEventBytes,
        maskModule: guarded(settings, 'maskModule', ({ given }) =>
          resolveMaskModule(given.maskModule, problems),
        ),
        redact: guarded(settings, 'redact', ({ given }) => resolveRedact(given.redact, problems)),
        mediaUpload: readFlag(settings, 'mediaUpload', ['LANGFUSE_MEDIA_UPLOAD_ENABLED'], true, false),
        allowedUploadHosts: guarded(settings, 'allowedUploadHosts', ({ given }) =>
          resolveUploadHosts(given.allowedUploadHosts, problems),
        ),
        ...guarded(settings, 'prices', ({ given }) => resolveUsageOptions(given, problems)),
      },
    ),
    baseUrl,
    protocol: settings.given.exporter === undefined ? protocol : null,
    flushIntervalMs,
    sampleRate: readNumber(settings, 'sampleRate', ['LANGFUSE_SAMPLE_RATE'], 1, [0, 1]),
    environment: resolveEnvironment(settings),
    release: readText(settings, 'release', ['LANGFUSE_RELEASE']) ?? releaseOfPlatform(env),
    version: readText(settings, 'version', []),
    tags: guarded(settings, 'tags', resolveTags),
    mask: resolveMask(settings),
    maxEventBytes,
    logLevel: readFlag(settings, 'debug', ['LANGFUSE_DEBUG'], false) ? 'debug' : logLevel,
    logger: guarded(settings, 'logger', ({ given }) => resolveLogger(given.logger, problems)),
    maxOpen: readNumber(settings, 'maxOpen', [], 100_000, [1, Number.POSITIVE_INFINITY]),
    maxOpenAgeMs: 1000 * readNumber(settings, 'maxOpenAge', [], 3600, [0.001, Number.POSITIVE_INFINITY]),
    problems,
    faults,
  };
}

/** Undefined: there is nothing to send, or nowhere to send it. `fault`: what is wrong with the server's address; `headerFaults`: with what it knows the sender by. */
function resolveEngine(
  settings: Settings,
  flushIntervalMs: number,
  fault: string | undefined,
  headerFaults: HeaderFaults,
  langfuse: Omit<LangfuseExporterOptions, 'publicKey' | 'secretKey'>,
): EngineInput | undefined {
  const options = settings.given as TailraceOptions;
  const exporter = guarded(settings, 'exporter', resolveExporter);
  const keys = resolveKeys(settings);
  const flushAt = readNumber(settings, 'flushAt', ['LANGFUSE_FLUSH_AT'], undefined, [1, 100_000]);
  const requestTimeout = readNumber(settings, 'requestTimeout', [], undefined, [1, MAX_TIMEOUT_MS]);
  const requestTimeoutMs =
    readSeconds(settings, 'timeout', ['LANGFUSE_TIMEOUT'], undefined, MAX_TIMEOUT_MS) ??
    (requestTimeout && Math.round(requestTimeout));
  if (!readFlag(settings, 'enabled', ['LANGFUSE_TRACING_ENABLED'], true, false)) return undefined;
  if (exporter === null) return undefined;
  const proxy = resolveProxy(options.proxy);
  if (typeof proxy === 'object') {
    settings.faults.push(`${proxy.fault}; nothing is traced`);
    return undefined;
  }
  const sideLaneBytes = options.sideLaneBytes ?? sideLaneBytesFor(langfuse.maxEventBytes ?? 0);
  // The engine takes what is its own.
  const engine = { ...options, flushAt, flushIntervalMs, requestTimeoutMs, sideLaneBytes };
  if (exporter !== undefined) {
    if (fault !== undefined) settings.problems.push(`${fault}; using none`);
    const unused = OF_LANGFUSE_EXPORTER.filter((name) => options[name] ?? false);
    if (unused.length > 0) {
      settings.problems.push(
        `${unused.join(', ')}: ignored, as only the langfuse exporter has them; your own exporter gets values as they are, apart from masking`,
      );
    }
    return { ...engine, exporter: masked(exporter, langfuse) };
  }
  for (const one of headerFaults.values()) settings.faults.push(`${one}; nothing is traced`);
  if (fault !== undefined) settings.faults.push(`${fault}; nothing is traced`);
  if ('missing' in keys) {
    settings.problems.push(`${keys.missing}: nothing is traced`);
    return undefined;
  }
  if ('fault' in keys) {
    settings.faults.push(`${keys.fault}; nothing is traced`);
    return undefined;
  }
  if (fault !== undefined || headerFaults.size > 0) return undefined;
  return { ...engine, exporter: { url: 'langfuse', options: { ...langfuse, ...keys } } };
}

const BUILT_IN = ['langfuse', 'otlp'];

/** What masks does so for an exporter of the application's own as well. */
function masked(exporter: ExporterSource, { maskModule, redact }: PayloadOptions): ExporterSource {
  if (maskModule === undefined && redact === undefined) return exporter;
  const { url, options } = exporter;
  const payload = { maskModule, redact };
  if (BUILT_IN.includes(String(url))) return { url, options: { ...Object(options), ...payload } };
  return { url: MASKED, options: { url: String(url), options, ...payload } };
}

/** Null: one that cannot be used. What was not meant for the Langfuse server does not go there instead. */
function resolveExporter({ given: { exporter }, problems }: Settings): ExporterSource | null | undefined {
  if (exporter === undefined) return undefined;
  if (isExporterSource(exporter)) return { url: exporter.url, options: exporter.options };
  problems.push(`${wrongExporter(exporter)}; nothing is traced`);
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
  settings.problems.push(`option mask must be a function, but is ${typeOf(mask)}; masking everything`);
  return () => FULLY_MASKED;
}
