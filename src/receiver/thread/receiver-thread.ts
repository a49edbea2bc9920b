/** The receiver in a worker thread of its own, so that HTTP and SQLite cost the caller's event loop nothing. */

import { Worker } from 'node:worker_threads';
import type { Receiver, ReceiverOptions } from '../receiver.js';
import { callThread } from './calls.js';
import type { ReceiverNotice, ReceiverThread } from './thread-contract.js';
import { threadOptions } from './thread-options.js';

/** Like `startReceiver`, in a worker thread. If the thread dies, pending and later calls reject. */
export async function startReceiverThread(
  options: ReceiverOptions = {},
  onWarning: (message: string) => void = (message) => process.emitWarning(message, 'TailraceWarning'),
): Promise<Receiver> {
  const worker = new Worker(new URL('./receiver-worker.js', import.meta.url), {
    ...threadOptions(),
    name: 'tailrace-receiver',
  });
  const thread = callThread<ReceiverThread, ReceiverNotice>(worker, "the receiver's thread", {
    onNotice: onWarning,
  });
  return {
    ...(await thread.call('start', options)),
    counts: () => thread.call('counts'),
    usage: () => thread.call('usage'),
    complaints: () => thread.call('complaints'),
    close: thread.close,
  };
}
