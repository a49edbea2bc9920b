/**
 * A thread of an application that attaches to an engine, or client, of another: does as it is told by messages
 * `{ id, call, args }`, and answers each with `{ id, result }`. With `first`, it pushes so many events and ends at once.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Tailrace } from 'tailrace';
import { attachEngine } from 'tailrace/engine';

const { engineHandle, clientHandle, attachOptions, first } = workerData;
const engine = engineHandle && attachEngine(engineHandle);
const client = clientHandle && Tailrace.attach(clientHandle, attachOptions);
const heard = { error: [], drop: [], warning: [] };
/** Those who wait for the first message of a kind. */
const waiting = { error: [], drop: [], warning: [] };
for (const kind of Object.keys(heard)) {
  (client ?? engine).on(kind, (message) => {
    heard[kind].push(message);
    for (const resolve of waiting[kind].splice(0)) resolve(message);
  });
}
/** Kept, as an application would keep them. */
const open = [];

const CALLS = {
  push(from, count, more = {}) {
    let accepted = 0;
    for (let id = from; id < from + count; id++) if (engine.push({ id, ...more })) accepted++;
    return accepted;
  },
  /** As fast as it can. How many it has offered. */
  pushFor(ms) {
    let offered = 0;
    for (const end = performance.now() + ms; performance.now() < end; offered++) engine.push({ id: offered });
    return offered;
  },
  span: (name, body = {}) => client.span({ name, ...body }).end(),
  open: (name) => open.push(client.span({ name })),
  stats: () => (client ?? engine).stats(),
  flush: () => (client ?? engine).flush(),
  flushSync: (timeoutMs) => (client ?? engine).flushSync(timeoutMs),
  ready: () => (client ?? engine).ready(),
  shutdown: () => (client ?? engine).shutdown(),
  heard: () => heard,
  firstHeard: (kind) => heard[kind][0] ?? new Promise((resolve) => waiting[kind].push(resolve)),
  block: (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
};

/** How a thread may end. `terminate` comes from outside. */
const ENDS = {
  'by itself': () => parentPort.close(),
  'by process.exit()': () => process.exit(0),
  'by an exception': () => {
    throw new Error('boom');
  },
  'by a rejection': () => void Promise.reject(new Error('boom')),
  terminate() {},
};

if (first !== undefined) {
  CALLS.push(first.from, first.count);
  process.exit(0);
}

parentPort.on('message', async ({ id, call, args, end }) => {
  if (end !== undefined) return ENDS[end]();
  parentPort.postMessage({ id, result: (await CALLS[call](...args)) ?? null });
});
