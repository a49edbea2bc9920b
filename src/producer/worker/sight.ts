/** What can be seen of a consumer in the words of its rings: whether it makes progress, and what it is at. */
import { isClaimed } from '../../shared/ring/ownership.js';
import {
  BATCH_AT,
  BATCH_FROM_SPOOL,
  BATCH_NOW,
  BEAT,
  HEAD,
  LOADING,
  READ,
  TAKING,
  TAKING_NOW,
} from '../../shared/ring/ring-layout.js';
import type { Life } from './worker-generation.js';

/** What the consumer is at: a record, a batch, a batch from the spool, or a module of the application's that it loads. */
export interface Place {
  readonly words: Int32Array;
  readonly what: 'record' | 'batch' | 'spooled batch' | 'loading';
  /** Of the record, of the first one of the batch; of a spooled one, the number of its frame; of a module, none. */
  readonly position: number;
}

export interface Sight {
  readonly life: Life;
  /** The same as before: the consumer has done nothing since. One thread serves all its rings. */
  readonly progress: number;
  /** Undefined: it is at none, or has not taken its rings yet. */
  readonly place: Place | undefined;
}

export function lookAt(life: Life): Sight {
  let progress = 0;
  let place: Place | undefined;
  for (const { words } of life.given) {
    for (const index of [BEAT, HEAD, READ]) progress = (progress + Atomics.load(words, index)) | 0;
    place ??= placeIn(words, life);
  }
  return { life, progress, place };
}

/** What an earlier consumer was at stands there until this one has taken the ring. */
function placeIn(words: Int32Array, { init }: Life): Place | undefined {
  if (!isClaimed(words, init.life)) return undefined;
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

export function isStill(now: Sight, before: Sight | undefined): boolean {
  return before !== undefined && now.life === before.life && now.progress === before.progress;
}
