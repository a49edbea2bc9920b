/** A flush that blocks the application's thread: for the end of a process, where no message can be waited for. */
import { requestFlush } from '../../shared/ring/urgent-flush.js';
import { threadOfLife } from '../worker/generation-thread.js';
import { isStill, lookAt, type Sight } from '../worker/sight.js';
import { answerConsumer, hasStarted, receiveNotices, wasFruitful } from '../worker/worker-generation.js';
import {
  ensureConsumerNow,
  replaceConsumerNow,
  replaceDeadNow,
  replaceStuckNow,
  type WorkerHost,
} from '../worker/worker-host.js';
import type { FlushWait, Target } from './flush-waits.js';

/** After so much silence it is looked whether the thread still runs, and again after each further such time. */
const SILENCE_MS = 100;
/** However little time is left: a record may take so long. */
const MIN_PATIENCE_MS = 250;
/** Consumers in a row that died and have brought nothing forward: none will. */
const MAX_FRUITLESS_LIVES = 3;

/**
 * Asks for all on these rings. A consumer that is silent then may be busy; it is replaced where its thread has ended, and where it
 * is stuck. `isLast`: the process ends after it. Undefined: there is no consumer that could do it, nor can there be.
 */
export function beginFlushNow(
  host: WorkerHost,
  targets: readonly Target[],
  isLast: boolean,
): FlushWait | undefined {
  if (!ensureConsumerNow(host)) return undefined;
  for (const { words } of targets) requestFlush(words, isLast);
  return {
    targets,
    look: lookout(host, isLast),
    end() {
      if (host.consumer !== undefined) receiveNotices(host.consumer.life);
    },
  };
}

function lookout(host: WorkerHost, isLast: boolean): FlushWait['look'] {
  let seen: Sight | undefined;
  let hadStarted = false;
  /** A consumer that has done nothing for so long is stuck. */
  let patienceMs = 0;
  let silentMs = 0;
  let askAtMs = SILENCE_MS;
  let fruitlessLives = 0;

  /** Puts another in the place of one that is of no use. False: none can be, or none is. */
  function replace({ life, place }: Sight): boolean {
    const isAsked = silentMs >= askAtMs;
    if (isAsked) askAtMs += SILENCE_MS;
    const thread = isAsked ? threadOfLife(life) : 'runs';
    if (thread === 'ended') {
      fruitlessLives = wasFruitful(life) ? 0 : fruitlessLives + 1;
      return fruitlessLives < MAX_FRUITLESS_LIVES && replaceDeadNow(host);
    }
    // One that starts slowly would start no sooner for being started anew.
    if (!hadStarted || silentMs < patienceMs) return true;
    // A module may take so long to be loaded, and another worker loads it no sooner.
    if (place?.what === 'loading' && silentMs < host.options.workerStuckMs) return true;
    if (place !== undefined) return replaceStuckNow(host, place, silentMs);
    return thread !== 'unknown' || replaceConsumerNow(host);
  }

  return (waitedMs, leftMs) => {
    const life = host.consumer?.life;
    if (life === undefined) return 'lost';
    answerConsumer(life);
    const sight = lookAt(life);
    const started = hasStarted(life);
    if (life !== seen?.life || started !== hadStarted) {
      // At the end of the process, what it has not done in half of the time is left, and the other half for the rest.
      const mostMs = isLast ? Math.max(MIN_PATIENCE_MS, leftMs / 2) : Number.POSITIVE_INFINITY;
      patienceMs = Math.min(host.options.workerStuckMs, mostMs);
    }
    if (!isStill(sight, seen) || started !== hadStarted) {
      silentMs = 0;
      askAtMs = SILENCE_MS;
    } else {
      silentMs += waitedMs;
    }
    seen = sight;
    hadStarted = started;
    return replace(sight) ? 'wait' : 'lost';
  };
}
