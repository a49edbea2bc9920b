/**
 * In-progress markers: shared memory says what the worker is at, so that a successor knows what it died of. There is a marker
 * for the work on one record, and one for the synchronous work on one batch (making its request, compressing it, writing it to
 * disk, reading the response). They never overlap.
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
import type { Batch } from '../delivery/batch.js';
import { isUnreleased, type Ledger, positionOf } from '../intake/ledger.js';
import { mark, unmark } from './record-marks.js';
import { numberOf } from './suspect-frames.js';

export function withRecordInProgress<T>({ words }: RingMemory, position: number, work: () => T): T {
  words[TAKING] = position;
  Atomics.store(words, TAKING_NOW, 1);
  try {
    return work();
  } finally {
    Atomics.store(words, TAKING_NOW, 0);
  }
}

/** Takes the record's marker off for work that is not the record's own, such as loading a module. */
export function outsideOfRecord<T>({ words }: RingMemory, work: () => T): T {
  const before = Atomics.exchange(words, TAKING_NOW, 0);
  try {
    return work();
  } finally {
    Atomics.store(words, TAKING_NOW, before);
  }
}

/** `work` must not settle anything: the records would be released, and what lies in their place would be marked. */
export function withBatchInProgress<T>(
  ledger: Ledger,
  batch: Pick<Batch, 'numbers' | 'spooled'>,
  work: () => T,
): T {
  const { memory } = ledger;
  const { words } = memory;
  // The ring may belong to another thread by now.
  if (ledger.closed) return work();
  const isOnRing = batch.spooled?.counted !== true;
  const positions = isOnRing
    ? batch.numbers
        .filter((number) => isUnreleased(ledger, number))
        .map((number) => positionOf(ledger, number))
    : [];
  for (const position of positions) mark(memory, position, IN_BATCH);
  words[BATCH_AT] = isOnRing ? (positions[0] ?? 0) : numberOf(batch.spooled?.frame);
  Atomics.store(words, BATCH_NOW, isOnRing ? BATCH_FROM_RING : BATCH_FROM_SPOOL);
  try {
    return work();
  } finally {
    Atomics.store(words, BATCH_NOW, 0);
    for (const position of positions) unmark(memory, position, IN_BATCH);
  }
}
