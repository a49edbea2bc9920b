/**
 * Tells the successor of a consumer that we end why we do: else it takes the record that the consumer was at for what it died
 * of. Before its thread is ended.
 */
import { isClaimed } from '../../shared/ring/ownership.js';
import { END_CAUSE, ENDED_AS_STUCK, ENDED_BY_US, STUCK_AT } from '../../shared/ring/ring-layout.js';
import type { Place } from './sight.js';
import type { Life } from './worker-generation.js';

/** Nobody is to blame. */
export function sayEnded({ given, init }: Life): void {
  // On a ring that it has not taken stands what became of the one before it.
  for (const { words } of given) {
    if (isClaimed(words, init.life)) Atomics.store(words, END_CAUSE, ENDED_BY_US);
  }
}

/** What is in that place is. */
export function sayStuck(life: Life, { words, position }: Place): void {
  sayEnded(life);
  Atomics.store(words, STUCK_AT, position);
  Atomics.store(words, END_CAUSE, ENDED_AS_STUCK);
}
