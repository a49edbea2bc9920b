/** The engine's options: their defaults, their bounds, and what is said about a value that is not usable. */
import { types } from 'node:util';
import { type ProxySetting, resolveProxy } from './proxy-options.js';
import { MAX_RING_BYTES, MIN_RING_BYTES } from './ring/ring-layout.js';
import { resolveSpoolDir, SPOOL_MODES, type SpoolMode } from './spool-options.js';
import { showText } from './untrusted-text/secret-text.js';

/** A module that turns events into requests: one that ships with tailrace, or your own by URL. */
export interface ExporterSource {
  /** `'langfuse'`, or the URL of a module that exports `createExporter` (see `Exporter`). */
  readonly url: 'langfuse' | (string & {}) | URL;
  /** Handed to `createExporter` in the worker; must survive a structured clone. */
  readonly options?: unknown;
}

/** Options of `createEngine`, with every default filled in. */
export interface EngineOptions {
  /** What turns events into requests. */
  readonly exporter: { readonly url: string; readonly options?: unknown };
  /** Events per batch. @default 512 */
  readonly flushAt: number;
  /** The longest that an event waits for its batch to fill, in milliseconds. @default 5000 */
  readonly flushIntervalMs: number;
  /** Size of an encoded request body, before compression, that a batch does not exceed. @default 3 MiB */
  readonly maxBatchBytes: number;
  /** Requests under way at once; one that waits to be tried again is none. @default 16 */
  readonly maxInFlight: number;
  /** @default 'gzip' */
  readonly compression: 'gzip' | 'none';
  /** Deadline of one attempt, from connecting to the last byte of the answer. @default 10000 */
  readonly requestTimeoutMs: number;
  /** How long a batch is tried again before it counts as failed; the last try is at the end. @default 600000 */
  readonly retryWindowMs: number;
  /** How long flush() and shutdown() wait before they resolve with what is still pending. @default 30000 */
  readonly flushTimeoutMs: number;
  /** Whether what is pending is flushed when the process ends: at exit, after an uncaught error, by a signal. @default true */
  readonly flushAtExit: boolean;
  /**
   * How long that may hold the exit. A worker that is busy is waited for until then. One whose thread has ended is replaced at
   * once; one that has shown no progress for half of the time that is left is ended, so that the rest is for the other events. @default 2000
   */
  readonly exitTimeoutMs: number;
  /**
   * Whether SIGTERM, SIGINT, SIGHUP and, on Windows, SIGBREAK are among the ways to end. Only where nobody else handles the signal when it comes; the
   * process then ends by it, as it would have. Whoever handles it finds no listener of ours, and one who raises it again
   * ends the process as well, after the flush. @default true
   */
  readonly handleSignals: boolean;
  /**
   * Folder in which batches are kept that cannot be delivered, until they are: by this process, or by the next one with
   * the same folder, server and project. A relative path is one from the working directory. Media that are uploaded
   * apart are not kept. @default none: they count as failed
   */
  readonly spoolDir?: string;
  /**
   * When a batch is written to `spoolDir`. `'failed'`: when it has been tried for `retryWindowMs`, when the server does
   * not answer and the ring is half full or a flush waits, and at shutdown. `'always'`: before it is sent, so that a
   * process that is killed loses only what the worker had not taken off the ring yet. @default 'failed'
   */
  readonly spool: SpoolMode;
  /** Bound of `spoolDir`, whoever shares it; a client gives up its oldest events for its newest. @default 512 MiB */
  readonly maxSpoolBytes: number;
  /**
   * Delivery workers, each with a ring of its own; what belongs to one trace goes to the same. One takes some 40,000 events
   * of 2 KB a second. @default 1
   */
  readonly threads: number;
  /** Size of the ring, rounded up to a power of two: the bound of what waits for delivery. @default 16 MiB */
  readonly ringBytes: number;
  /** Bound of the events too large for the ring (over an eighth of it), together. @default 64 MiB */
  readonly sideLaneBytes: number;
  /**
   * Where the consumer runs: `true`, a worker thread; `false`, the calling thread (for runtimes without threads);
   * a URL or path, a worker thread that loads the consumer from that file: `tailrace/worker`, or a copy of it. @default true
   */
  readonly worker: boolean | string;
  /**
   * The proxy that requests go through. @default that of the environment: HTTP_PROXY for http, HTTPS_PROXY for https,
   * else ALL_PROXY; NO_PROXY names hosts that are asked without one (in lower case, too)
   */
  readonly proxy?: ProxySetting | undefined;
  /**
   * How long a worker may be without events before it gives its thread and memory back, in milliseconds. The next event or
   * flush starts another. @default 60000
   */
  readonly workerIdleMs: number;
  /**
   * How long a worker may show no progress with the one event or batch that it is at, in milliseconds. After that it is ended
   * and replaced; the event is sent with its payloads masked, or given up where the exporter cannot do that. Not with
   * `worker: false`: a thread cannot watch itself. @default 10000
   */
  readonly workerStuckMs: number;
  /** Limits of the worker's heap, as `new Worker` takes them. @default Node's own */
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb?: number;
    readonly maxYoungGenerationSizeMb?: number;
  };
}

