/**
 * Settles a batch whose records have settled as spooled: finishes its frame on disk, then counts its records as sent or failed.
 * The worker may die between the two, so it first writes to shared memory what it is about to count.
 */

import { type ErrorMessage, message } from '../../messages/message.js';
import { counted } from '../../messages/quantities.js';
import {
  FAILED_IN_SPOOL,
  SENT_FROM_SPOOL,
  SETTLING_COUNT,
  SETTLING_FRAME,
  SETTLING_REPORT,
} from '../../shared/ring/ring-layout.js';
import type { Frame } from '../../spool/disk/segments.js';
import type { Batch } from '../delivery/batch.js';
import type { SettlingParts } from '../delivery/delivery.js';
import { nextNotice, reportFailed } from '../delivery/failure-notices.js';
import { isUnreleased, type Ledger, markSent, ordinalOf, SETTLED } from '../intake/ledger.js';
import { countReleased, settleInherited, settleSpooled } from '../intake/spooled-records.js';
import { numberOf } from '../recovery/suspect-frames.js';

/** After the final counts, frames stay on disk: whoever sends them next counts them. */
export function finishFrame({ spooling, ledger }: SettlingParts, { spooled }: Batch): void {
  if (spooling === undefined || spooled?.frame === undefined || ledger.closed) return;
  spooling.disk.finish(spooling.spool, spooled.frame);
}

export function sendFrame(parts: SettlingParts, batch: Batch): void {
  const { ledger } = parts;
  const { numbers, spooled } = batch;
  const from = spooled?.from ?? 'ring';
  if (ledger.closed) return;
  if (from === 'ring') {
    markSettling(ledger, batch, 1);
    finishFrame(parts, batch);
    markSent(ledger, numbers);
    settleSpooled(ledger, ordinalsOf(ledger, batch), SETTLED.sent);
  } else {
    finishFrame(parts, batch);
    settleInherited(ledger, numbers.length, from, SETTLED.sent);
  }
}

export function failFrame(parts: SettlingParts, batch: Batch, message: ErrorMessage): void {
  const { ledger } = parts;
  const { numbers, spooled } = batch;
  const from = spooled?.from ?? 'ring';
  if (from === 'ring') {
    markSettling(ledger, batch, -1);
    finishFrame(parts, batch);
    const onRing = numbers.filter((number) => isUnreleased(ledger, number));
    reportFailed(parts, onRing, message, numbers.length);
    settleSpooled(ledger, ordinalsOf(ledger, batch), SETTLED.failed);
  } else {
    finishFrame(parts, batch);
    reportFailed(parts, [], message, numbers.length);
    settleInherited(ledger, numbers.length, from, SETTLED.failed);
  }
}

/** Completes what a dead worker was settling. `frames`: the unfinished frames of this engine. */
export function resumeSettling(
  parts: Pick<SettlingParts, 'ledger' | 'notices'>,
  frames: readonly Frame[],
): void {
  const { ledger } = parts;
  const { words, counters } = ledger.memory;
  const settling = words[SETTLING_FRAME] as number;
  if (settling === 0) return;
  const count = words[SETTLING_COUNT] as number;
  const isDone = !frames.some((frame) => numberOf(frame) === settling);
  if (isDone && count < 0 && words[SETTLING_REPORT] !== 0) {
    words[SETTLING_REPORT] = nextNotice(ledger);
    reportFailed(
      parts,
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

/** Writes down what is about to be counted. A batch without a frame is only in memory and is lost with the worker. */
function markSettling(ledger: Ledger, batch: Batch, sign: 1 | -1): void {
  const { words } = ledger.memory;
  const frame = numberOf(batch.spooled?.frame);
  words[SETTLING_COUNT] = sign * countReleased(ledger, ordinalsOf(ledger, batch));
  words[SETTLING_REPORT] = nextNotice(ledger);
  Atomics.store(words, SETTLING_FRAME, frame);
}

function ordinalsOf(ledger: Ledger, { numbers }: Batch): number[] {
  return numbers.map((number) => ordinalOf(ledger, number));
}
