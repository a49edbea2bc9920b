/** A flush that blocks the application's thread: for the end of a process, where no message can be waited for. */
import { boundedBy, requestFlush, waitForHead } from '../shared/urgent-flush.js';
import { answerConsumer, hasStarted, receiveNotices } from './consumer-life.js';
import { ensureConsumerNow, replaceConsumerNow, type WorkerHost } from './worker-host.js';

/** A consumer that has said nothing for so long is taken for dead: one that runs, and one that boots on a busy machine. */
const RUNNING_SILENCE_MS = 500;
const BOOTING_SILENCE_MS = 1_500;

/** A ring, and the position up to which it is to settle. */
export interface Target {
  readonly words: Int32Array;
  readonly tail: number;
}

/** Asks for all on these rings; `isLast`: the process ends after it. False: there is no consumer that could do it, nor can there be. */
export function beginFlushNow(
  host: WorkerHost,
  targets: readonly Pick<Target, 'words'>[],
  isLast: boolean,
): boolean {
  if (!ensureConsumerNow(host)) return false;
  for (const { words } of targets) requestFlush(words, isLast);
  return true;
}

/** Blocks until that has settled, or until the deadline; a dead consumer does not take all of it. */
export function finishFlushNow(host: WorkerHost, targets: readonly Target[], deadline: number): void {
  // Asked for at each look at the ring.
  const silenceMs = (): number => {
    const life = host.consumer?.life;
    if (life !== undefined) answerConsumer(life);
    return life && hasStarted(life) ? RUNNING_SILENCE_MS : BOOTING_SILENCE_MS;
  };
  const bound = boundedBy(deadline);
  for (const { words, tail } of targets) {
    // Its successor finds everything that has not settled.
    while (waitForHead(words, tail, bound, silenceMs) === 'silent') {
      if (!replaceConsumerNow(host)) break;
    }
  }
  if (host.consumer !== undefined) receiveNotices(host.consumer.life);
}