/** What an application passes: the exporter, and whatever differs from the defaults. */
export type EngineInput = { readonly exporter: ExporterSource } & {
  readonly [K in keyof Omit<EngineOptions, 'exporter' | 'worker' | 'proxy'>]?: EngineOptions[K];
} & {
  readonly worker?: boolean | string | URL;
  /**
   * URL of an HTTP proxy that all requests go through, `http://user:password@proxy.example.com:3128`; `false`: none. If it
   * cannot be used, nothing is sent, and an error says so.
   * @default HTTP_PROXY for http, HTTPS_PROXY for https, else ALL_PROXY; NO_PROXY names hosts that are asked without one
   */
  readonly proxy?: string | URL | false;
};

/** What a client and the span processor take under the same names, and hand to their engines as it is. */
export const PASSED_ON_OPTIONS = {
  spoolDir: true,
  spool: true,
  maxSpoolBytes: true,
  maxBatchBytes: true,
  maxInFlight: true,
  compression: true,
  retryWindowMs: true,
  flushTimeoutMs: true,
  ringBytes: true,
  sideLaneBytes: true,
  worker: true,
  threads: true,
  workerIdleMs: true,
  workerStuckMs: true,
  resourceLimits: true,
  flushAtExit: true,
  exitTimeoutMs: true,
  handleSignals: true,
  proxy: true,
} as const satisfies Partial<Record<keyof EngineInput, true>>;

const MiB = 1024 * 1024;

/** Bounds of the numeric options: [default, smallest, largest]. Whole numbers all. */
const NUMBERS = {
  flushAt: [512, 1, 100_000],
  flushIntervalMs: [5_000, 1, 86_400_000],
  maxBatchBytes: [3 * MiB, 1024, 64 * MiB],
  maxInFlight: [16, 1, 1_024],
  requestTimeoutMs: [10_000, 1, 3_600_000],
  retryWindowMs: [600_000, 0, 86_400_000],
  flushTimeoutMs: [30_000, 1, 3_600_000],
  exitTimeoutMs: [2_000, 0, 3_600_000],
  ringBytes: [16 * MiB, MIN_RING_BYTES, MAX_RING_BYTES],
  sideLaneBytes: [64 * MiB, 0, MAX_RING_BYTES],
  maxSpoolBytes: [512 * MiB, MiB, 2 ** 40],
  threads: [1, 1, 64],
  workerIdleMs: [60_000, 1, 86_400_000],
  workerStuckMs: [10_000, 100, 3_600_000],
} as const satisfies Partial<Record<keyof EngineOptions, readonly [number, number, number]>>;

type NumberOption = keyof typeof NUMBERS;

/**
 * Fills in the defaults. A value that cannot be used is replaced by its default and named in `problems`:
 * a tracing client with a mistyped option must not take the service down.
 */
