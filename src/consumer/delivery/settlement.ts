/** Settles the records of a batch: counts them, releases their space on the ring, and finishes their frame in the spool. */

import { type ErrorMessage, message } from '../../messages/message.js';
import { countedPlural } from '../../messages/quantities.js';
import { BYTES_SENT } from '../../shared/ring/ring-layout.js';
import { printableName } from '../../shared/untrusted-text/printable.js';
import { markDelivered, SETTLED, settle } from '../intake/ledger.js';
import { failFrame, finishFrame, sendFrame } from '../spooling/frame-settlement.js';
import { type Batch, isOnDisk, pick } from './batch.js';
import type { Delivery, SettlingParts } from './delivery.js';
import { reportFailed } from './failure-notices.js';

const NAMED_IN_A_MESSAGE = 3;

/** The server has accepted these records. `bodyBytes`: size of the request body that they were in. */
export function succeed(delivery: Delivery, batch: Batch, bodyBytes: number): void {
  const { ledger } = delivery;
  if (!ledger.closed) Atomics.add(ledger.memory.counters, BYTES_SENT, BigInt(bodyBytes));
  delivery.onSent();
  if (!isOnDisk(batch)) finishFrame(delivery, batch);
  // A spooled record has settled before, so it holds up no other record on the ring.
  const waits = (index: number): boolean =>
    !isOnDisk(batch) && batch.records[index]?.settlesAfter !== undefined;
  for (const [index, { settlesAfter }] of batch.records.entries()) {
    if (!waits(index)) continue;
    const one = pick(batch, (other) => other === index);
    markDelivered(ledger, batch.numbers[index] as number);
    // An application's exporter may return anything here; an unhandled rejection would end the worker.
    const settled = () => settleSent(delivery, one);
    void Promise.resolve(settlesAfter).then(settled, settled);
  }
  settleSent(
    delivery,
    batch.records.some((_, index) => waits(index)) ? pick(batch, (i) => !waits(i)) : batch,
  );
}

export function fail(parts: SettlingParts, batch: Batch, reason: string): void {
  const ids = batch.records.slice(0, NAMED_IN_A_MESSAGE).map(({ id }) => printableName(String(id)));
  const others = batch.records.length - ids.length;
  failWithMessage(
    parts,
    batch,
    message(
      'TAILRACE_NOT_DELIVERED',
      countedPlural(batch.records.length, printableName(batch.lane)),
      ` (${ids.join(', ')}${others > 0 ? `, and ${others} more` : ''})`,
      reason,
    ),
  );
}

export function failWithMessage(parts: SettlingParts, batch: Batch, message: ErrorMessage): void {
  // After a shutdown the producer counts and reports what is undelivered.
  if (parts.ledger.closed) return;
  if (isOnDisk(batch)) {
    failFrame(parts, batch, message);
  } else {
    // Before the notice: a frame that is found in the spool would be sent although it was reported as failed.
    finishFrame(parts, batch);
    reportFailed(parts, batch.numbers, message);
    settle(parts.ledger, batch.numbers, SETTLED.failed);
  }
}

function settleSent(parts: SettlingParts, batch: Batch): void {
  if (isOnDisk(batch)) {
    sendFrame(parts, batch);
  } else {
    finishFrame(parts, batch);
    settle(parts.ledger, batch.numbers, SETTLED.sent);
  }
}
