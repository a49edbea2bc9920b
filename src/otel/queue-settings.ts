/** How spans are gathered and how long anything may take: options, Langfuse's variables, OpenTelemetry's. */
import { type EngineInput, PASSED_ON_OPTIONS } from '../shared/options.js';
import { readChoice, readInterval, readNumber, type Settings } from '../tracing/settings.js';
import { variableNumber } from './variables.js';

export interface QueueSettings {
  readonly maxQueueSize: number;
  readonly flushAt: number;
  readonly flushIntervalMs: number;
  readonly flushTimeoutMs: number;
  /** How long a batch is tried; undefined: as long as the engine has it. */
  readonly exportTimeoutMs: number | undefined;
  readonly flushAtExit: boolean;
  readonly exitTimeoutMs: number;
  /** What else is the engine's, which has its own word on it. */
  readonly engine: Omit<EngineInput, 'exporter'>;
}

const MAX_BATCH = 100_000;
const MAX_FLUSH_INTERVAL_MS = 86_400_000;
export const MAX_TIMEOUT_MS = 3_600_000;
const MAX_QUEUE = 2 ** 31;
const DEFAULT_RING_BYTES = 16 * 1024 * 1024;
/** About the smallest span, with its resource: the ring is full before so many are pending. */
const MIN_SPAN_BYTES = 256;
const DEFAULT_BATCH = 512;
const DEFAULT_INTERVAL_MS = 5_000;
const DEFAULT_FLUSH_TIMEOUT_MS = 30_000;
const DEFAULT_EXIT_TIMEOUT_MS = 2_000;

/** `isLangfuse`: its variables go before OpenTelemetry's. */
export function readQueueSettings(settings: Settings, isLangfuse: boolean): QueueSettings {
  const { given } = settings;
  const ofLangfuse = (name: string): string[] => (isLangfuse ? [name] : []);
  const maxQueueSize = Math.round(
    readNumber(settings, 'maxQueueSize', ['OTEL_BSP_MAX_QUEUE_SIZE'], defaultQueueSize(given), [
      1,
      MAX_QUEUE,
    ]),
  );
  const exportTimeoutMs = variableNumber(settings, 'OTEL_BSP_EXPORT_TIMEOUT', [0, MAX_TIMEOUT_MS]);
  const tryForMs = exportTimeoutMs === 0 ? MAX_TIMEOUT_MS : exportTimeoutMs;
  return {
    maxQueueSize,
    flushAt: readFlushAt(settings, ofLangfuse('LANGFUSE_FLUSH_AT'), maxQueueSize),
    flushIntervalMs: readFlushInterval(settings, ofLangfuse('LANGFUSE_FLUSH_INTERVAL')),
    flushTimeoutMs: wholeNumber(settings, 'flushTimeoutMs', tryForMs ?? DEFAULT_FLUSH_TIMEOUT_MS),
    exportTimeoutMs: tryForMs,
    flushAtExit: given.flushAtExit !== false,
    exitTimeoutMs: wholeNumber(settings, 'exitTimeoutMs', DEFAULT_EXIT_TIMEOUT_MS),
    engine: {
      ...Object.fromEntries(Object.keys(PASSED_ON_OPTIONS).map((name) => [name, given[name]])),
      retryWindowMs: (given.retryWindowMs as number | undefined) ?? tryForMs,
    },
  };
}

/** A batch can be no larger than the queue that it is taken from. */
function readFlushAt(settings: Settings, variables: readonly string[], maxQueueSize: number): number {
  const { problems } = settings;
  const mode = readChoice<'batched' | 'immediate'>(settings, 'exportMode', [], ['batched', 'immediate']);
  if (mode === 'immediate') return 1;
  const flushAt =
    readNumber(settings, 'flushAt', variables, undefined, [1, MAX_BATCH]) ??
    variableNumber(settings, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', [1, MAX_BATCH]) ??
    Math.min(DEFAULT_BATCH, maxQueueSize);
  if (flushAt <= maxQueueSize) return Math.round(flushAt);
  problems.push(`a batch of ${flushAt} spans is more than maxQueueSize allows; using ${maxQueueSize}`);
  return maxQueueSize;
}

/** Milliseconds, of the variable; an interval of none is as short as there is. */
function readFlushInterval(settings: Settings, variables: readonly string[]): number {
  const ms =
    readInterval(settings, variables, undefined, MAX_FLUSH_INTERVAL_MS) ??
    variableNumber(settings, 'OTEL_BSP_SCHEDULE_DELAY', [0, MAX_FLUSH_INTERVAL_MS]) ??
    DEFAULT_INTERVAL_MS;
  return Math.max(1, ms);
}

function wholeNumber(settings: Settings, option: string, fallback: number): number {
  return Math.round(readNumber(settings, option, [], fallback, [1, MAX_TIMEOUT_MS]));
}

function defaultQueueSize({ ringBytes }: Settings['given']): number {
  const bytes = typeof ringBytes === 'number' && ringBytes > 0 ? ringBytes : DEFAULT_RING_BYTES;
  return Math.max(1, Math.floor(bytes / MIN_SPAN_BYTES));
}
