/** Resolves the options of a client, from the constructor, the environment and the defaults. */

import type { MaskFunction } from '../records/masking.js';
import { MASKED, type PayloadOptions } from '../shared/contract/redaction.js';
import type { LangfuseExporterOptions, Protocol } from '../shared/langfuse-options.js';
import { resolveClickhouse } from './clickhouse-options.js';
import {
  resolveBaseUrl,
  resolveEnvironment,
  resolveKeys,
  resolveProxy,
  withoutBlankAddresses,
} from './connection.js';
import { isExporterSource, wrongExporter } from './engine-options.js';
import { type HeaderFaults, resolveHeaders } from './headers.js';
import { resolveLogger } from './log-options.js';
import { resolveNats } from './nats-options.js';
import type { ExporterSource, Logger, LogLevel } from './option-types.js';
import type { TailraceOptions } from './options/client.js';
import type { EngineInput } from './options/engine.js';
import { resolveOtlp, sendsScores } from './otlp-options.js';
import { resolveMask, resolveMaskModule, sideLaneBytesFor } from './payload-options.js';
import { resolveUsageOptions } from './price-options.js';
import {
  readChoice,
  readFlag,
  readNumber,
  readOptionalNumber,
  readOptionalSecondsAsMs,
  readSecondsAsMs,
  readText,
} from './readers.js';
import { resolveRedact } from './redact-options.js';
import { resolveRedis } from './redis-options.js';
import { releaseOfPlatform } from './release.js';
import { complain, type Environment, guarded, type Settings, takeOptions } from './settings.js';
import type { BuiltIn } from './table/row.js';
import { namesNotFor, namesOf } from './table/table.js';
import { resolveUploadHosts } from './upload-hosts.js';

export interface ClientConfig {
  /** Undefined: the client is a no-op. */
  readonly engine: EngineInput | undefined;
  /** Empty: the given one cannot be used. */
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
  /** Warnings, each to be reported once. */
  readonly problems: readonly string[];
  /** Errors, each to be reported once: why nothing is traced. */
  readonly faults: readonly string[];
}

export function resolveConfig(options: TailraceOptions, env: Environment, sdkVersion: string): ClientConfig {
  const problems: string[] = [];
  const faults: string[] = [];
  const headerFaults: HeaderFaults = new Map();
  const given = withoutBlankAddresses(takeOptions(options, namesOf('client'), problems));
  const settings: Settings = { entry: 'client', given, env, problems, faults };
  const address = guarded(settings, 'baseUrl', resolveBaseUrl);
  const baseUrl = 'fault' in address ? '' : address.baseUrl;
  const flushIntervalMs = readSecondsAsMs(settings, 'flushInterval');
  const maxEventBytes = readNumber(settings, 'maxEventBytes');
  const logLevel = readChoice<LogLevel>(settings, 'logLevel');
  const protocol = readChoice<Protocol>(settings, 'protocol');
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
        mediaUpload: readFlag(settings, 'mediaUpload'),
        allowedUploadHosts: guarded(settings, 'allowedUploadHosts', ({ given }) =>
          resolveUploadHosts(given.allowedUploadHosts, problems),
        ),
        ...guarded(settings, 'prices', resolveUsageOptions),
      },
    ),
    baseUrl,
    protocol: protocolOf(settings.given, protocol),
    flushIntervalMs,
    sampleRate: readNumber(settings, 'sampleRate'),
    environment: resolveEnvironment(settings),
    release: readText(settings, 'release') ?? releaseOfPlatform(env),
    version: readText(settings, 'version'),
    tags: guarded(settings, 'tags', resolveTags),
    mask: resolveMask(settings.given.mask, problems),
    maxEventBytes,
    logLevel: readFlag(settings, 'debug') ? 'debug' : logLevel,
    logger: guarded(settings, 'logger', ({ given }) => resolveLogger(given.logger, problems)),
    maxOpen: readNumber(settings, 'maxOpen'),
    maxOpenAgeMs: 1000 * readNumber(settings, 'maxOpenAge'),
    problems,
    faults,
  };
}

/** What is in the streams goes on to a Langfuse server as spans. To a collector updates of traces go only where scores do. */
function protocolOf({ exporter, otlp }: Settings['given'], protocol: Protocol): Protocol | null {
  if (exporter === 'redis' || exporter === 'nats') return 'otel';
  if (exporter === 'otlp') return sendsScores(otlp) ? 'otel' : null;
  return exporter === undefined ? protocol : null;
}

