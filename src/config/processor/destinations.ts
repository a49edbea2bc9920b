/** Resolves the options of the span processor and the environment to destinations: where spans go, and which spans. */

import type { MeterProvider } from '@opentelemetry/api';
import type { FinishedSpan } from '../../records/finished-span.js';
import type { OtlpExporterOptions } from '../../shared/contract/otlp-options.js';
import type { PayloadOptions } from '../../shared/contract/redaction.js';
import { show, UNREADABLE } from '../../shared/untrusted-text/show.js';
import { resolveEnvironment, resolveProxy, withoutBlankAddresses } from '../connection.js';
import type { ReadableSpanLike, SpanExporterLike, SpanMaskFunction } from '../option-types.js';
import type { EngineInput } from '../options/engine.js';
import type { SpanDestinationOptions, TailraceSpanProcessorOptions } from '../options/processor.js';
import { otelVariable } from '../otel-variables.js';
import { resolveMask, resolveMaskModule } from '../payload-options.js';
import { readChoice, readFlag, readText } from '../readers.js';
import { resolveRedact } from '../redact-options.js';
import { complain, type Environment, guarded, type Settings, takeOptions, warnInvalid } from '../settings.js';
import type { Kind } from '../table/row.js';
import { namesOf, optionOf } from '../table/table.js';
import { tellIgnored } from './ignored-options.js';
import { readLangfuseEndpoint } from './langfuse-endpoint.js';
import { readOtlpEndpoint } from './otlp-endpoint.js';
import { type QueueSettings, readQueueSettings } from './queue-settings.js';

export interface Destination {
  /** Set on spans at their start, for a Langfuse server; null: nothing. */
  readonly start: { readonly environment: string | null; readonly release: string | null } | null;
  /** null: every span goes there. */
  readonly shouldExport: ((span: FinishedSpan) => boolean) | null;
  readonly mask: SpanMaskFunction | null;
  /** Done in the worker, or on this thread for an exporter of the application's own. */
  readonly payload: PayloadOptions;
  readonly queue: QueueSettings;
  readonly to:
    | { readonly kind: 'worker'; readonly engine: EngineInput }
    /** `namesMedia`: whether a warning says that media stay in the spans. */
    | { readonly kind: 'exporter'; readonly exporter: SpanExporterLike; readonly namesMedia: boolean };
}

interface ProcessorConfig {
  readonly destinations: readonly Destination[];
  readonly meterProvider: MeterProvider | undefined;
  readonly isDebugging: boolean;
  /** Warnings, each to be reported once. */
  readonly problems: readonly string[];
  /** Errors, each to be reported once: why a destination gets nothing. */
  readonly faults: readonly string[];
}

const NOTHING_EXPORTED = 'no span is exported';

type Given = Record<string, unknown>;

/** All options that hold for a destination, and those that it sets itself. */
interface DestinationOptions {
  readonly given: Given;
  readonly own: Given;
}

type Filter = (span: FinishedSpan) => boolean;

/** `defaultFilter`: for spans to a Langfuse server or to an exporter of the application's own. */
export function resolveDestinations(
  options: TailraceSpanProcessorOptions,
  env: Environment,
  defaultFilter: Filter,
): ProcessorConfig {
  const problems: string[] = [];
  const faults: string[] = [];
  const { destinations, meterProvider, ...given } = takeOptions(options, namesOf('processor'), problems);
  const list = given.enabled === false ? [] : listDestinations(destinations, given, problems);
  return {
    destinations: list.flatMap(({ given, own }) => {
      const settings: Settings = {
        entry: 'processor',
        given: withoutBlankAddresses(given),
        env,
        problems,
        faults,
      };
      return readDestination(settings, own, defaultFilter) ?? [];
    }),
    meterProvider: meterProvider as MeterProvider | undefined,
    isDebugging: readDebugging({ entry: 'client', given: {}, env, problems, faults }),
    problems,
    faults,
  };
}

/** From the variables of a client. There is no option: an application that sets a logger of OpenTelemetry sets its level. */
function readDebugging(settings: Settings): boolean {
  const isDebugging = readFlag(settings, 'debug');
  return readChoice(settings, 'logLevel') === 'debug' || isDebugging;
}

function listDestinations(destinations: unknown, given: Given, problems: string[]): DestinationOptions[] {
  if (destinations === undefined) return [{ given, own: given }];
  const list = copyOf(destinations);
  if (!Array.isArray(list)) {
    warnInvalid(problems, 'option destinations', 'an array', `got: ${show(list)}`, NOTHING_EXPORTED);
    return [];
  }
  const choosing = namesOf('processor', ({ choosesDestination = false }) => choosesDestination);
  const ignored = choosing.filter((name) => given[name] !== undefined);
  if (ignored.length > 0) problems.push(`${ignored.join(', ')}: ignored, as option destinations is given`);
  const shared = Object.fromEntries(Object.entries(given).filter(([name]) => !choosing.includes(name)));
  const known = namesOf('processor', ({ isOfAll = false }) => !isOfAll);
  return list.map((one) => {
    const own = takeOptions(one, known, problems);
    // Under whichever of its names.
    const set = new Set(Object.keys(own).map((name) => optionOf('processor', name)));
    const inherited = Object.entries(shared).filter(([name]) => !set.has(optionOf('processor', name)));
    return { given: { ...Object.fromEntries(inherited), ...own }, own };
  });
}

