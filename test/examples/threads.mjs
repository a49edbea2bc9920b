/** Threads that trace through the main thread's client: one delivery worker for all of them. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Tailrace } from 'tailrace';

if (isMainThread) {
  const tailrace = new Tailrace();
  const start = (name) =>
    new Worker(new URL(import.meta.url), { workerData: { name, tailrace: tailrace.handle() } });
  for (const name of ['resize', 'embed', 'index'])
    start(name).on('exit', () => console.log(`${name} has ended`));
} else {
  const tailrace = Tailrace.attach(workerData.tailrace);
  tailrace.startActiveObservation(workerData.name, (span) => span.update({ output: 'done' }));
  // Nothing to do at the end of a thread: the worker lives in the main thread's care.
}
