/**
 * Brackets around what a worker may die of, so that its successor knows what it was at: the work on one record, and what is
 * synchronous for one batch (its request, its compression, its way to the disk, an answer to it). They never overlap.
 */
import {
  BATCH_AT,
  BATCH_FROM_RING,
  BATCH_FROM_SPOOL,
  BATCH_NOW,
  IN_BATCH,
  type RingMemory,
  TAKING,
  TAKING_NOW,
} from '../../shared/ring/ring-layout.js';
import type { Batch } from '../delivery/batcher.js';
import { isUnreleased, type Ledger, positionOf } from '../intake/ledger.js';
import { mark, unmark } from './record-marks.js';
import { numberOf } from './suspect-frames.js';

export function inRecordBracket<T>({ words }: RingMemory, position: number, work: () => T): T {
  words[TAKING] = position;
  Atomics.store(words, TAKING_NOW, 1);
  try {
    return work();
  } finally {
    Atomics.store(words, TAKING_NOW, 0);
  }
}

/** Leaves the bracket for work that has nothing to do with the record. */
export function apartFromTaking<T>({ words }: RingMemory, work: () => T): T {
  const before = Atomics.exchange(words, TAKING_NOW, 0);
  try {
    return work();
  } finally {
    Atomics.store(words, TAKING_NOW, before);
  }
}

/** Nothing is settled within it: the records would be released, and what lies in their place be marked. */
export function inBatchBracket<T>(
  ledger: Ledger,
  { numbers, spooled }: Pick<Batch, 'numbers' | 'spooled'>,
  work: () => T,
): T {
  const { memory } = ledger;
  const { words } = memory;
  // Its ring may be another thread's by now.
  if (ledger.closed) return work();
  const isOnRing = spooled?.counted !== true;
  const positions = isOnRing
    ? numbers.filter((number) => isUnreleased(ledger, number)).map((number) => positionOf(ledger, number))
    : [];
  for (const position of positions) mark(memory, position, IN_BATCH);
  words[BATCH_AT] = isOnRing ? (positions[0] ?? 0) : numberOf(spooled.frame);
  Atomics.store(words, BATCH_NOW, isOnRing ? BATCH_FROM_RING : BATCH_FROM_SPOOL);
  try {
    return work();
  } finally {
    Atomics.store(words, BATCH_NOW, 0);
    for (const position of positions) unmark(memory, position, IN_BATCH);
  }
}
