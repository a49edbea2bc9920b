/** What comes of the span processor's options and the environment: the places that spans go to, and which spans. */

import type { MeterProvider } from '@opentelemetry/api';
import type { FinishedSpan } from '../records/finished-span.js';
import { FULLY_MASKED } from '../records/masking.js';
import type { PayloadOptions } from '../shared/contract/redaction.js';
import { LOG_LEVEL_CHOICES } from '../shared/log-options.js';
import type { EngineInput } from '../shared/options.js';
import { show, typeOf, UNREADABLE } from '../shared/options.js';
import type { OtlpExporterOptions } from '../shared/otlp-options.js';
import { resolveProxy } from '../shared/proxy-options.js';
import { withoutBlankAddresses } from '../tracing/address.js';
import { resolveEnvironment } from '../tracing/connection.js';
import { resolveMaskModule } from '../tracing/payload-options.js';
import { resolveRedact } from '../tracing/redact-options.js';
import {
  complain,
  type Environment,
  guarded,
  readChoice,
  readFlag,
  readText,
  type Settings,
  takeOptions,
} from '../tracing/settings.js';
import { type Kind, tellIgnored } from './ignored-options.js';
import { readLangfusePlace } from './langfuse-place.js';
import { readOtlpPlace } from './otlp-place.js';
import {
  DESTINATION_OPTIONS,
  PLACE_OPTIONS,
  PROCESSOR_OPTIONS,
  type ReadableSpanLike,
  type SpanDestinationOptions,
  type TailraceSpanProcessorOptions,
} from './processor-options.js';
import { type QueueSettings, readQueueSettings } from './queue-settings.js';
import type { SpanExporterLike } from './sinks/export-call.js';
import { isDefaultExportSpan } from './span-filter.js';
import type { SpanMaskFunction } from './span-mask.js';
import { exporterVariable } from './variables.js';

export interface Destination {
  /** What spans are given at their start, for a Langfuse server; null: nothing. */
  readonly start: { readonly environment: string | null; readonly release: string | null } | null;
  /** null: every span goes there. */
  readonly shouldExport: ((span: FinishedSpan) => boolean) | null;
  readonly mask: SpanMaskFunction | null;
  /** What the worker does, or for an exporter of the application's own this thread. */
  readonly payload: PayloadOptions;
  readonly queue: QueueSettings;
  readonly to:
    | { readonly kind: 'worker'; readonly engine: EngineInput }
    /** `namesMedia`: whether it is said that media stay in the spans. */
    | { readonly kind: 'exporter'; readonly exporter: SpanExporterLike; readonly namesMedia: boolean };
}

export interface ProcessorConfig {
  readonly destinations: readonly Destination[];
  readonly meterProvider: MeterProvider | undefined;
  readonly isDebugging: boolean;
  /** To be told once. */
  readonly problems: readonly string[];
  /** To be told once, as errors: why a destination gets nothing. */
  readonly faults: readonly string[];
}

type Given = Record<string, unknown>;

/** All that holds for a place, and what is said of it alone. */
interface PlaceOptions {
  readonly given: Given;
  readonly own: Given;
}

export function resolveDestinations(
  options: TailraceSpanProcessorOptions,
  env: Environment,
): ProcessorConfig {
  const problems: string[] = [];
  const faults: string[] = [];
  const { destinations, meterProvider, ...given } = takeOptions(options, PROCESSOR_OPTIONS, problems);
  const places = given.enabled === false ? [] : placesOf(destinations, given, problems);
  return {
    destinations: places.flatMap(({ given, own }) => {
      const settings = { given: withoutBlankAddresses(given), env, problems, faults };
      return readDestination(settings, own) ?? [];
    }),
    meterProvider: meterProvider as MeterProvider | undefined,
    isDebugging: readDebugging({ given: {}, env, problems, faults }),
    problems,
    faults,
  };
}

/** By the variables that a client reads as well; an application that sets a logger gives it a level of its own. */
function readDebugging(settings: Settings): boolean {
  const isDebugging = readFlag(settings, 'debug', ['LANGFUSE_DEBUG'], false);
  const level = readChoice(settings, 'logLevel', ['LANGFUSE_LOG_LEVEL'], LOG_LEVEL_CHOICES);
  return isDebugging || level === 'debug';
}

