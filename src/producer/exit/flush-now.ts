/** A flush that blocks the application's thread, for the end of a process, where no message can be waited for. */
import { requestFlush } from '../../shared/ring/urgent-flush.js';
import {
  ensureConsumerNow,
  replaceConsumerNow,
  replaceDeadNow,
  replaceStuckNow,
} from '../worker/replacement.js';
import { answerConsumer, hasMadeProgress, hasStarted, receiveNotices } from '../worker/worker-generation.js';
import type { WorkerPool } from '../worker/worker-pool.js';
import { isUnchanged, readStatus, threadState, type WorkerStatus } from '../worker/worker-status.js';
import type { FlushWait, Target } from './blocking-wait.js';

/** After so much silence, and after each further such time, the flush checks whether the worker's thread still runs. */
const SILENCE_MS = 100;
/** Lower bound, however little time is left: one record may take so long. */
const MIN_PATIENCE_MS = 250;
/** Consumers in a row that may die without progress before the flush ends. */
const MAX_ATTEMPTS_WITHOUT_PROGRESS = 3;

/**
 * Asks the consumer to settle everything on these rings. A consumer that is silent from then on may be busy: it is replaced only
 * if its thread has ended, or if it is stuck. `isLast`: the process ends after it. Undefined: there is no consumer, and none can
 * be started.
 */
export function beginFlushNow(
  pool: WorkerPool,
  targets: readonly Target[],
  isLast: boolean,
): FlushWait | undefined {
  if (!ensureConsumerNow(pool)) return undefined;
  for (const { words } of targets) requestFlush(words, isLast);
  return {
    targets,
    look: supervise(pool, isLast),
    end() {
      if (pool.consumer !== undefined) receiveNotices(pool.consumer.generation);
    },
  };
}

function supervise(pool: WorkerPool, isLast: boolean): FlushWait['look'] {
  let seen: WorkerStatus | undefined;
  let hadStarted = false;
  /** A consumer that has been silent for so long is stuck. */
  let patienceMs = 0;
  let silentMs = 0;
  let nextThreadCheckMs = SILENCE_MS;
  let attemptsWithoutProgress = 0;

  /** Replaces a consumer that is dead or stuck. False: there is no consumer, and none can be started. */
  function replaceIfNeeded({ generation, work }: WorkerStatus): boolean {
    const isThreadChecked = silentMs >= nextThreadCheckMs;
    if (isThreadChecked) nextThreadCheckMs += SILENCE_MS;
    const thread = isThreadChecked ? threadState(generation) : 'runs';
    if (thread === 'ended') {
      attemptsWithoutProgress = hasMadeProgress(generation) ? 0 : attemptsWithoutProgress + 1;
      return attemptsWithoutProgress < MAX_ATTEMPTS_WITHOUT_PROGRESS && replaceDeadNow(pool);
    }
    // One that starts slowly would start no sooner if it were started anew.
    if (!hadStarted || silentMs < patienceMs) return true;
    // Loading a module may take so long, and another worker would load it no sooner.
    if (work?.what === 'loading' && silentMs < pool.options.workerStuckMs) return true;
    if (work !== undefined) return replaceStuckNow(pool, work, silentMs);
    return thread !== 'unknown' || replaceConsumerNow(pool);
  }

  return (waitedMs, leftMs) => {
    const generation = pool.consumer?.generation;
    if (generation === undefined) return 'lost';
    answerConsumer(generation);
    const status = readStatus(generation);
    const started = hasStarted(generation);
    if (generation !== seen?.generation || started !== hadStarted) {
      // At the end of the process a stuck consumer gets half of the time; the other half is for its successor.
      const mostMs = isLast ? Math.max(MIN_PATIENCE_MS, leftMs / 2) : Number.POSITIVE_INFINITY;
      patienceMs = Math.min(pool.options.workerStuckMs, mostMs);
    }
    if (!isUnchanged(status, seen) || started !== hadStarted) {
      silentMs = 0;
      nextThreadCheckMs = SILENCE_MS;
    } else {
      silentMs += waitedMs;
    }
    seen = status;
    hadStarted = started;
    return replaceIfNeeded(status) ? 'wait' : 'lost';
  };
}
