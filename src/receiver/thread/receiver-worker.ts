/** The worker's side of receiver-thread.ts: starts the receiver, answers calls, and ends when it is closed. */

import { parentPort, workerData } from 'node:worker_threads';
import { type ReceiverOptions, startReceiver } from '../receiver.js';
import type { ThreadCall, ThreadMessage } from './thread-contract.js';

const port = parentPort;
if (port === null) throw new Error('receiver-worker.js runs in a worker thread: use startReceiverThread()');

const say = (message: ThreadMessage) => port.postMessage(message);

try {
  const receiver = await startReceiver({
    ...(workerData as ReceiverOptions),
    onWarning: (message) => say({ kind: 'warning', message }),
  });
  port.on('message', async ({ call, method }: ThreadCall) => {
    try {
      say({ kind: 'answer', call, value: await receiver[method]() });
    } catch (error) {
      say({ kind: 'refusal', call, message: messageOf(error) });
    }
    // With the port closed nothing keeps the thread alive.
    if (method === 'close') port.close();
  });
  say({ kind: 'started', url: receiver.url, port: receiver.port });
} catch (error) {
  // Without a listener the port does not hold the thread: it ends by itself.
  say({ kind: 'failed', message: messageOf(error) });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
