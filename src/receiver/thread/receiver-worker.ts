/** The worker's side of receiver-thread.ts: starts the receiver, answers calls, and ends when the receiver is closed. */

import { parentPort, workerData } from 'node:worker_threads';
import { type ReceiverOptions, startReceiver } from '../receiver.js';
import type { ThreadCall, ThreadMessage } from './thread-contract.js';

const port = parentPort;
if (port === null) throw new Error('receiver-worker.js runs in a worker thread: use startReceiverThread()');

const post = (message: ThreadMessage) => port.postMessage(message);

try {
  const receiver = await startReceiver({
    ...(workerData as ReceiverOptions),
    onWarning: (message) => post({ kind: 'warning', message }),
  });
  port.on('message', async ({ call, method }: ThreadCall) => {
    try {
      post({ kind: 'answer', call, value: await receiver[method]() });
    } catch (error) {
      post({ kind: 'refusal', call, message: messageOf(error) });
    }
    // Nothing but the port keeps the thread alive.
    if (method === 'close') port.close();
  });
  const { url, port: number, instance } = receiver;
  post({ kind: 'started', url, port: number, instance });
} catch (error) {
  // Without a listener the port does not keep the thread alive: it ends by itself.
  post({ kind: 'failed', message: messageOf(error) });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
