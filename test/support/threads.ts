/** Threads of an application that attach to an engine or client, and do as they are told (attached-thread.mjs). */
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

export const ENDS = [
  'by itself',
  'by process.exit()',
  'by an exception',
  'by a rejection',
  'terminate',
] as const;

export interface AttachedThread {
  readonly worker: Worker;
  // biome-ignore lint/suspicious/noExplicitAny: what a call returns depends on the call
  call(name: string, ...args: unknown[]): Promise<any>;
  /** Resolves when the thread is gone. */
  readonly ended: Promise<unknown>;
  end(way: (typeof ENDS)[number]): Promise<void>;
}

export function startThread(workerData: object): AttachedThread {
  const worker = new Worker(new URL('./attached-thread.mjs', import.meta.url), { workerData });
  worker.on('error', () => {});
  const answers = new Map<number, (result: unknown) => void>();
  let nextId = 0;
  worker.on('message', ({ id, result }) => answers.get(id)?.(result));
  onTestFinished(async () => {
    await worker.terminate();
  });
  // Not by once(), which rejects at an error.
  const ended = new Promise((resolve) => worker.on('exit', resolve));
  return {
    worker,
    ended,
    call(name, ...args) {
      const id = nextId++;
      worker.postMessage({ id, call: name, args });
      return new Promise((resolve) => answers.set(id, resolve));
    },
    async end(way) {
      if (way === 'terminate') await worker.terminate();
      else worker.postMessage({ end: way });
      await ended;
    },
  };
}
