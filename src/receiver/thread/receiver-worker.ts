/** The worker's side of receiver-thread.ts: starts the receiver, answers calls, and ends when the receiver is closed. */

import { parentPort } from 'node:worker_threads';
import { type Receiver, type ReceiverOptions, startReceiver } from '../receiver.js';
import { answerCalls } from './calls.js';
import type { ReceiverNotice } from './thread-contract.js';

const port = parentPort;
if (port === null) throw new Error('receiver-worker.js runs in a worker thread: use startReceiverThread()');

let receiver: Receiver | undefined;
const notify = answerCalls<ReceiverNotice>(port, {
  async start(options: ReceiverOptions) {
    receiver = await startReceiver({ ...options, onWarning: notify });
    const { url, port, instance } = receiver;
    return { url, port, instance };
  },
  counts: () => receiver?.counts(),
  usage: () => receiver?.usage(),
  complaints: () => receiver?.complaints(),
  close: () => receiver?.close(),
});