export function resolveEngineOptions(input: EngineInput): { options: EngineOptions; problems: string[] } {
  const problems: string[] = [];
  const given = (input ?? {}) as Record<string, unknown>;
  const numbers = {} as Record<NumberOption, number>;
  for (const name of Object.keys(NUMBERS) as NumberOption[]) {
    numbers[name] = resolveNumber(name, given[name], problems);
  }
  const options: EngineOptions = {
    ...numbers,
    ringBytes: nextPowerOfTwo(numbers.ringBytes),
    exporter: resolveExporter(given.exporter),
    compression: resolveChoice('compression', given.compression, ['gzip', 'none'], problems),
    spoolDir: resolveSpoolDir(given.spoolDir, problems),
    spool: resolveChoice('spool', given.spool, SPOOL_MODES, problems),
    worker: resolveWorker(given.worker, problems),
    flushAtExit: resolveFlag('flushAtExit', given.flushAtExit, problems),
    handleSignals: resolveFlag('handleSignals', given.handleSignals, problems),
    resourceLimits: resolveResourceLimits(given.resourceLimits, problems),
    proxy: resolveProxy(given.proxy),
  };
  return { options, problems };
}

function resolveNumber(name: NumberOption, value: unknown, problems: string[]): number {
  const [fallback, min, max] = NUMBERS[name];
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  problems.push(
    `option ${name} must be a whole number from ${min} to ${max}, but got: ${show(value)}; using ${fallback}`,
  );
  return fallback;
}

/** On, unless it is switched off. */
function resolveFlag(name: string, value: unknown, problems: string[]): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? true;
  problems.push(`option ${name} must be true or false, but got: ${show(value)}; using true`);
  return true;
}

/** The first one is the default. */
export function resolveChoice<T extends string>(
  name: string,
  value: unknown,
  choices: readonly [T, ...T[]],
  problems: string[],
): T {
  if (value === undefined) return choices[0];
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  problems.push(
    `option ${name} must be one of ${choices.join(', ')}, but got: ${show(value)}; using ${choices[0]}`,
  );
  return choices[0];
}

/** The one option without a default: an engine without an exporter is a mistake in the program. */
function resolveExporter(value: unknown): EngineOptions['exporter'] {
  if (!isExporterSource(value)) throw new TypeError(wrongExporter(value));
  return { url: String(value.url), options: value.options };
}

export function isExporterSource(value: unknown): value is ExporterSource {
  const url = (value as ExporterSource | null | undefined)?.url;
  return typeof url === 'string' || url instanceof URL;
}

export function wrongExporter(value: unknown): string {
  return `option exporter must be {url, options?} with a string or URL, but got: ${show(value)}`;
}

function resolveWorker(value: unknown, problems: string[]): boolean | string {
  if (value === undefined) return true;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (!types.isProxy(value) && value instanceof URL) return value.href;
  problems.push(`option worker must be true, false or a URL, but got: ${show(value)}; using true`);
  return true;
}

const RESOURCE_LIMITS = ['maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb'] as const;

/** No more than these, so that nothing else can stop the structured clone, or the worker. */
function resolveResourceLimits(value: unknown, problems: string[]): EngineOptions['resourceLimits'] {
  if (value === undefined || value === null) return undefined;
  const limits = Object(value) as Record<string, unknown>;
  const given = RESOURCE_LIMITS.filter((name) => limits[name] !== undefined);
  const wrong = given.find((name) => !(typeof limits[name] === 'number' && limits[name] > 0));
  if (typeof value === 'object' && given.length > 0 && wrong === undefined) {
    return Object.fromEntries(given.map((name) => [name, limits[name]]));
  }
  problems.push(
    `option resourceLimits must be {${RESOURCE_LIMITS.join('?, ')}?} in mebibytes, but got: ${wrong ? `${wrong}: ${show(limits[wrong])}` : show(value)}; using Node's own`,
  );
  return undefined;
}

function nextPowerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}

/** Stands for what throws when it is looked at: to every option it is nonsense. */
export const UNREADABLE = Symbol('unreadable');

/** Of a wrong value, in a message about what may hold, or be, what was to be hidden. */
export function typeOf(value: unknown): string {
  if (value === UNREADABLE) return 'an unreadable value';
  if (value === null) return 'null';
  return !types.isProxy(value) && Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** A wrong value in a message: short, nothing that looks like a secret, and never a whole object, which might hold one. */
export function show(value: unknown): string {
  if (value === UNREADABLE) return 'an unreadable value';
  if (typeof value === 'string') return showText(value);
  if (value === null || ['number', 'boolean', 'bigint', 'undefined'].includes(typeof value))
    return String(value);
  return types.isProxy(value) || !Array.isArray(value) ? `a value of type ${typeof value}` : 'an array';
}
