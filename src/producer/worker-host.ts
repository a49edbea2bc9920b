/**
 * Keeps one consumer running: starts it in a worker thread (or on this thread), replaces it when it dies, and
 * carries the calls to it.
 *
 * Piscina runs the worker. Its task is a start function that returns once the consumer runs: a task that never
 * returned would keep the process alive for ever.
 */
import { setTimeout } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { type Remote, wrap } from 'comlink';
import type { Piscina } from 'piscina';
import type { ConsumerControl, ConsumerInit, Notice } from '../shared/control.js';
import type { EngineOptions } from '../shared/options.js';

export interface WorkerHost {
  readonly ring: SharedArrayBuffer;
  readonly options: EngineOptions;
  readonly events: HostEvents;
  state: 'idle' | 'running' | 'stopped';
  /** The consumer that runs or starts; always there while the host is running. */
  consumer: Incarnation | undefined;
  /** Starts in a row that have failed. */
  failedStarts: number;
  /** Whether the consumer runs on this thread. */
  inline: boolean;
}

export interface HostEvents {
  onNotice(notice: Notice): void;
  /** A consumer is about to start; what only the previous one was told has to be posted again. */
  onStart(post: (message: unknown) => void): void;
}

/** One life of the consumer. */
interface Incarnation {
  readonly controlPort: MessagePort;
  readonly lanePort: MessagePort;
  /** Held strongly: comlink releases the far end when the proxy is collected. */
  readonly control: Remote<ConsumerControl>;
  /** The worker it runs in; none before it starts, and none inline. */
  pool: Piscina | undefined;
  state: 'starting' | 'ready' | 'dead';
  /** Resolves once the consumer runs, or is dead. */
  readonly started: Promise<void>;
  readonly died: Promise<void>;
  readonly markDied: () => void;
}

const CONSUMER_URL = new URL('../consumer/main.js', import.meta.url).href;
const FAILED_STARTS_BEFORE_INLINE = 3;
/** Wait before a start, after so many that failed. */
const RESTART_DELAYS_MS = [0, 100, 1_000, 10_000, 30_000];

export function createWorkerHost(
  ring: SharedArrayBuffer,
  options: EngineOptions,
  events: HostEvents,
): WorkerHost {
  return {
    ring,
    options,
    events,
    state: 'idle',
    consumer: undefined,
    failedStarts: 0,
    inline: options.worker === false,
  };
}

/** Starts the consumer, once. Loading piscina and making a pool take about 10 ms, so no caller waits for it. */
export function startHost(host: WorkerHost): void {
  if (host.state !== 'idle') return;
  host.state = 'running';
  startConsumer(host);
}

/** Posts to the consumer, if there is one; `onStart` repeats it for a later one. */
export function postToLane(host: WorkerHost, message: unknown): void {
  host.consumer?.lanePort.postMessage(message);
}

/**
 * Calls the consumer and waits for its answer, through deaths and replacements, until the deadline. Keeps the
 * process alive meanwhile. True: answered; false: the deadline has passed, or the host was stopped.
 */
export async function callConsumer(
  host: WorkerHost,
  call: (control: Remote<ConsumerControl>) => Promise<void>,
  deadlineMs?: number,
): Promise<boolean> {
  startHost(host);
  // The one ref'd handle: the ports and the worker are not, or an idle client would keep the process alive.
  const keepAlive = setInterval(() => {}, 2 ** 30);
  const deadline = expiry(deadlineMs);
  try {
    while (host.consumer !== undefined) {
      const { started, died, control } = host.consumer;
      const answered = started.then(() => call(control)).then(() => 'answered' as const);
      const outcome = await Promise.race([answered, died.then(() => 'died' as const), deadline.expired]);
      // A consumer that died before it could answer has a successor by now: ask that one.
      if (outcome !== 'died') return outcome === 'answered';
    }
    return false;
  } catch {
    return false;
  } finally {
    deadline.cancel();
    clearInterval(keepAlive);
  }
}

/** Ends the consumer and its thread. Resolves when it is gone. */
export async function stopHost(host: WorkerHost): Promise<void> {
  host.state = 'stopped';
  const { consumer } = host;
  host.consumer = undefined;
  if (consumer !== undefined) await bury(consumer);
}

