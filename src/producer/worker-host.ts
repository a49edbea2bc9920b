/**
 * Keeps one consumer running: starts it in a worker thread (or on this thread), replaces it when it dies, and
 * carries the calls to it.
 *
 * Piscina runs the worker. Its task is a start function that returns once the consumer runs: a task that never
 * returned would keep the process alive for ever.
 */
import { setTimeout } from 'node:timers/promises';
import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads';
import { type Remote, wrap } from 'comlink';
import type { Piscina } from 'piscina';
import type { ConsumerControl, ConsumerInit, Notice } from '../shared/control.js';
import type { EngineOptions } from '../shared/options.js';

export interface WorkerHost {
  readonly ring: SharedArrayBuffer;
  readonly options: EngineOptions;
  readonly events: HostEvents;
  state: 'idle' | 'running' | 'stopped';
  pool: Piscina | undefined;
  consumer: Incarnation | undefined;
  /** Starts in a row that ended before the consumer answered. */
  failedStarts: number;
  /** Whether the consumer runs on this thread. */
  inline: boolean;
}

export interface HostEvents {
  onNotice(notice: Notice): void;
  /** A consumer is about to start; what only the previous one was told has to be posted again. */
  onStart(post: (message: unknown, transfer?: readonly Transferable[]) => void): void;
}

/** One life of the consumer. */
interface Incarnation {
  readonly controlPort: MessagePort;
  readonly lanePort: MessagePort;
  /** Held strongly: comlink releases the far end when the proxy is collected. */
  readonly control: Remote<ConsumerControl>;
  /** True once the consumer runs, false if it died before. */
  readonly ready: Promise<boolean>;
  readonly died: Promise<void>;
  die(reason: string): void;
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
    pool: undefined,
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

/** Posts on the lane port of the consumer that runs, if one does; `onStart` repeats it for a later one. */
export function postToLane(host: WorkerHost, message: unknown): void {
  host.consumer?.lanePort.postMessage(message);
}

/**
 * Calls the consumer and waits for its answer, through deaths and replacements of the worker, until the deadline.
 * Keeps the process alive meanwhile. True: answered; false: the deadline has passed or the host was stopped.
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
      const consumer = host.consumer;
      const answered = consumer.ready.then((ready) => (ready ? call(consumer.control) : consumer.died));
      const outcome = await Promise.race([
        answered.then(() => 'answered' as const),
        consumer.died.then(() => 'died' as const),
        deadline.expired,
      ]);
      // A consumer that died before it could answer has a successor by now: ask that one.
      if (outcome !== 'died' && host.consumer === consumer) return outcome === 'answered';
      if (outcome === 'expired') return false;
    }
    return false;
  } catch {
    return false;
  } finally {
    deadline.cancel();
    clearInterval(keepAlive);
  }
}

/** Ends the consumer's thread. Resolves when it is gone. */
export async function stopHost(host: WorkerHost): Promise<void> {
  host.state = 'stopped';
  const { consumer, pool } = host;
  host.consumer = undefined;
  host.pool = undefined;
  consumer?.die('stopped');
  await pool?.destroy();
}

function startConsumer(host: WorkerHost): void {
  const control = new MessageChannel();
  const lane = new MessageChannel();
  let markDead = (): void => {};
  const died = new Promise<void>((resolve) => {
    markDead = resolve;
  });
  const init: ConsumerInit = {
    ring: host.ring,
    options: host.options,
    controlPort: control.port2,
    lanePort: lane.port2,
  };
  const incarnation: Incarnation = {
    controlPort: control.port1,
    lanePort: lane.port1,
    control: wrap<ConsumerControl>(control.port1 as never),
    ready: restartDelay(host)
      .then(() => runConsumer(host, init))
      .then(
        () => {
          host.failedStarts = 0;
          return true;
        },
        (error) => {
          host.failedStarts++;
          incarnation.die(`could not start: ${error instanceof Error ? error.message : String(error)}`);
          return false;
        },
      ),
    died,
    die: (reason) => {
      if (host.consumer === incarnation) {
        host.consumer = undefined;
        replaceConsumer(host, reason);
      }
      control.port1.close();
      lane.port1.close();
      markDead();
    },
  };
  host.consumer = incarnation;
  lane.port1.on('message', (notice: Notice) => host.events.onNotice(notice));
  control.port1.unref();
  lane.port1.unref();
  host.events.onStart((message, transfer) => lane.port1.postMessage(message, transfer));
}

/** Puts a successor in place before anybody who waits on the dead consumer looks for it. */
function replaceConsumer(host: WorkerHost, reason: string): void {
  if (host.state !== 'running') return;
  if (host.failedStarts >= FAILED_STARTS_BEFORE_INLINE && !host.inline) {
    host.inline = true;
    const message = `the worker ${reason}; after ${host.failedStarts} tries, delivering from the application's thread`;
    host.events.onNotice({ kind: 'warning', message });
  } else {
    host.events.onNotice({ kind: 'warning', message: `the worker ${reason}; starting another` });
  }
  startConsumer(host);
}

async function runConsumer(host: WorkerHost, init: ConsumerInit): Promise<void> {
  const { worker } = host.options;
  const url = typeof worker === 'string' ? worker : CONSUMER_URL;
  if (host.inline) {
    const { startConsumer } = (await import(url)) as typeof import('../consumer/main.js');
    return startConsumer(init);
  }
  const pool = await openPool(host);
  const { controlPort, lanePort } = init;
  await pool.run(init, { filename: url, name: 'startConsumer', transferList: [controlPort, lanePort] });
}

async function openPool(host: WorkerHost): Promise<Piscina> {
  if (host.pool !== undefined) return host.pool;
  const { Piscina } = await import('piscina');
  if (host.state === 'stopped') throw new Error('stopped');
  const { NODE_OPTIONS: _, ...env } = process.env;
  const pool = new Piscina({
    minThreads: 1,
    maxThreads: 1,
    atomics: 'disabled',
    recordTiming: false,
    // The application's preloads must not run in our worker: one that starts tracing would start a worker, which …
    execArgv: [],
    env,
    ...(host.options.resourceLimits && { resourceLimits: host.options.resourceLimits }),
  });
  // Without a listener an uncaught error in the worker would be an uncaught error of the application. It is
  // emitted just after `workerDestroy`, in the same turn, and tells the reason.
  let reason: string | undefined;
  pool.on('error', (error: Error) => {
    reason = error.message;
  });
  pool.on('workerDestroy', () => {
    const dying = host.consumer;
    queueMicrotask(() => {
      dying?.die(reason === undefined ? 'ended' : `died of: ${reason}`);
      reason = undefined;
    });
  });
  host.pool = pool;
  return pool;
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
