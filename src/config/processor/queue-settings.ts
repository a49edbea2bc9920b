/** Resolves how spans are batched and how long anything may take: options, Langfuse's variables, OpenTelemetry's. */
import type { EngineInput } from '../options/engine.js';
import { readOtelNumber } from '../otel-variables.js';
import { readChoice, readNumber, readOptionalNumber, readOptionalSecondsAsMs } from '../readers.js';
import { givenValue, type Settings } from '../settings.js';
import { HOUR_MS } from '../table/row.js';
import { defaultNumber, type OptionName, optionsOf } from '../table/table.js';

export interface QueueSettings {
  readonly maxQueueSize: number;
  readonly flushAt: number;
  readonly flushIntervalMs: number;
  readonly flushTimeoutMs: number;
  /** How long a batch is tried; undefined: as long as the engine has it. */
  readonly exportTimeoutMs: number | undefined;
  readonly flushAtExit: boolean;
  readonly exitTimeoutMs: number;
  /** Options of the engine as they were given: it checks them itself. */
  readonly engine: Omit<EngineInput, 'exporter'>;
}

/** About the smallest span, with its resource: the ring is full before so many are pending. */
const MIN_SPAN_BYTES = 256;

export function readQueueSettings(settings: Settings): QueueSettings {
  const { given } = settings;
  const maxQueueSize = Math.round(readNumber(settings, 'maxQueueSize', defaultQueueSize(given)));
  const exportTimeoutMs = readOtelNumber(settings, 'flushTimeoutMs');
  const tryForMs = exportTimeoutMs === 0 ? HOUR_MS : exportTimeoutMs;
  return {
    maxQueueSize,
    flushAt: readFlushAt(settings, maxQueueSize),
    flushIntervalMs: readFlushIntervalMs(settings),
    flushTimeoutMs: Math.round(readNumber(settings, 'flushTimeoutMs', tryForMs)),
    exportTimeoutMs: tryForMs,
    flushAtExit: given.flushAtExit !== false,
    exitTimeoutMs: Math.round(readNumber(settings, 'exitTimeoutMs')),
    engine: {
      ...Object.fromEntries(passedOn().map((name) => [name, givenValue(settings, name)])),
      retryWindowMs: (given.retryWindowMs as number | undefined) ?? tryForMs,
    },
  };
}

/** Options of the engine under the same name that are not resolved here. */
function passedOn(): OptionName[] {
  const ofProcessor = optionsOf('processor');
  return [...optionsOf('engine').keys()].filter((name) => ofProcessor.has(name) && !OWN.includes(name));
}

const OWN: readonly OptionName[] = ['exporter', 'flushAt'];

/** A batch cannot be larger than the queue that it is taken from. */
function readFlushAt(settings: Settings, maxQueueSize: number): number {
  const { problems } = settings;
  if (readChoice(settings, 'exportMode') === 'immediate') return 1;
  const flushAt =
    readOptionalNumber(settings, 'flushAt') ??
    readOtelNumber(settings, 'flushAt') ??
    Math.min(defaultNumber('engine', 'flushAt'), maxQueueSize);
  if (flushAt <= maxQueueSize) return Math.round(flushAt);
  problems.push(`a batch of ${flushAt} spans is more than maxQueueSize allows; using ${maxQueueSize}`);
  return maxQueueSize;
}

/** OpenTelemetry allows an interval of 0, which becomes the shortest that there is. */
function readFlushIntervalMs(settings: Settings): number {
  const ms =
    readOptionalSecondsAsMs(settings, 'flushInterval') ??
    readOtelNumber(settings, 'flushInterval') ??
    defaultNumber('engine', 'flushIntervalMs');
  return Math.max(1, ms);
}

function defaultQueueSize({ ringBytes }: Settings['given']): number {
  const bytes =
    typeof ringBytes === 'number' && ringBytes > 0 ? ringBytes : defaultNumber('engine', 'ringBytes');
  return Math.max(1, Math.floor(bytes / MIN_SPAN_BYTES));
}