function startConsumer(host: WorkerHost): void {
  const control = new MessageChannel();
  const lane = new MessageChannel();
  let markDied = (): void => {};
  const died = new Promise<void>((resolve) => {
    markDied = resolve;
  });
  const init: ConsumerInit = {
    ring: host.ring,
    options: host.options,
    controlPort: control.port2,
    lanePort: lane.port2,
  };
  const consumer: Incarnation = {
    controlPort: control.port1,
    lanePort: lane.port1,
    control: wrap<ConsumerControl>(control.port1 as never),
    pool: undefined,
    state: 'starting',
    started: restartDelay(host).then(async () => {
      try {
        await (host.inline ? runInline(init) : runInWorker(host, consumer, init));
        if (consumer.state !== 'starting') return;
        consumer.state = 'ready';
        host.failedStarts = 0;
      } catch (error) {
        onDeath(host, consumer, error instanceof Error ? error.message : String(error));
      }
    }),
    died,
    markDied,
  };
  host.consumer = consumer;
  lane.port1.on('message', (notice: Notice) => host.events.onNotice(notice));
  control.port1.unref();
  lane.port1.unref();
  host.events.onStart((message) => lane.port1.postMessage(message));
}

/** Puts a successor in place before anybody who waits on the dead consumer looks for one. */
function onDeath(host: WorkerHost, consumer: Incarnation, reason: string): void {
  if (consumer.state === 'dead') return;
  const what = consumer.state === 'ready' ? `died (${reason})` : `could not start (${reason})`;
  if (consumer.state === 'starting') host.failedStarts++;
  if (host.state === 'running' && host.consumer === consumer) {
    let next = 'starting another';
    if (host.failedStarts >= FAILED_STARTS_BEFORE_INLINE && !host.inline) {
      next = `after ${host.failedStarts} tries, delivering from the application's thread`;
      host.inline = true;
      host.failedStarts = 0;
    }
    host.events.onNotice({ kind: 'warning', message: `the worker ${what}; ${next}` });
    startConsumer(host);
  }
  void bury(consumer);
}

async function bury(consumer: Incarnation): Promise<void> {
  consumer.state = 'dead';
  consumer.controlPort.close();
  consumer.lanePort.close();
  consumer.markDied();
  await consumer.pool?.destroy().catch(() => {});
}

async function runInline(init: ConsumerInit): Promise<void> {
  const { startConsumer } = (await import(CONSUMER_URL)) as typeof import('../consumer/main.js');
  await startConsumer(init);
}

/**
 * Each life has a pool of its own, of which piscina starts a worker only for the task: left to replace its workers
 * itself it does so without end and without a pause when they die while booting, and its task stays queued.
 */
async function runInWorker(host: WorkerHost, consumer: Incarnation, init: ConsumerInit): Promise<void> {
  const { worker, resourceLimits } = host.options;
  const { Piscina } = await import('piscina');
  if (consumer.state === 'dead') return;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const pool = new Piscina({
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
    // The application's preloads must not run in our worker: one that starts tracing would start a worker, which …
    execArgv: [],
    env,
    ...(resourceLimits && { resourceLimits }),
  });
  consumer.pool = pool;
  // Without a listener an uncaught error in the worker would be one of the application. It is emitted just after
  // `workerDestroy`, in the same turn, and tells the reason.
  let reason = 'its thread ended';
  pool.on('error', (error: Error) => {
    reason = error.message;
  });
  pool.on('workerDestroy', () => queueMicrotask(() => onDeath(host, consumer, reason)));
  const { controlPort, lanePort } = init;
  await pool.run(init, {
    filename: typeof worker === 'string' ? worker : CONSUMER_URL,
    name: 'startConsumer',
    transferList: [controlPort, lanePort],
  });
}

async function restartDelay(host: WorkerHost): Promise<void> {
  const last = RESTART_DELAYS_MS.length - 1;
  const ms = RESTART_DELAYS_MS[Math.min(host.failedStarts, last)] as number;
  if (ms > 0) await setTimeout(ms, undefined, { ref: false });
}

function expiry(ms: number | undefined): { expired: Promise<'expired'>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<'expired'>((resolve) => {
    if (ms !== undefined) timer = globalThis.setTimeout(resolve, ms, 'expired');
  });
  return { expired, cancel: () => clearTimeout(timer) };
}