/** The options of each place, with what is said for all of them. */
function placesOf(destinations: unknown, given: Given, problems: string[]): PlaceOptions[] {
  if (destinations === undefined) return [{ given, own: given }];
  const list = listOf(destinations);
  if (!Array.isArray(list)) {
    problems.push(`option destinations must be an array, but got: ${show(list)}; no span is exported`);
    return [];
  }
  const ofPlaces = PLACE_OPTIONS.filter((name) => given[name] !== undefined);
  if (ofPlaces.length > 0) problems.push(`${ofPlaces.join(', ')}: ignored, as option destinations is given`);
  const shared = Object.fromEntries(Object.entries(given).filter(([name]) => !isPlaceOption(name)));
  return list.map((one) => {
    const own = takeOptions(one, DESTINATION_OPTIONS, problems);
    return { given: { ...shared, ...own }, own };
  });
}

/** A copy: what throws at a look into it does so here. */
function listOf(destinations: unknown): unknown {
  try {
    return Array.isArray(destinations) ? [...destinations] : destinations;
  } catch {
    return UNREADABLE;
  }
}

function isPlaceOption(name: string): boolean {
  return (PLACE_OPTIONS as readonly string[]).includes(name);
}

function readDestination(settings: Settings, own: Given): Destination | undefined {
  // What a filter or a mask cannot be read from is not sent as it is.
  if (settings.given.enabled === false) return undefined;
  const kind = kindOf(settings);
  tellIgnored(kind, settings.given, own, settings.problems);
  const queue = readQueueSettings(settings, kind !== 'otlp');
  const payload = readPayloadOptions(settings);
  const to = readTarget(settings, kind, queue, payload);
  if (to === undefined) return undefined;
  return {
    start: kind === 'otlp' ? null : readStart(settings),
    shouldExport: readFilter(settings) ?? (kind === 'otlp' ? null : isDefaultExportSpan),
    mask: readMask(settings),
    payload,
    queue,
    to,
  };
}

function kindOf({ given, env }: Settings): Kind {
  const has = (...names: (keyof SpanDestinationOptions)[]): boolean =>
    names.some((name) => given[name] !== undefined);
  if (has('exporter')) return 'exporter';
  if (has('endpoint', 'protocol')) return 'otlp';
  if (has('publicKey', 'secretKey', 'baseUrl')) return 'langfuse';
  if (env.LANGFUSE_PUBLIC_KEY || env.LANGFUSE_SECRET_KEY) return 'langfuse';
  return exporterVariable(env, 'ENDPOINT') ? 'otlp' : 'langfuse';
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
  const place = kind === 'otlp' ? readOtlpPlace(settings) : readLangfusePlace(settings);
  if (place === undefined) return undefined;
  const exporter = {
    ...place.exporter,
    options: { ...(place.exporter.options as OtlpExporterOptions), ...payload },
  };
  const { flushAt, flushIntervalMs, flushTimeoutMs, engine } = queue;
  return {
    kind: 'worker',
    engine: { ...engine, flushAt, flushIntervalMs, flushTimeoutMs, ...place, exporter },
  };
}

function readExporter({ given: { exporter }, problems }: Settings): SpanExporterLike | undefined {
  if (isExporter(exporter)) return exporter;
  problems.push(`option exporter must be a SpanExporter, but got: ${show(exporter)}; no span is exported`);
  return undefined;
}

function isExporter(value: unknown): value is SpanExporterLike {
  return typeof (value as Partial<SpanExporterLike> | null)?.export === 'function';
}

function readStart(settings: Settings): Destination['start'] {
  return {
    environment: resolveEnvironment(settings),
    release: readText(settings, 'release', ['LANGFUSE_RELEASE']),
  };
}

/** One that cannot be used lets nothing through: what it was to hold back is not known. */
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

/** One that cannot be used would leak what it was to mask. */
function readMask(settings: Settings): SpanMaskFunction | null {
  const { mask } = settings.given;
  if (mask === undefined) return null;
  if (typeof mask === 'function') return mask as SpanMaskFunction;
  settings.problems.push(`option mask must be a function, but is ${typeOf(mask)}; masking everything`);
  return () => FULLY_MASKED;
}
