/**
 * The entry of the worker thread, bundled into one file with everything it needs (`tailrace/worker`). A piscina pool loads it and
 * runs its task. Without a pool it is started with the consumer's init as worker data, from the file or from its text, and posts
 * a message when the consumer runs.
 */
import { parentPort, workerData } from 'node:worker_threads';
// The pool's part in this thread, which listens for tasks. The build resolves it.
// @ts-expect-error: piscina does not export it.
import 'piscina/worker';
import type { ConsumerInit } from '../shared/contract/control.js';
import { startConsumer } from './main.js';

export { startConsumer };

/** Worker data of a worker that is started without a pool. */
interface WorkerStart {
  readonly tailrace: ConsumerInit;
}

const start = (workerData as WorkerStart | null)?.tailrace;
if (start !== undefined) void startConsumer(start).then(() => parentPort?.postMessage('started'));
