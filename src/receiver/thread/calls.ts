/**
 * Calls of the methods of an object in a worker thread. The first call is `start`, the last one `close`: the thread ends after it, or if
 * `start` fails. If the thread dies, pending and later calls reject.
 */

import type { MessagePort, Worker } from 'node:worker_threads';
import { messageOf } from '../../shared/untrusted-text/errors.js';

/** Arguments and results are cloned, and an error comes as its message. */
type Methods = Record<'start' | 'close', (...values: never[]) => unknown> &
  Record<string, (...values: never[]) => unknown>;

interface Call {
  call: number;
  method: string;
  values: unknown[];
}

/** An answer to a call; notices come at any time. */
type Message =
  | { kind: 'answer'; call: number; value: unknown }
  | { kind: 'refusal'; call: number; message: string }
  | { kind: 'notice'; notice: unknown };

export interface ThreadCalls<M> {
  call<Name extends keyof M>(
    method: Name,
    ...values: M[Name] extends (...values: infer Values) => unknown ? Values : never
  ): Promise<M[Name] extends (...values: never[]) => infer Value ? Awaited<Value> : never>;
  /** Calls `close`, and resolves when the thread has ended. Also if it has died before. */
  close(): Promise<void>;
}

/** `title` begins the message of its death: "the receiver's thread". */
export function callThread<M extends { close(): unknown }, Notice = never>(
  worker: Worker,
  title: string,
  { onNotice, onDeath }: { onNotice?: (notice: Notice) => void; onDeath?: (error: Error) => void } = {},
): ThreadCalls<M> {
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let death: Error | undefined;
  let calls = 0;
  let closing: Promise<void> | undefined;
  let isClosed = false;

  function die(error: Error): void {
    if (death !== undefined) return;
    death = error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    if (!isClosed) onDeath?.(error);
  }
  worker.on('error', (error) => die(new Error(`${title} died: ${error.message}`)));
  worker.on('exit', (code) => die(new Error(`${title} has ended (exit code ${code})`)));
  worker.on('message', (message: Message) => {
    if (message.kind === 'notice') {
      onNotice?.(message.notice as Notice);
      return;
    }
    const waiting = pending.get(message.call);
    pending.delete(message.call);
    if (message.kind === 'answer') waiting?.resolve(message.value as never);
    else waiting?.reject(new Error(message.message));
  });

  const call: ThreadCalls<M>['call'] = (method, ...values) => {
    if (isClosed) return Promise.reject(new Error(`${title} is closed`));
    if (death !== undefined) return Promise.reject(death);
    calls += 1;
    const sent: Call = { call: calls, method: method as string, values };
    return new Promise((resolve, reject) => {
      pending.set(sent.call, { resolve, reject });
      worker.postMessage(sent);
    });
  };

  async function close(): Promise<void> {
    if (death !== undefined) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const closed = call('close', ...([] as never));
    isClosed = true;
    try {
      await closed;
    } catch (error) {
      if (death === undefined) throw error;
    }
    await exited;
  }
  return {
    call,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** In the thread: answers calls in the order in which their results are there. Returns how to send a notice. */
export function answerCalls<Notice = never>(port: MessagePort, methods: Methods): (notice: Notice) => void {
  const post = (message: Message) => port.postMessage(message);
  port.on('message', async ({ call, method, values }: Call) => {
    let hasFailed = false;
    try {
      post({ kind: 'answer', call, value: await methods[method]?.(...(values as never[])) });
    } catch (error) {
      hasFailed = true;
      post({ kind: 'refusal', call, message: messageOf(error) });
    }
    // Nothing but the port keeps the thread alive.
    if (method === 'close' || (method === 'start' && hasFailed)) port.close();
  });
  return (notice) => post({ kind: 'notice', notice });
}
