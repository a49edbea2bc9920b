/** What others ask of a worker pool: to empty further rings, to carry calls to its consumer, to stop. */
import type { Remote } from 'comlink';
import type { ConsumerControl } from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import type { SharedRing } from '../../shared/ring/ring-layout.js';
import { clearInterval, setInterval } from '../../shared/runtime/real-time.js';
import { startTimeout } from '../../shared/runtime/timeout.js';
import { startPool } from './pool-start.js';
import { endGeneration, forgetRing, offerFurtherRing, receiveNotices } from './worker-generation.js';
import type { PoolConsumer, WorkerPool } from './worker-pool.js';

/** From now on the consumer, and each later one, empties the ring of another thread as well. */
export function addRing(pool: WorkerPool, ring: number, shared: SharedRing): void {
  const { further, consumer } = pool;
  further.set(ring, shared);
  if (consumer !== undefined) offerFurtherRing(consumer.generation, { ring, shared, options: undefined });
  else startPool(pool);
}

/** The same for a ring whose records go to another destination. Returns its number. */
export function addDestination(pool: WorkerPool, shared: SharedRing, options: EngineOptions): number {
  const ring = pool.nextRing++;
  pool.further.set(ring, shared);
  pool.destinations.set(ring, options);
  if (pool.consumer !== undefined) offerFurtherRing(pool.consumer.generation, { ring, shared, options });
  return ring;
}

/** To be called once the ring is detached, or the consumer has ended. */
export function removeRing({ further, destinations, consumer }: WorkerPool, ring: number): void {
  const shared = further.get(ring);
  further.delete(ring);
  destinations.delete(ring);
  if (shared !== undefined && consumer !== undefined) forgetRing(consumer.generation, shared);
}

/**
 * Calls the consumer. If it dies before it answers, the call goes to its successor, until `timeoutMs` is over. Keeps the
 * process alive meanwhile, unless `keepsAlive` is false. Returns false after the timeout, or if the pool was stopped.
 */
export async function callConsumer(
  pool: WorkerPool,
  call: (control: Remote<ConsumerControl>) => Promise<void>,
  { timeoutMs, keepsAlive = true }: { timeoutMs?: number | undefined; keepsAlive?: boolean },
): Promise<boolean> {
  // The one ref'd handle: neither the ports nor the worker keep the process alive.
  const keepAlive = keepsAlive ? setInterval(() => {}, 2 ** 30) : undefined;
  const timeout = startTimeout(timeoutMs);
  try {
    for (;;) {
      // A consumer that is about to stop would not carry out the call.
      while (pool.retiring !== undefined) {
        if ((await Promise.race([pool.retiring, timeout.expired])) === 'expired') return false;
      }
      startPool(pool);
      const { consumer } = pool;
      if (consumer === undefined) return false;
      const outcome = await Promise.race([askConsumer(consumer, call), timeout.expired]);
      receiveNotices(consumer.generation);
      // A consumer that died before it could answer has a successor by now: ask that one.
      if (outcome !== 'died') return outcome === 'answered';
    }
  } catch {
    return false;
  } finally {
    timeout.cancel();
    clearInterval(keepAlive);
  }
}

/** Calls one worker generation once. */
export function askConsumer(
  { started, generation }: PoolConsumer,
  call: (control: Remote<ConsumerControl>) => Promise<void>,
): Promise<'answered' | 'died' | 'failed'> {
  return new Promise((resolve) => {
    const onEnd = (): void => resolve('died');
    const answer = (outcome: 'answered' | 'failed') => (): void => {
      generation.onEnd.delete(onEnd);
      resolve(outcome);
    };
    if (generation.state === 'dead') return onEnd();
    generation.onEnd.add(onEnd);
    started
      .then(() => generation.control && call(generation.control))
      .then(answer('answered'), answer('failed'));
  });
}

/** Ends the consumer and its thread. Resolves when it is gone. */
export async function stopPool(pool: WorkerPool): Promise<void> {
  pool.state = 'stopped';
  const { consumer } = pool;
  pool.consumer = undefined;
  if (consumer !== undefined) await endGeneration(consumer.generation);
}
