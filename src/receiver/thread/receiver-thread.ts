/** The receiver in a worker thread of its own, so that HTTP and SQLite cost the caller's event loop nothing. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Receiver, ReceiverOptions } from '../receiver.js';
import type { ThreadCall, ThreadMessage, ThreadMethod } from './thread-contract.js';

/** Like `startReceiver`, in a worker thread. If the thread dies, pending and later calls reject. */
export async function startReceiverThread(
  options: ReceiverOptions = {},
  onWarning: (message: string) => void = (message) => process.emitWarning(message, 'TailraceWarning'),
): Promise<Receiver> {
  const worker = new Worker(new URL('./receiver-worker.js', import.meta.url), {
    workerData: options,
    // A worker would run the application's preloads again; here they must not run.
    execArgv: [],
    env: withoutNodeOptions(process.env),
    name: 'tailrace-receiver',
  });
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let death: Error | undefined;
  let calls = 0;

  const die = (error: Error) => {
    death ??= error;
    for (const { reject } of pending.values()) reject(death);
    pending.clear();
  };
  worker.on('error', (error) => die(new Error(`the receiver's thread died: ${error.message}`)));
  worker.on('exit', (code) => die(new Error(`the receiver's thread has ended (exit code ${code})`)));

  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'warning') onWarning(message.message);
  });
  const { url, port, instance } = await started(worker);
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind !== 'answer' && message.kind !== 'refusal') return;
    const waiting = pending.get(message.call);
    pending.delete(message.call);
    if (message.kind === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.message));
  });

  function call<T>(method: ThreadMethod): Promise<T> {
    if (death !== undefined) return Promise.reject(death);
    calls += 1;
    const request: ThreadCall = { call: calls, method };
    return new Promise<T>((resolve, reject) => {
      pending.set(request.call, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage(request);
    });
  }

  let closing: Promise<void> | undefined;
  return {
    url,
    port,
    instance,
    counts: () => call('counts'),
    usage: () => call('usage'),
    complaints: () => call('complaints'),
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    if (death !== undefined) return;
    const exited = once(worker, 'exit');
    await call('close');
    await exited;
  }
}

async function started(worker: Worker): Promise<Pick<Receiver, 'url' | 'port' | 'instance'>> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) =>
      reject(new Error(`the receiver's thread ended before it had started (exit code ${code})`)),
    );
    const hear = (message: ThreadMessage) => {
      if (message.kind === 'warning') return;
      worker.off('message', hear);
      if (message.kind === 'started') resolve(message);
      else
        reject(
          new Error(message.kind === 'failed' ? message.message : 'unexpected message from the receiver'),
        );
    };
    worker.on('message', hear);
  });
}

function withoutNodeOptions({ NODE_OPTIONS: _preloads, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}
