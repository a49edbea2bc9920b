/**
 * What becomes of a batch whose records have settled as spooled: its frame on disk is done, and they are counted. A worker may
 * die between the two, so it writes down in shared memory first what it is about to count.
 */
import { type ErrorMessage, message } from '../../messages/message.js';
import { counted } from '../../messages/quantities.js';
import {
  FAILED_IN_SPOOL,
  SENT_FROM_SPOOL,
  SETTLING_COUNT,
  SETTLING_FRAME,
  SETTLING_TELLING,
} from '../../shared/ring/ring-layout.js';
import type { Frame } from '../../spool/segments.js';
import type { Batch } from '../delivery/batcher.js';
import type { Delivery } from '../delivery/delivery.js';
import { nextNotice, tellFailed } from '../delivery/failure-notices.js';
import {
  countReleased,
  isUnreleased,
  markSent,
  ordinalOf,
  Settled,
  settleInherited,
  settleSpooled,
} from '../intake/ledger.js';
import { numberOf } from '../recovery/suspect-frames.js';

/** Once the account is drawn up, what it has as spooled stays on disk, for the one who sends it next to count. */
export function finishFrame({ spooling, ledger }: Delivery, { spooled }: Batch): void {
  if (spooling === undefined || spooled?.frame === undefined || ledger.closed) return;
  spooling.disk.finish(spooling.spool, spooled.frame);
}

export function sendFrame(delivery: Delivery, batch: Batch): void {
  const { ledger } = delivery;
  const { numbers, spooled } = batch;
  const from = spooled?.from ?? 'ring';
  if (ledger.closed) return;
  if (from === 'ring') {
    intend(delivery, batch, 1);
    finishFrame(delivery, batch);
    markSent(ledger, numbers);
    settleSpooled(ledger, ordinalsOf(delivery, batch), Settled.sent);
  } else {
    finishFrame(delivery, batch);
    settleInherited(ledger, numbers.length, from, Settled.sent);
  }
}

export function failFrame(delivery: Delivery, batch: Batch, message: ErrorMessage): void {
  const { ledger } = delivery;
  const { numbers, spooled } = batch;
  const from = spooled?.from ?? 'ring';
  if (from === 'ring') {
    intend(delivery, batch, -1);
    finishFrame(delivery, batch);
    const onRing = numbers.filter((number) => isUnreleased(ledger, number));
    tellFailed(delivery, onRing, message, numbers.length);
    settleSpooled(ledger, ordinalsOf(delivery, batch), Settled.failed);
  } else {
    finishFrame(delivery, batch);
    tellFailed(delivery, [], message, numbers.length);
    settleInherited(ledger, numbers.length, from, Settled.failed);
  }
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
      message(
        'TAILRACE_NOT_DELIVERED',
        counted(-count, 'spooled event'),
        '',
        'the worker died before it reported why',
      ),
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
