/** One life of the consumer: in a worker thread of its own, or on this thread; from its start to its death. */

import { fileURLToPath } from 'node:url';
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Remote } from 'comlink';
import type { Piscina } from 'piscina';
import type {
  CertificatesWanted,
  ConsumerControl,
  ConsumerInit,
  FurtherRing,
  Notice,
} from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { offerRing } from '../../shared/ring/ownership.js';
import {
  BATCH_NOW,
  HEAD,
  LOADING,
  ringMemory,
  type SharedRing,
  STARTS,
  TAKING_NOW,
} from '../../shared/ring/ring-layout.js';
import { queueMicrotask, sleep } from '../../shared/runtime/real-time.js';
import { placeOf } from '../../shared/untrusted-text/error-location.js';
import { messageOf, nameOf } from '../../shared/untrusted-text/errors.js';
import { loadComlink, loadConsumer, loadPiscina, nextTurn } from './load.js';
import { trustedCertificates } from './trusted-certificates.js';
import { workerCode, workerFile } from './worker-code.js';
import { workerSettings } from './worker-settings.js';
import { loadWorkerText } from './worker-text-later.js';

export interface Life {
  readonly controlPort: MessagePort;
  readonly lanePort: MessagePort;
  /** Made while it starts. Held strongly: comlink releases the far end when the proxy is collected. */
  control: Remote<ConsumerControl> | undefined;
  readonly onMessage: (message: Notice | CertificatesWanted) => void;
  /** Records in batches that are being sent, where somebody measures. */
  readonly underWay: Map<number, number>;
  /** Notices that came while this thread blocked: their listeners are the application's. */
  readonly held: Notice[];
  /** What the consumer is started with: the far ends of the ports. */
  readonly init: ConsumerInit;
  /** The pool of its worker; none before it starts, and none on this thread. */
  pool: Piscina | undefined;
  /** Its worker where there was no time for a pool. */
  thread: Worker | undefined;
  /** No thread could be made for it at all, which another try would not change. */
  hasNoThread: boolean;
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
  const onMessage: Life['onMessage'] = (message) => {
    if (message.kind === 'certificates') return lane.port1.postMessage(trustedCertificates());
    if (message.kind === 'export') {
      const { ring, records, seconds } = message;
      life.underWay.set(ring, (life.underWay.get(ring) ?? 0) + (seconds === null ? records : -records));
    }
    onNotice(message);
  };
  lane.port1.on('message', onMessage);
  lane.port1.unref();
  const { words } = ringMemory(shared.ring);
  const life: Life = {
    controlPort: control.port1,
    lanePort: lane.port1,
    control: undefined,
    onMessage,
    underWay: new Map(),
    held: [],
    init: { shared, life: number, options, controlPort: control.port2, lanePort: lane.port2 },
    pool: undefined,
    thread: undefined,
    hasNoThread: false,
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

/** Whether this life has brought delivery forward: something settled, or it is known of which record or batch it died. */
export function wasFruitful({ given }: Life): boolean {
  return given.some(
    ({ words, headBefore }) =>
      Atomics.load(words, HEAD) !== headBefore ||
      Atomics.load(words, TAKING_NOW) !== 0 ||
      Atomics.load(words, BATCH_NOW) !== 0 ||
      Atomics.load(words, LOADING) !== 0,
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

/**
 * Starts the consumer in a thread of its own, in this very call: for a producer that blocks, as all steps to a pool need
 * the event loop. Throws where no thread can be made.
 */
export function runLifeNow(life: Life, options: EngineOptions, onEnd: (reason: string) => void): Worker {
  const { init } = life;
  const { worker } = options;
  const source = typeof worker === 'string' ? { code: pathOf(worker), eval: false } : workerCode();
  if (source === undefined) throw new Error('the code of the worker is not loaded yet');
  const thread = new (threads().Worker)(source.code, {
    eval: source.eval,
    workerData: { tailrace: init },
    transferList: [init.controlPort, init.lanePort],
    ...workerSettings(options),
  });
  thread.unref();
  life.thread = thread;
  let reason = 'its thread ended';
  thread.on('error', (error: Error) => {
    reason = whyItDied(error);
  });
  thread.on('exit', () => onEnd(reason));
  return thread;
}

async function runInline(life: Life): Promise<void> {
  const { init } = life;
  const { createConsumer } = await loadConsumer();
  const consumer = await createConsumer(init);
  // comlink listens on the port, and a port that is listened on keeps the process alive.
  init.controlPort.unref();
  life.stopInline = () => consumer.quit();
  if (hasEnded(life)) life.stopInline();
}

/** Runs the consumer in a worker of a pool; where there is no file for a pool to start one from, by its text. */
async function runInWorker(
  life: Life,
  options: EngineOptions,
  onEnd: (reason: string) => void,
): Promise<void> {
  const file = typeof options.worker === 'string' ? options.worker : workerFile();
  await (file === undefined ? runText(life, options, onEnd) : runInPool(life, file, options, onEnd));
}

/** Resolves once the consumer says that it runs, or its thread has ended. */
async function runText(life: Life, options: EngineOptions, onEnd: (reason: string) => void): Promise<void> {
  await loadWorkerText();
  // The thread takes 3 ms to start.
  await nextTurn();
  if (hasEnded(life)) return;
  let thread: Worker;
  try {
    thread = runLifeNow(life, options, onEnd);
  } catch (error) {
    life.hasNoThread = true;
    throw error;
  }
  await new Promise<void>((resolve) => {
    thread.once('message', () => resolve());
    thread.once('exit', () => resolve());
    // To listen is to ref it.
    thread.unref();
  });
}

/**
 * By a task that returns once the consumer runs: a task that never returned would keep the process alive for ever.
 *
 * Each life has a pool of its own, of which piscina starts a worker only for the task: left to replace its workers
 * itself it does so without end and without a pause when they die while booting, and the task stays queued.
 */
async function runInPool(
  life: Life,
  file: string,
  options: EngineOptions,
  onEnd: (reason: string) => void,
): Promise<void> {
  const { Piscina, FixedQueue } = await loadPiscina();
  if (hasEnded(life)) return;
  const taskQueue = new FixedQueue();
  const pool = new Piscina({
    workerFile: workerFile() ?? pathOf(file),
    taskQueue,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
    ...workerSettings(options),
  } as PoolOptions);
  life.pool = pool;
  // Without a listener an uncaught error in the worker would be one of the application. It is emitted just after
  // `workerDestroy`, in the same turn, and tells the reason.
  let reason = 'its thread ended';
  pool.on('error', (error: Error) => {
    reason = whyItDied(error);
  });
  pool.on('workerDestroy', () => queueMicrotask(() => onEnd(reason)));
  const { controlPort, lanePort } = life.init;
  // The thread takes 3 ms to start.
  await nextTurn();
  if (hasEnded(life)) return;
  let task: Promise<void>;
  try {
    task = pool.run(life.init, {
      filename: file,
      name: 'startConsumer',
      transferList: [controlPort, lanePort],
    });
  } catch (error) {
    life.hasNoThread = true;
    // The task stays queued, and nobody could catch what piscina rejects when it is taken down.
    while (taskQueue.shift() !== null);
    throw error;
  }
  await task;
}

/**
 * The name of the error, and its place where that is in the application's code (an exporter's, a mask's). What it says may be
 * an event's own words, unless Node.js says it, of a thread.
 */
function whyItDied(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  const what = String(code).startsWith('ERR_WORKER') ? messageOf(error) : nameOf(error);
  const place = placeOf(error);
  return place === undefined ? what : `${what} at ${place}`;
}

/** Also of what the build gives piscina, to tell it where its worker's file is (rolldown.config). */
type PoolOptions = ConstructorParameters<typeof Piscina>[0] & { workerFile: string };

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** Hands on the notices that have come. Two ports keep no order between them: an answer may overtake a notice. */
export function receiveNotices({ lanePort, held, onMessage }: Life): void {
  for (const notice of held.splice(0)) onMessage(notice);
  for (const message of messagesOn(lanePort)) onMessage(message);
}

/** While this thread blocks: the consumer may wait for what it has asked. */
export function answerConsumer({ lanePort, held, onMessage }: Life): void {
  for (const message of messagesOn(lanePort)) {
    if (message.kind === 'certificates') onMessage(message);
    else held.push(message);
  }
}

function* messagesOn(port: MessagePort): Iterable<Notice | CertificatesWanted> {
  const { receiveMessageOnPort } = threads();
  for (let one = receiveMessageOnPort(port); one !== undefined; one = receiveMessageOnPort(port)) {
    yield one.message;
  }
}

/** Ends a life, if it has not ended by itself. Resolves when its thread is gone, or cannot be stopped. */
export async function endLife(life: Life): Promise<void> {
  life.state = 'dead';
  receiveNotices(life);
  for (const [ring, records] of life.underWay) {
    if (records > 0)
      life.onMessage({ kind: 'export', ring, records, seconds: null, failure: 'worker-ended' });
  }
  life.underWay.clear();
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
