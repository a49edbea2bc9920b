/**
 * Notices a worker that does not come back from a record, and has it replaced. It looks only while something waits: an idle
 * process is left to sleep.
 */

import { HEAD, ringMemory, TAIL } from '../../shared/ring/ring-layout.js';
import { clearTimeout, setTimeout } from '../../shared/runtime/real-time.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import { isStill, lookAt, type Sight } from './sight.js';
import { replaceStuck, type WorkerHost } from './worker-host.js';

export interface Watchdog {
  /** Something waits for delivery: looks until nothing does. */
  begin(): void;
  /** Is less patient for a while, in which it looks: until the function that it returns is called. */
  hurry(stuckMs: number): () => void;
  end(): void;
}

/** So many looks in a row have to find the same: a process that was suspended comes back to one, however late it is. */
const LOOKS = 10;
/** What is to be ended has not been at it for less. */
const MIN_STUCK_MS = 100;

/** @param onIdle Nothing waits any more: the next event calls `begin` again. */
export function createWatchdog(host: WorkerHost, onIdle: () => void): Watchdog {
  let timer: NodeJS.Timeout | undefined;
  let seen: Sight | undefined;
  let still = 0;
  /** Of those who are in a hurry. */
  const hurries = new Set<{ readonly stuckMs: number }>();
  const stuckMs = (): number =>
    Math.min(host.options.workerStuckMs, ...Array.from(hurries, (hurry) => hurry.stuckMs));

  function begin(): void {
    timer ??= runOutside(() => setTimeout(look, stuckMs() / LOOKS).unref());
  }

  function pause(): void {
    clearTimeout(timer);
    timer = undefined;
    seen = undefined;
    still = 0;
  }

  function look(): void {
    timer = undefined;
    const life = host.consumer?.life;
    // On this thread nothing can be stuck while this runs.
    if (life !== undefined && !host.inline) watch(lookAt(life));
    if (isAtRest(host)) {
      pause();
      onIdle();
    } else if (host.state !== 'stopped') begin();
  }

  function watch(sight: Sight): void {
    still = sight.place !== undefined && isStill(sight, seen) ? still + 1 : 0;
    seen = sight;
    if (sight.place === undefined) return;
    // A module may take so long to be loaded, whoever is in a hurry.
    const boundMs = sight.place.what === 'loading' ? host.options.workerStuckMs : stuckMs();
    const seenMs = still * (stuckMs() / LOOKS);
    if (still < LOOKS || seenMs < boundMs) return;
    still = 0;
    replaceStuck(host, sight.place, boundMs);
  }

  return {
    begin,
    hurry(ms) {
      const hurry = { stuckMs: Math.max(MIN_STUCK_MS, ms) };
      hurries.add(hurry);
      pause();
      begin();
      return () => void hurries.delete(hurry);
    },
    end: pause,
  };
}

/** Whether all that was published on its rings has settled. */
function isAtRest({ shared, further }: WorkerHost): boolean {
  return [shared, ...further.values()].every(({ ring }) => {
    const { words } = ringMemory(ring);
    return Atomics.load(words, HEAD) === Atomics.load(words, TAIL);
  });
}
