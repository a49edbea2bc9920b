/** Reads a worker's status from the rings that it empties, for a thread to which no message comes. */
import { isOwned, threadOf } from '../../shared/ring/ownership.js';
import {
  BATCH_AT,
  BATCH_FROM_SPOOL,
  BATCH_NOW,
  BEAT,
  ENDED,
  HEAD,
  LOADING,
  READ,
  ringMemory,
  TAKING,
  TAKING_NOW,
} from '../../shared/ring/ring-layout.js';
import type { WorkerGeneration } from './worker-generation.js';

/** The record, batch, spooled batch or module of the application that a consumer is working on. */
export interface CurrentWork {
  readonly words: Int32Array;
  readonly what: 'record' | 'batch' | 'spooled batch' | 'loading';
  /** Of the record, or of the first record of the batch; for a spooled batch, the number of its frame; for a module, 0. */
  readonly position: number;
}

export interface WorkerStatus {
  readonly generation: WorkerGeneration;
  /** Changes whenever the consumer has done something. One thread serves all its rings. */
  readonly progress: number;
  /** Undefined: nothing, or it does not own its rings yet. */
  readonly work: CurrentWork | undefined;
}

export function readStatus(generation: WorkerGeneration): WorkerStatus {
  let progress = 0;
  let work: CurrentWork | undefined;
  for (const { words } of generation.rings) {
    for (const index of [BEAT, HEAD, READ]) progress = (progress + Atomics.load(words, index)) | 0;
    work ??= workOn(words, generation);
  }
  return { generation, progress, work };
}

/** Before the consumer owns the ring, the words still hold the work of its predecessor. */
function workOn(words: Int32Array, { init }: WorkerGeneration): CurrentWork | undefined {
  if (!isOwned(words, init.workerGeneration)) return undefined;
  if (Atomics.load(words, TAKING_NOW) !== 0) {
    return { words, what: 'record', position: Atomics.load(words, TAKING) };
  }
  const batch = Atomics.load(words, BATCH_NOW);
  if (batch === 0) {
    return Atomics.load(words, LOADING) === 0 ? undefined : { words, what: 'loading', position: 0 };
  }
  return {
    words,
    what: batch === BATCH_FROM_SPOOL ? 'spooled batch' : 'batch',
    position: Atomics.load(words, BATCH_AT),
  };
}

export function isUnchanged(now: WorkerStatus, before: WorkerStatus | undefined): boolean {
  return before !== undefined && now.generation === before.generation && now.progress === before.progress;
}

/**
 * Whether a worker's thread runs. `unknown`: outside of Linux, a thread that was terminated or ran out of memory looks like one
 * that runs.
 */
export function threadState({ init }: WorkerGeneration): 'runs' | 'ended' | 'unknown' {
  const { words } = ringMemory(init.shared.ring);
  if (Atomics.load(words, ENDED) === init.workerGeneration) return 'ended';
  const thread = threadOf(words, init.workerGeneration);
  const threads = thread === undefined ? [] : threadsOfProcess();
  // An empty list proves nothing.
  if (threads.length === 0) return 'unknown';
  return threads.includes(String(thread)) ? 'runs' : 'ended';
}

function threadsOfProcess(): string[] {
  try {
    return process.getBuiltinModule('node:fs').readdirSync('/proc/self/task');
  } catch {
    return [];
  }
}