/** Undefined: nothing is to be sent, or there is nowhere to send it. `fault` is about the server's address, `headerFaults` about headers that identify the sender. */
function resolveEngine(
  settings: Settings,
  flushIntervalMs: number,
  fault: string | undefined,
  headerFaults: HeaderFaults,
  langfuse: Omit<LangfuseExporterOptions, 'publicKey' | 'secretKey'>,
): EngineInput | undefined {
  const options = settings.given as TailraceOptions;
  const exporter = guarded(settings, 'exporter', resolveExporter);
  for (const name of BUILT_IN_BY_NAME) {
    const isIgnored = exporter !== name && (options[name] ?? undefined) !== undefined;
    if (isIgnored) settings.problems.push(`${name}: ignored without exporter: '${name}'`);
  }
  const keys = resolveKeys(settings);
  const flushAt = readOptionalNumber(settings, 'flushAt');
  const requestTimeout = readOptionalNumber(settings, 'requestTimeout');
  // LANGFUSE_TIMEOUT is about a Langfuse server.
  const ofTimeout = exporter === 'otlp' ? { ...settings, ignoredPrefix: 'LANGFUSE_' } : settings;
  const requestTimeoutMs =
    readOptionalSecondsAsMs(ofTimeout, 'timeout') ?? (requestTimeout && Math.round(requestTimeout));
  if (!readFlag(settings, 'enabled')) return undefined;
  if (exporter === null) return undefined;
  const proxy = resolveProxy(options.proxy);
  if (typeof proxy === 'object') {
    settings.faults.push(`${proxy.fault}; nothing is traced`);
    return undefined;
  }
  const sideLaneBytes = options.sideLaneBytes ?? sideLaneBytesFor(langfuse.maxEventBytes ?? 0);
  // The engine ignores options that are not its own.
  const engine = { ...options, flushAt, flushIntervalMs, requestTimeoutMs, sideLaneBytes };
  if (exporter === 'redis' || exporter === 'nats') {
    const resolveStream = { redis: resolveRedis, nats: resolveNats }[exporter];
    const target = guarded(settings, exporter, ({ given }) => resolveStream(given[exporter]));
    if ('fault' in target) {
      settings.faults.push(`${target.fault}; nothing is traced`);
      return undefined;
    }
    warnOfUnused(settings, exporter, `ignored with exporter: '${exporter}'`);
    const { baseUrl: _, additionalHeaders: __, ...events } = langfuse;
    return {
      ...engine,
      exporter: {
        url: exporter,
        options: { ...events, protocol: 'otel', mediaUpload: false, [exporter]: target },
      },
    };
  }
  if (exporter === 'clickhouse') {
    const target = guarded(settings, 'clickhouse', ({ given, env }) =>
      resolveClickhouse(given.clickhouse ?? undefined, env),
    );
    if ('fault' in target) {
      settings.faults.push(`${target.fault}; nothing is traced`);
      return undefined;
    }
    warnOfUnused(settings, 'clickhouse', "ignored with exporter: 'clickhouse'");
    const { baseUrl: _, additionalHeaders: __, protocol: ___, ...events } = langfuse;
    return {
      ...engine,
      exporter: { url: 'clickhouse', options: { ...events, mediaUpload: false, clickhouse: target } },
    };
  }
  if (exporter === 'otlp') {
    const wrong = fault ?? [...headerFaults.values()][0];
    const otlp = guarded(settings, 'otlp', (one) => resolveOtlp(one, keys, langfuse, wrong));
    if (otlp === undefined) return undefined;
    // Requests with scores carry them.
    const unused = sendsScores(options.otlp) ? { additionalHeaders: undefined } : {};
    warnOfUnused(
      { ...settings, given: { ...settings.given, ...unused } },
      'otlp',
      "ignored with exporter: 'otlp'",
    );
    const { timeoutMs, ...ofOtlp } = otlp;
    return { ...engine, ...ofOtlp, requestTimeoutMs: requestTimeoutMs ?? timeoutMs };
  }
  if (exporter !== undefined) {
    if (fault !== undefined) settings.problems.push(`${fault}; using none`);
    warnOfUnused(
      settings,
      'exporter',
      'ignored with an exporter of your own, which gets values as they are after masking and redaction',
    );
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

function warnOfUnused({ given, problems }: Settings, kind: 'exporter' | BuiltIn, why: string): void {
  const unused = namesNotFor('client', kind).filter((name) => given[name] ?? false);
  if (unused.length > 0) problems.push(`${unused.join(', ')}: ${why}`);
}

const BUILT_IN = ['langfuse', 'otlp'];
const BUILT_IN_BY_NAME = ['clickhouse', 'nats', 'otlp', 'redis'] as const satisfies readonly BuiltIn[];

/** Masking and redaction hold for an exporter of the application's own as well. */
function masked(exporter: ExporterSource, { maskModule, redact }: PayloadOptions): ExporterSource {
  if (maskModule === undefined && redact === undefined) return exporter;
  const { url, options } = exporter;
  const payload = { maskModule, redact };
  if (BUILT_IN.includes(String(url))) return { url, options: { ...Object(options), ...payload } };
  return { url: MASKED, options: { url: String(url), options, ...payload } };
}

/** Null: invalid. The data was not meant for the Langfuse server, and does not go there instead. */
function resolveExporter({
  given: { exporter },
  problems,
}: Settings): ExporterSource | BuiltIn | null | undefined {
  if (exporter === undefined) return undefined;
  const builtIn = BUILT_IN_BY_NAME.find((name) => name === exporter);
  if (builtIn !== undefined) return builtIn;
  if (isExporterSource(exporter)) return { url: exporter.url, options: exporter.options };
  problems.push(`${wrongExporter(exporter, BUILT_IN_BY_NAME)}; nothing is traced`);
  return null;
}

function resolveTags(settings: Settings): readonly string[] | null {
  const { tags } = settings.given;
  if (tags === undefined || tags === null) return null;
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return [...tags];
  complain(settings, { name: 'option tags', value: tags }, 'an array of texts', 'none');
  return null;
}
