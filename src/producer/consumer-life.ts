/** One life of the consumer: in a worker thread of its own, or on this thread; from its start to its death. */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type Remote, wrap } from 'comlink';
import type { Piscina } from 'piscina';
import type { ConsumerControl, ConsumerInit, Notice } from '../shared/control.js';
import type { EngineOptions } from '../shared/options.js';
import { HEAD, ringMemory, STARTS, TAKING_NOW } from '../shared/ring-layout.js';

export interface Life {
  readonly controlPort: MessagePort;
  readonly lanePort: MessagePort;
  /** Held strongly: comlink releases the far end when the proxy is collected. */
  readonly control: Remote<ConsumerControl>;
  readonly onNotice: (notice: Notice) => void;
  /** What the consumer is started with: the far ends of the ports. */
  readonly init: ConsumerInit;
  /** The pool of its worker; none before it starts, and none on this thread. */
  pool: Piscina | undefined;
  /** Stops a consumer on this thread. */
  stopInline: (() => void) | undefined;
  state: 'starting' | 'running' | 'dead';
  /** What the ring said when this life began. */
  readonly headAtStart: number;
  readonly startsBefore: number;
  /** Those who wait for an answer, to be told that none will come. */
  readonly onEnd: Set<() => void>;
}

const CONSUMER_URL = new URL('../consumer/main.js', import.meta.url).href;

/** Makes the ports of a life. They are not ref'd: an idle client must not keep the process alive. */
export function createLife(
  ring: SharedArrayBuffer,
  options: EngineOptions,
  onNotice: (notice: Notice) => void,
): Life {
  const control = new MessageChannel();
  const lane = new MessageChannel();
  const remote = wrap<ConsumerControl>(control.port1 as never);
  lane.port1.on('message', onNotice);
  control.port1.unref();
  lane.port1.unref();
  const { words } = ringMemory(ring);
  return {
    controlPort: control.port1,
    lanePort: lane.port1,
    control: remote,
    onNotice,
    init: { ring, options, controlPort: control.port2, lanePort: lane.port2 },
    pool: undefined,
    stopInline: undefined,
    state: 'starting',
    headAtStart: Atomics.load(words, HEAD),
    startsBefore: Atomics.load(words, STARTS),
    onEnd: new Set(),
  };
}

/** Whether the consumer came as far as to take records; it may have died before it could say so. */
export function hasStarted({ init, startsBefore }: Life): boolean {
  return Atomics.load(ringMemory(init.ring).words, STARTS) !== startsBefore;
}

/** Whether this life has brought delivery forward: something settled, or a record is found out as its killer. */
export function wasFruitful({ init, headAtStart }: Life): boolean {
  const { words } = ringMemory(init.ring);
  return Atomics.load(words, HEAD) !== headAtStart || Atomics.load(words, TAKING_NOW) === 1;
}

export async function runInline(life: Life): Promise<void> {
  const { init } = life;
  const { createConsumer } = (await import(CONSUMER_URL)) as typeof import('../consumer/main.js');
  const control = await createConsumer(init);
  // comlink listens on the port, and a port that is listened on keeps the process alive.
  init.controlPort.unref();
  life.stopInline = () => void control.stop();
  if (life.state === 'dead') life.stopInline();
}

/**
 * Runs the consumer in a worker, by a task that returns once it runs: a task that never returned would keep the
 * process alive for ever. `onEnd` is called when the worker has ended, for whatever reason.
 *
 * Each life has a pool of its own, of which piscina starts a worker only for the task: left to replace its workers
 * itself it does so without end and without a pause when they die while booting, and the task stays queued.
 */
export async function runInWorker(
  life: Life,
  { worker, resourceLimits }: EngineOptions,
  onEnd: (reason: string) => void,
): Promise<void> {
  const { Piscina } = await import('piscina');
  if (life.state === 'dead') return;
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
  life.pool = pool;
  // Without a listener an uncaught error in the worker would be one of the application. It is emitted just after
  // `workerDestroy`, in the same turn, and tells the reason.
  let reason = 'its thread ended';
  pool.on('error', (error: Error) => {
    reason = error.message;
  });
  pool.on('workerDestroy', () => queueMicrotask(() => onEnd(reason)));
  const { controlPort, lanePort } = life.init;
  await pool.run(life.init, {
    filename: typeof worker === 'string' ? worker : CONSUMER_URL,
    name: 'startConsumer',
    transferList: [controlPort, lanePort],
  });
}

/** Hands on the notices that have come. Two ports keep no order between them: an answer may overtake a notice. */
export function receiveNotices({ lanePort, onNotice }: Life): void {
  for (let one = receiveMessageOnPort(lanePort); one !== undefined; one = receiveMessageOnPort(lanePort)) {
    onNotice(one.message as Notice);
  }
}

/** Ends a life, if it has not ended by itself. Resolves when its thread is gone. */
export async function endLife(life: Life): Promise<void> {
  life.state = 'dead';
  receiveNotices(life);
  life.controlPort.close();
  life.lanePort.close();
  life.stopInline?.();
  for (const tell of life.onEnd) tell();
  await life.pool?.destroy().catch(() => {});
}
