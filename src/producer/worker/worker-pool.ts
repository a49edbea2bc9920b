/**
 * The state of a worker pool: the one consumer that runs for a ring, the rings that it empties, and how its starts have gone.
 *
 * - `pool-start` starts the consumer and restarts it when it dies.
 * - `pool-calls` adds rings and calls the consumer.
 * - `replacement` ends a consumer that is dead, stuck or too slow, and starts another at once.
 * - `idle-worker` stops it when it is idle.
 */
import { type Notice, OWN_RING } from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { ringMemory, type SharedRing } from '../../shared/ring/ring-layout.js';
import type { WorkerGeneration } from './worker-generation.js';

export interface WorkerPool {
  readonly shared: SharedRing;
  /** Rings of other threads and of other destinations, by their numbers. */
  readonly further: Map<number, SharedRing>;
  /** The options of other destinations, by the numbers of their rings. */
  readonly destinations: Map<number, EngineOptions>;
  /** The number of the next such ring. */
  nextRing: number;
  readonly options: EngineOptions;
  readonly onNotice: (notice: Notice) => void;
  /** Called at each start, also after an idle stop. */
  onStart: () => void;
  /** `idle`: not started yet, or stopped when idle. */
  state: 'idle' | 'running' | 'stopped';
  /** Set while the consumer is asked to stop because it is idle. Resolves to whether it stopped. */
  retiring: Promise<boolean> | undefined;
  /** The consumer that runs or starts; always set while the pool is running. */
  consumer: PoolConsumer | undefined;
  /** Failed starts in a row. */
  failedStarts: number;
  /** Worker generations in a row that delivered nothing. */
  attemptsWithoutProgress: number;
  /** Whether the consumer runs on this thread. */
  inline: boolean;
  /** The number of the latest worker generation. */
  workerGeneration: number;
}

export interface PoolConsumer {
  readonly generation: WorkerGeneration;
  /** Resolves once it runs, or is dead. */
  readonly started: Promise<void>;
}

export function createWorkerPool(
  shared: SharedRing,
  options: EngineOptions,
  onNotice: (notice: Notice) => void,
): WorkerPool {
  return {
    shared,
    further: new Map(),
    destinations: new Map(),
    nextRing: OWN_RING + 1,
    options,
    onNotice,
    onStart: () => {},
    state: 'idle',
    retiring: undefined,
    consumer: undefined,
    failedStarts: 0,
    attemptsWithoutProgress: 0,
    inline: options.worker === false,
    workerGeneration: 0,
  };
}

/** Whether its worker was stopped when idle. */
export function hasStoppedIdle({ state, workerGeneration }: WorkerPool): boolean {
  return state === 'idle' && workerGeneration > 0;
}

/** The control words of the rings that this thread writes: one ring for each destination. */
export function ownRingWords({ shared, further, destinations }: WorkerPool): Int32Array[] {
  const rings = [shared, ...Array.from(destinations.keys(), (ring) => further.get(ring) as SharedRing)];
  return rings.map(({ ring }) => ringMemory(ring).words);
}
