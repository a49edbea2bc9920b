/** Loads the modules that start a worker, one in each turn of the event loop, so that no turn of the application waits for all. */
import { sleep } from '../../shared/runtime/real-time.js';

/** Gives the application its turn. By a timer: an unref'd immediate would wait until something else wakes the loop. */
export function nextTurn(): Promise<void> {
  return sleep(1);
}

export async function loadComlink(): Promise<typeof import('comlink')> {
  await nextTurn();
  return import('comlink');
}

export async function loadPiscina(): Promise<Pick<typeof import('piscina'), 'FixedQueue' | 'Piscina'>> {
  // The first worker of a process pipes its output into these streams, and sets them up if nobody has used them: 3 ms.
  await nextTurn();
  void process.stdout;
  void process.stderr;
  await nextTurn();
  return (await import('piscina')) as never;
}

/** The consumer, for delivery on this thread. */
export function loadConsumer(): Promise<typeof import('../../consumer/main.js')> {
  return import('../../consumer/main.js');
}
