/** Engines whose worker can be made to die in any form, at any moment; and what the server has taken of them. */
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished } from 'vitest';
import { type Bench, startBench } from './engines.js';
import type { Answer } from './sink.js';

export const FORMS = ['exit', 'throw later', 'out of memory', 'terminate'] as const;
export type Form = (typeof FORMS)[number];

export interface Mortal extends Bench {
  /** Ends the worker that runs now, and resolves once the engine has a successor for it. */
  kill(): Promise<void>;
  /** Resolves once an event with a `trouble` field is being encoded. */
  readonly inTrouble: Promise<unknown>;
  /** Events of the requests that were answered as a success, by id. */
  readonly taken: Map<number, object[]>;
}

/** `answer`: returns the status of the answer, or leaves the request without one. */
export async function startMortal(
  form: Form,
  answer: (index: number) => number | 'none' = () => 200,
): Promise<Mortal> {
  let worker: Worker | undefined;
  const onWorker = (started: Worker): void => {
    worker = started;
  };
  process.on('worker', onWorker);
  onTestFinished(() => void process.off('worker', onWorker));
  const trouble = Int32Array.of(1);
  const shared = { trouble: share(trouble), orders: share(Int32Array.of(0)) };
  const taken = new Map<number, object[]>();
  const respond: Answer = ({ body }, response, index) => {
    const status = answer(index);
    if (status === 'none') return;
    if (status === 200) note(taken, JSON.parse(body.toString()));
    response.writeHead(status).end();
  };
  const bench = await startBench({
    answer: respond,
    flushAt: 10,
    exporterOptions: shared,
    ...(form === 'out of memory' && { resourceLimits: { maxOldGenerationSizeMb: 32 } }),
  });
  const { engine } = bench;
  return {
    ...bench,
    taken,
    inTrouble: Promise.resolve(Atomics.waitAsync(shared.trouble, 0, 1).value),
    async kill() {
      const replaced = new Promise<void>((resolve) => {
        engine.on('warning', (message) => message.includes('starting another') && resolve());
      });
      if (form === 'terminate') void worker?.terminate();
      else order(shared.orders, form);
      await replaced;
    },
  };
}

function share(words: Int32Array): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(words.byteLength));
  shared.set(words);
  return shared;
}

/** json-exporter knows the forms by the same numbers. */
function order(orders: Int32Array, form: Exclude<Form, 'terminate'>): void {
  Atomics.store(orders, 0, FORMS.indexOf(form) + 1);
  Atomics.notify(orders, 0);
}

function note(taken: Map<number, object[]>, events: { id: number }[]): void {
  for (const event of events) taken.set(event.id, [...(taken.get(event.id) ?? []), event]);
}

/** All have come, and what has come more than once is the same each time. */
export function expectAllTaken({ taken }: Mortal, count: number): void {
  expect([...taken.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, id) => id));
  for (const [first, ...again] of taken.values()) for (const one of again) expect(one).toEqual(first);
}
