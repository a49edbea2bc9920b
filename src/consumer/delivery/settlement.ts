/** What becomes of a batch in the end: counted, its space released, its frame in the spool done. */

import { type ErrorMessage, message } from '../../messages/message.js';
import { countedPlural } from '../../messages/quantities.js';
import { BYTES_SENT } from '../../shared/ring/ring-layout.js';
import { printableName } from '../../shared/untrusted-text/printable.js';
import { markDelivered, Settled, settle } from '../intake/ledger.js';
import { failFrame, finishFrame, sendFrame } from '../spooling/frame-settlement.js';
import type { Batch } from './batcher.js';
import type { Delivery } from './delivery.js';
import { tellFailed } from './failure-notices.js';

const NAMED_IN_A_MESSAGE = 3;

export function succeed(delivery: Delivery, batch: Batch, bodyBytes: number): void {
  const { ledger } = delivery;
  if (!ledger.closed) Atomics.add(ledger.memory.counters, BYTES_SENT, BigInt(bodyBytes));
  delivery.onSent();
  if (batch.spooled?.counted !== true) finishFrame(delivery, batch);
  // A record that was spooled has settled before, and holds nothing up.
  const waits = (index: number): boolean =>
    batch.spooled?.counted !== true && batch.records[index]?.settlesAfter !== undefined;
  for (const [index, { settlesAfter }] of batch.records.entries()) {
    if (!waits(index)) continue;
    const one = pick(batch, (other) => other === index);
    markDelivered(ledger, batch.numbers[index] as number);
    // An exporter of the user's own may give anything; a rejection that nobody takes would end the worker.
    const settled = () => conclude(delivery, one);
    void Promise.resolve(settlesAfter).then(settled, settled);
  }
  conclude(delivery, batch.records.some((_, index) => waits(index)) ? pick(batch, (i) => !waits(i)) : batch);
}

export function fail(delivery: Delivery, batch: Batch, reason: string): void {
  const ids = batch.records.slice(0, NAMED_IN_A_MESSAGE).map(({ id }) => printableName(String(id)));
  const others = batch.records.length - ids.length;
  giveUp(
    delivery,
    batch,
    message(
      'TAILRACE_NOT_DELIVERED',
      countedPlural(batch.records.length, printableName(batch.lane)),
      ` (${ids.join(', ')}${others > 0 ? `, and ${others} more` : ''})`,
      reason,
    ),
  );
}

export function giveUp(delivery: Delivery, batch: Batch, message: ErrorMessage): void {
  // The producer counts and names what a shutdown leaves undelivered.
  if (delivery.ledger.closed) return;
  if (isOnDisk(batch)) {
    failFrame(delivery, batch, message);
  } else {
    // Before it is told: what is found in the spool would be sent after all.
    finishFrame(delivery, batch);
    tellFailed(delivery, batch.numbers, message);
    settle(delivery.ledger, batch.numbers, Settled.failed);
  }
}

/** The part of a batch whose indices are wanted. Its frame in the spool is that of the whole. */
export function pick(batch: Batch, wanted: (index: number) => boolean): Batch {
  return {
    ...batch,
    records: batch.records.filter((_, index) => wanted(index)),
    numbers: batch.numbers.filter((_, index) => wanted(index)),
  };
}

function conclude(delivery: Delivery, batch: Batch): void {
  if (isOnDisk(batch)) {
    sendFrame(delivery, batch);
  } else {
    finishFrame(delivery, batch);
    settle(delivery.ledger, batch.numbers, Settled.sent);
  }
}

/** Its records have settled as spooled: what becomes of them now is a matter of the spool. */
function isOnDisk({ spooled }: Batch): boolean {
  return spooled?.counted === true;
}
