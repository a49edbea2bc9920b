/** One life of the consumer: in a worker thread of its own, or on this thread; from its start to its death. */

import type { MessagePort, Worker } from 'node:worker_threads';
import type { Remote } from 'comlink';
import type { Piscina } from 'piscina';
import { offerRing } from '../shared/claim.js';
import type { ConsumerControl, ConsumerInit, FurtherRing, Notice } from '../shared/control.js';
import type { EngineOptions } from '../shared/options.js';
import { queueMicrotask, sleep } from '../shared/real-time.js';
import { HEAD, ringMemory, type SharedRing, STARTS, TAKING_NOW } from '../shared/ring-layout.js';
import { loadComlink, loadPiscina, nextTurn } from './load.js';
import { workerSettings } from './worker-settings.js';

export interface Life {
  readonly controlPort: MessagePort;
  readonly lanePort: MessagePort;
  /** Made while it starts. Held strongly: comlink releases the far end when the proxy is collected. */
  control: Remote<ConsumerControl> | undefined;
  readonly onNotice: (notice: Notice) => void;
  /** What the consumer is started with: the far ends of the ports. */
  readonly init: ConsumerInit;
  /** The pool of its worker; none before it starts, and none on this thread. */
  pool: Piscina | undefined;
  /** Its worker where there was no time for a pool. */
  thread: Worker | undefined;
  /** Stops a consumer on this thread. */
  stopInline: (() => void) | undefined;
  state: 'starting' | 'running' | 'dead';
  /** What its rings said when they were given to it. */
  readonly given: GivenRing[];
  readonly startsBefore: number;
  /** Those who wait for an answer, to be told that none will come. */
  readonly onEnd: Set<() => void>;
}

interface GivenRing {
  readonly words: Int32Array;
  readonly headBefore: number;
}

/** Not imported: an application that has not loaded it yet would wait 1.5 ms more for `import 'tailrace'`. */
const threads = () => process.getBuiltinModule('node:worker_threads');

const CONSUMER_URL = new URL('../consumer/main.js', import.meta.url).href;
const BOOT_URL = new URL('../consumer/boot.cjs', import.meta.url).href;

/** Makes the ports of a life. They are not ref'd: an idle client must not keep the process alive. */
export function createLife(
  shared: SharedRing,
  number: number,
  options: EngineOptions,
  onNotice: (notice: Notice) => void,
): Life {
  const { MessageChannel } = threads();
  const control = new MessageChannel();
  const lane = new MessageChannel();
  lane.port1.on('message', onNotice);
  lane.port1.unref();
  const { words } = ringMemory(shared.ring);
  const life: Life = {
    controlPort: control.port1,
    lanePort: lane.port1,
    control: undefined,
    onNotice,
    init: { shared, life: number, options, controlPort: control.port2, lanePort: lane.port2 },
    pool: undefined,
    thread: undefined,
    stopInline: undefined,
    state: 'starting',
    given: [],
    startsBefore: Atomics.load(words, STARTS),
    onEnd: new Set(),
  };
  offer(life, words);
  return life;
}

/** Gives it the ring of another thread as well. */
export function giveRing(life: Life, further: FurtherRing): void {
  offer(life, ringMemory(further.shared.ring).words);
  life.lanePort.postMessage(further);
}

/** Its consumer has let go of that ring. */
export function takeRing({ given }: Life, { ring }: SharedRing): void {
  const index = given.findIndex(({ words }) => words.buffer === ring);
  if (index !== -1) given.splice(index, 1);
}

function offer({ init, given }: Life, words: Int32Array): void {
  offerRing(words, init.life);
  given.push({ words, headBefore: Atomics.load(words, HEAD) });
}

/** Whether the consumer came as far as to take records; it may have died before it could say so. */
export function hasStarted({ init, startsBefore }: Life): boolean {
  return Atomics.load(ringMemory(init.shared.ring).words, STARTS) !== startsBefore;
}

/** Whether this life has brought delivery forward: something settled, or a record is found out as its killer. */
export function wasFruitful({ given }: Life): boolean {
  return given.some(
    ({ words, headBefore }) =>
      Atomics.load(words, HEAD) !== headBefore || Atomics.load(words, TAKING_NOW) === 1,
  );
}