/** An array that throws when it is read throws here. */
function copyOf(destinations: unknown): unknown {
  try {
    return Array.isArray(destinations) ? [...destinations] : destinations;
  } catch {
    return UNREADABLE;
  }
}

function readDestination(all: Settings, own: Given, defaultFilter: Filter): Destination | undefined {
  // Of options that cannot be read: its filter or mask is not known.
  if (all.given.enabled === false) return undefined;
  const kind = kindOf(all);
  const settings = { ...all, ignoredPrefix: IGNORED_PREFIX[kind] };
  tellIgnored(kind, settings.given, own, settings.problems);
  const queue = readQueueSettings(settings);
  const payload = readPayloadOptions(settings);
  const to = readTarget(settings, kind, queue, payload);
  if (to === undefined) return undefined;
  return {
    start: kind === 'otlp' ? null : readStart(settings),
    shouldExport: readFilter(settings) ?? (kind === 'otlp' ? null : defaultFilter),
    mask: resolveMask(settings.given.mask, settings.problems),
    payload,
    queue,
    to,
  };
}

/** Credentials for a collector are not sent to a Langfuse server, and the other way round. */
const IGNORED_PREFIX: Record<Kind, string> = {
  exporter: 'OTEL_EXPORTER_OTLP_',
  langfuse: 'OTEL_EXPORTER_OTLP_',
  otlp: 'LANGFUSE_',
};

function kindOf(settings: Settings): Kind {
  const { given, env } = settings;
  const has = (...names: (keyof SpanDestinationOptions)[]): boolean =>
    names.some((name) => given[name] !== undefined);
  if (has('exporter')) return 'exporter';
  if (has('endpoint', 'protocol')) return 'otlp';
  if (has('publicKey', 'secretKey', 'baseUrl')) return 'langfuse';
  if (env.LANGFUSE_PUBLIC_KEY || env.LANGFUSE_SECRET_KEY) return 'langfuse';
  return otelVariable(settings, 'endpoint') ? 'otlp' : 'langfuse';
}

function readTarget(
  settings: Settings,
  kind: Kind,
  queue: QueueSettings,
  payload: PayloadOptions,
): Destination['to'] | undefined {
  if (kind === 'exporter') {
    const exporter = guarded(settings, 'exporter', readExporter);
    return exporter && { kind, exporter, namesMedia: settings.given.mediaUploadEnabled !== false };
  }
  const proxy = resolveProxy(settings.given.proxy);
  if (typeof proxy === 'object') {
    settings.faults.push(`${proxy.fault}; no span is exported`);
    return undefined;
  }
  const endpoint = kind === 'otlp' ? readOtlpEndpoint(settings) : readLangfuseEndpoint(settings);
  if (endpoint === undefined) return undefined;
  const exporter = {
    ...endpoint.exporter,
    options: { ...(endpoint.exporter.options as OtlpExporterOptions), ...payload },
  };
  const { flushAt, flushIntervalMs, flushTimeoutMs, engine } = queue;
  return {
    kind: 'worker',
    engine: { ...engine, flushAt, flushIntervalMs, flushTimeoutMs, ...endpoint, exporter },
  };
}

function readExporter({ given: { exporter }, problems }: Settings): SpanExporterLike | undefined {
  if (isExporter(exporter)) return exporter;
  warnInvalid(problems, 'option exporter', 'a SpanExporter', `got: ${show(exporter)}`, NOTHING_EXPORTED);
  return undefined;
}

function isExporter(value: unknown): value is SpanExporterLike {
  return typeof (value as Partial<SpanExporterLike> | null)?.export === 'function';
}

function readStart(settings: Settings): Destination['start'] {
  return {
    environment: resolveEnvironment(settings),
    release: readText(settings, 'release'),
  };
}

/** An invalid filter fails closed: no span is exported. */
function readFilter(settings: Settings): Destination['shouldExport'] {
  const { shouldExportSpan } = settings.given;
  if (shouldExportSpan === undefined) return null;
  if (typeof shouldExportSpan === 'function')
    return (span) => shouldExportSpan({ otelSpan: span as ReadableSpanLike }) !== false;
  complain(
    settings,
    { name: 'option shouldExportSpan', value: shouldExportSpan },
    'a function',
    'one that lets no span through',
  );
  return () => false;
}

function readPayloadOptions(settings: Settings): PayloadOptions {
  const { problems } = settings;
  const maskModule = guarded(settings, 'maskModule', ({ given }) =>
    resolveMaskModule(given.maskModule, problems),
  );
  const redact = guarded(settings, 'redact', ({ given }) => resolveRedact(given.redact, problems, true));
  return { ...(maskModule !== undefined && { maskModule }), ...(redact !== undefined && { redact }) };
}
