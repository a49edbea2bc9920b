/**
 * The worker, whole: bundled into one file with all that it needs (`tailrace/worker`). A pool of piscina's runs it as its
 * worker file and then its task; or it is started with the consumer's init as worker data, also from its text alone, and says when the consumer runs.
 */
import { parentPort, workerData } from 'node:worker_threads';
// The pool's own end in the thread, which listens for tasks; the build knows where it is.
// @ts-expect-error: piscina does not export it.
import 'piscina/worker';
import type { ConsumerInit } from '../shared/contract/control.js';
import { startConsumer } from './main.js';

export { startConsumer };

/** Worker data of a worker that begins without a pool. */
export interface WorkerStart {
  readonly tailrace: ConsumerInit;
}

const start = (workerData as WorkerStart | null)?.tailrace;
if (start !== undefined) void startConsumer(start).then(() => parentPort?.postMessage('started'));