function hasEnded({ state }: Life): boolean {
  return state === 'dead';
}

/** Starts the consumer. Resolves once it runs; `onEnd` is called when its worker has ended, for whatever reason. */
export async function runLife(
  life: Life,
  options: EngineOptions,
  inline: boolean,
  onEnd: (reason: string) => void,
): Promise<void> {
  await connect(life);
  if (hasEnded(life)) return;
  await (inline ? runInline(life) : runInWorker(life, options, onEnd));
}

/** Makes the proxy for calls. */
export async function connect(life: Life): Promise<void> {
  const { wrap } = await loadComlink();
  if (hasEnded(life)) return;
  life.control = wrap<ConsumerControl>(life.controlPort as never);
  // To listen on a port is to ref it.
  life.controlPort.unref();
}

const BOOT = `
const { workerData } = require('node:worker_threads');
import(workerData.url).then((consumer) => consumer.startConsumer(workerData.init));
`;

/**
 * Starts the consumer in a thread of its own, in this very call: for a producer that blocks, as all steps to a pool need
 * the event loop. Throws where threads are not allowed.
 */
export function runLifeNow(
  life: Life,
  { worker, resourceLimits }: EngineOptions,
  onEnd: (reason: string) => void,
): void {
  const { init } = life;
  const thread = new (threads().Worker)(BOOT, {
    eval: true,
    workerData: { url: typeof worker === 'string' ? worker : CONSUMER_URL, init },
    transferList: [init.controlPort, init.lanePort],
    ...workerSettings(resourceLimits),
  });
  thread.unref();
  life.thread = thread;
  let reason = 'its thread ended';
  thread.on('error', (error: Error) => {
    reason = error.message;
  });
  thread.on('exit', () => onEnd(reason));
}

async function runInline(life: Life): Promise<void> {
  const { init } = life;
  const { createConsumer } = (await import(CONSUMER_URL)) as typeof import('../consumer/main.js');
  const consumer = await createConsumer(init);
  // comlink listens on the port, and a port that is listened on keeps the process alive.
  init.controlPort.unref();
  life.stopInline = () => consumer.quit();
  if (hasEnded(life)) life.stopInline();
}

/**
 * Runs the consumer in a worker, by a task that returns once it runs: a task that never returned would keep the
 * process alive for ever.
 *
 * Each life has a pool of its own, of which piscina starts a worker only for the task: left to replace its workers
 * itself it does so without end and without a pause when they die while booting, and the task stays queued.
 */
async function runInWorker(
  life: Life,
  { worker, resourceLimits }: EngineOptions,
  onEnd: (reason: string) => void,
): Promise<void> {
  const { Piscina } = await loadPiscina();
  if (hasEnded(life)) return;
  const pool = new Piscina({
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
    ...workerSettings(resourceLimits),
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
  // The next line starts the thread: 3 ms.
  await nextTurn();
  if (hasEnded(life)) return;
  await pool.run(life.init, {
    filename: typeof worker === 'string' ? worker : BOOT_URL,
    name: 'startConsumer',
    transferList: [controlPort, lanePort],
  });
}

/** Hands on the notices that have come. Two ports keep no order between them: an answer may overtake a notice. */
export function receiveNotices({ lanePort, onNotice }: Life): void {
  const { receiveMessageOnPort } = threads();
  for (let one = receiveMessageOnPort(lanePort); one !== undefined; one = receiveMessageOnPort(lanePort)) {
    onNotice(one.message as Notice);
  }
}

/** Ends a life, if it has not ended by itself. Resolves when its thread is gone, or cannot be stopped. */
export async function endLife(life: Life): Promise<void> {
  life.state = 'dead';
  receiveNotices(life);
  life.controlPort.close();
  life.lanePort.close();
  life.stopInline?.();
  for (const tell of life.onEnd) tell();
  await Promise.race([terminate(life), sleep(TERMINATE_TIMEOUT_MS)]);
}

/** A thread that is stuck in a call to the system does not end before that does. */
const TERMINATE_TIMEOUT_MS = 2_000;

async function terminate({ pool, thread }: Life): Promise<void> {
  // Asked for in this turn: it may be the last.
  await Promise.allSettled([...(pool?.threads ?? []), thread].map((one) => one?.terminate()));
  await pool?.destroy().catch(() => {});
}
