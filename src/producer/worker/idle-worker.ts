/** Stops an idle worker: its 19 MB are too much for a process that traces now and then. */
import { HEAD, TAIL } from '../../shared/ring/ring-layout.js';
import { markAbsent } from '../../shared/ring/wake.js';
import { clearInterval, setInterval } from '../../shared/runtime/real-time.js';
import { askConsumer } from './pool-calls.js';
import { startPool } from './pool-start.js';
import { endGeneration } from './worker-generation.js';
import { ownRingWords, type PoolConsumer, type WorkerPool } from './worker-pool.js';

interface IdleEngine {
  /** Events accepted so far; undefined while other threads may bring some. */
  accepted(): number | undefined;
  /** Called when the worker has stopped. */
  onIdleStop(): void;
}

/**
 * Checks every `idleMs`, while the pool runs, whether events have come since the last check. If none have, it asks the
 * consumer, which knows whether work is left. Returns a function that ends the checks.
 */
export function stopWhenIdle(pool: WorkerPool, idleMs: number, engine: IdleEngine): () => void {
  let timer: NodeJS.Timeout | undefined;
  let acceptedBefore: number | undefined;

  function end(): void {
    clearInterval(timer);
    timer = undefined;
  }

  async function check(): Promise<void> {
    const accepted = engine.accepted();
    const isIdle = accepted !== undefined && accepted === acceptedBefore;
    acceptedBefore = accepted;
    if (!isIdle || !(await retire(pool))) return;
    end();
    engine.onIdleStop();
  }

  pool.onStart = () => {
    acceptedBefore = undefined;
    // A ref'd timer would hold the process.
    timer ??= setInterval(check, idleMs).unref();
  };
  return end;
}

/**
 * Ends a consumer that has nothing to do, and its thread. The next call starts another, and so does the next event. False: the
 * consumer continues.
 */
function retire(pool: WorkerPool): Promise<boolean> {
  const { consumer } = pool;
  if (pool.state !== 'running' || consumer?.generation.state !== 'running') return Promise.resolve(false);
  pool.retiring ??= retireConsumer(pool, consumer).finally(() => {
    pool.retiring = undefined;
  });
  return pool.retiring;
}

async function retireConsumer(pool: WorkerPool, consumer: PoolConsumer): Promise<boolean> {
  let hasRetired = false;
  const outcome = await askConsumer(consumer, async (control) => {
    hasRetired = await control.retire();
  });
  if (outcome !== 'answered' || !hasRetired || pool.consumer !== consumer || pool.state !== 'running') {
    return false;
  }
  pool.state = 'idle';
  pool.consumer = undefined;
  void endGeneration(consumer.generation);
  const own = ownRingWords(pool);
  for (const words of own) markAbsent(words);
  // Records that came while it ended are on a ring and have woken nobody.
  const hasCome = own.some((words) => words[TAIL] !== Atomics.load(words, HEAD));
  if (hasCome || pool.further.size > pool.destinations.size) startPool(pool);
  return pool.state === 'idle';
}
