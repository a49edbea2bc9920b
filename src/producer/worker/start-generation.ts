/** Starts a worker generation: in a piscina pool, in a bare worker thread, or on this thread. */
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { ConsumerControl } from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { queueMicrotask } from '../../shared/runtime/real-time.js';
import { errorLocation, messageOf, nameOf } from '../../shared/untrusted-text/errors.js';
import { loadComlink, loadConsumer, loadPiscina, nextTurn } from './load.js';
import { workerCode, workerFile } from './worker-code.js';
import { hasEnded, type WorkerGeneration } from './worker-generation.js';
import { workerSettings } from './worker-settings.js';
import { loadWorkerText } from './worker-text-later.js';

/** With the option that the build adds to piscina: the path of its worker's file (`.build/bundles.js`). */
type PiscinaOptions = ConstructorParameters<typeof Piscina>[0] & { workerFile: string };

/** Resolves once the consumer runs. `onEnd` is called when its worker has ended, for whatever reason. */
export async function startGeneration(
  generation: WorkerGeneration,
  options: EngineOptions,
  inline: boolean,
  onEnd: (reason: string) => void,
): Promise<void> {
  if (!inline) return runInWorker(generation, options, onEnd);
  await connectControl(generation);
  if (!hasEnded(generation)) await runInline(generation);
}

/** Makes the proxy for calls. For a worker it is made while the thread boots: to load comlink takes 5 ms. */
export async function connectControl(generation: WorkerGeneration): Promise<void> {
  const { wrap } = await loadComlink();
  if (hasEnded(generation)) return;
  generation.control = wrap<ConsumerControl>(generation.controlPort as never);
  // Listening on a port refs it.
  generation.controlPort.unref();
}

/**
 * Starts the consumer in a bare worker thread, within this call: for a producer that blocks, as every step to a piscina pool needs
 * the event loop. Throws where no thread can be made.
 */
export function startGenerationNow(
  generation: WorkerGeneration,
  options: EngineOptions,
  onEnd: (reason: string) => void,
): Worker {
  const { init } = generation;
  const { worker } = options;
  const source = typeof worker === 'string' ? { code: pathOf(worker), eval: false } : workerCode();
  if (source === undefined) throw new Error('the code of the worker is not loaded yet');
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const thread = new Worker(source.code, {
    eval: source.eval,
    workerData: { tailrace: init },
    transferList: [init.controlPort, init.workerPort],
    ...workerSettings(options),
  });
  thread.unref();
  generation.thread = thread;
  let reason = 'its thread ended';
  thread.on('error', (error: Error) => {
    reason = deathReason(error);
  });
  thread.on('exit', () => onEnd(reason));
  return thread;
}

async function runInline(generation: WorkerGeneration): Promise<void> {
  const { init } = generation;
  const { createConsumer } = await loadConsumer();
  const consumer = await createConsumer(init);
  // comlink listens on the port, which keeps the process alive.
  init.controlPort.unref();
  generation.stopInline = () => consumer.quit();
  if (hasEnded(generation)) generation.stopInline();
}

async function runInWorker(
  generation: WorkerGeneration,
  options: EngineOptions,
  onEnd: (reason: string) => void,
): Promise<void> {
  const file = typeof options.worker === 'string' ? options.worker : workerFile();
  // piscina starts workers from files alone.
  await (file === undefined
    ? runText(generation, options, onEnd)
    : runInPiscina(generation, file, options, onEnd));
}

/** Resolves once the consumer reports that it runs, or its thread has ended. */
async function runText(
  generation: WorkerGeneration,
  options: EngineOptions,
  onEnd: (reason: string) => void,
): Promise<void> {
  await loadWorkerText();
  // The thread takes 3 ms to start.
  await nextTurn();
  if (hasEnded(generation)) return;
  let thread: Worker;
  try {
    thread = startGenerationNow(generation, options, onEnd);
  } catch (error) {
    generation.hasNoThread = true;
    throw error;
  }
  const started = new Promise<void>((resolve) => {
    thread.once('message', () => resolve());
    thread.once('exit', () => resolve());
    // Listening refs it.
    thread.unref();
  });
  await Promise.all([started, connectControl(generation)]);
}

/**
 * Runs a task that returns once the consumer runs: a task that never returned would keep the process alive forever.
 *
 * Each generation has a piscina pool of its own, which starts a worker only for the task. If piscina replaced its workers
 * itself, it would do so endlessly and without back-off when they die while booting, and the task would stay queued.
 */
async function runInPiscina(
  generation: WorkerGeneration,
  file: string,
  options: EngineOptions,
  onEnd: (reason: string) => void,
): Promise<void> {
  const { Piscina, FixedQueue } = await loadPiscina();
  if (hasEnded(generation)) return;
  const taskQueue = new FixedQueue();
  const piscina = new Piscina({
    workerFile: workerFile() ?? pathOf(file),
    taskQueue,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    recordTiming: false,
    ...workerSettings(options),
  } as PiscinaOptions);
  generation.piscina = piscina;
  // Without a listener, an uncaught error in the worker would be one of the application. It is emitted just after
  // `workerDestroy`, in the same turn, and carries the reason.
  let reason = 'its thread ended';
  piscina.on('error', (error: Error) => {
    reason = deathReason(error);
  });
  piscina.on('workerDestroy', () => queueMicrotask(() => onEnd(reason)));
  const { controlPort, workerPort } = generation.init;
  // The thread takes 3 ms to start.
  await nextTurn();
  if (hasEnded(generation)) return;
  let task: Promise<void>;
  try {
    task = piscina.run(generation.init, {
      filename: file,
      name: 'startConsumer',
      transferList: [controlPort, workerPort],
    });
  } catch (error) {
    generation.hasNoThread = true;
    // The task stays queued, and nobody could catch its rejection when piscina is destroyed.
    while (taskQueue.shift() !== null);
    throw error;
  }
  await Promise.all([task, connectControl(generation)]);
}

/**
 * The name of the error, and its location in the application's code (an exporter, a mask). The message is left out, as it may
 * quote an event, unless it is one of Node.js about the thread.
 */
function deathReason(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  const what = String(code).startsWith('ERR_WORKER') ? messageOf(error) : nameOf(error);
  const location = errorLocation(error);
  return location === undefined ? what : `${what} at ${location}`;
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
