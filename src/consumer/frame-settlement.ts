/**
 * What becomes of a batch whose records have settled as spooled: its frame on disk is done, and they are counted. A worker may
 * die between the two, so it writes down in shared memory first what it is about to count.
 */
import {
  FAILED_IN_SPOOL,
  RECOVERED,
  SENT_FROM_SPOOL,
  SETTLING_COUNT,
  SETTLING_FRAME,
  SETTLING_TELLING,
} from '../shared/ring-layout.js';
import type { Frame } from '../spool/segments.js';
import type { Batch } from './batcher.js';
import type { Delivery } from './delivery.js';
import { countReleased, isUnreleased, markSent, ordinalOf, Settled, settleSpooled } from './ledger.js';
import { numberOf } from './suspect-frames.js';
import { nextNotice, tellFailed } from './telling.js';

export function finishFrame({ spooling }: Delivery, { spooled }: Batch): void {
  if (spooling !== undefined && spooled?.frame !== undefined)
    spooling.disk.finish(spooling.spool, spooled.frame);
}

export function sendFrame(delivery: Delivery, batch: Batch): void {
  const { ledger } = delivery;
  const { numbers, spooled } = batch;
  const isOurs = spooled?.ours === true;
  if (isOurs && !ledger.closed) intend(delivery, batch, 1);
  finishFrame(delivery, batch);
  // Its ring may be another thread's by now.
  if (ledger.closed) return;
  if (isOurs) {
    markSent(ledger, numbers);
    settleSpooled(ledger, ordinalsOf(delivery, batch), Settled.sent);
  } else {
    Atomics.add(ledger.memory.counters, RECOVERED, BigInt(numbers.length));
  }
}

export function failFrame(delivery: Delivery, batch: Batch, message: string): void {
  const { ledger } = delivery;
  const { numbers, spooled } = batch;
  const isOurs = spooled?.ours === true;
  if (isOurs) intend(delivery, batch, -1);
  finishFrame(delivery, batch);
  const onRing = isOurs ? numbers.filter((number) => isUnreleased(ledger, number)) : [];
  // Events of an earlier process are in none of this one's counts, so neither are they in the sum of what is told.
  tellFailed(delivery, onRing, message, isOurs ? numbers.length : 0);
  if (isOurs) settleSpooled(ledger, ordinalsOf(delivery, batch), Settled.failed);
}

/** Of a worker that has died meanwhile. `frames`: those of this engine that are not done. */
export function resumeSettling(delivery: Delivery, frames: readonly Frame[]): void {
  const { ledger } = delivery;
  const { words, counters } = ledger.memory;
  const settling = words[SETTLING_FRAME] as number;
  if (settling === 0) return;
  const count = words[SETTLING_COUNT] as number;
  const isDone = !frames.some((frame) => numberOf(frame) === settling);
  if (isDone && count < 0 && words[SETTLING_TELLING] !== 0) {
    words[SETTLING_TELLING] = nextNotice(ledger);
    tellFailed(
      delivery,
      [],
      `${-count} spooled events not delivered: the worker died as it was about to say why`,
      -count,
    );
  }
  const counter = count < 0 ? FAILED_IN_SPOOL : SENT_FROM_SPOOL;
  const added = isDone ? BigInt(Math.abs(count)) : 0n;
  Atomics.add(counters, counter, added);
  Atomics.store(words, SETTLING_FRAME, 0);
}

/** A frame of undefined is in memory alone: whoever dies of it takes it along. */
function intend(delivery: Delivery, batch: Batch, sign: 1 | -1): void {
  const { ledger } = delivery;
  const { words } = ledger.memory;
  const frame = numberOf(batch.spooled?.frame);
  words[SETTLING_COUNT] = sign * countReleased(ledger, ordinalsOf(delivery, batch));
  words[SETTLING_TELLING] = nextNotice(ledger);
  Atomics.store(words, SETTLING_FRAME, frame);
}

function ordinalsOf({ ledger }: Delivery, { numbers }: Batch): number[] {
  return numbers.map((number) => ordinalOf(ledger, number));
}
