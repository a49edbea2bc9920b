/** What becomes of a batch in the end: counted, its space released, its frame in the spool done. */
import { printableName } from '../shared/printable.js';
import { BYTES_SENT } from '../shared/ring-layout.js';
import type { Batch } from './batcher.js';
import type { Delivery } from './delivery.js';
import { markDelivered, ordinalOf, Settled, settle, settleInherited, settleSpooled } from './ledger.js';
import { tellFailed } from './telling.js';

const NAMED_IN_A_MESSAGE = 3;

export function succeed(delivery: Delivery, batch: Batch, bodyBytes: number): void {
  const { ledger } = delivery;
  if (!ledger.closed) Atomics.add(ledger.memory.counters, BYTES_SENT, BigInt(bodyBytes));
  delivery.onSent();
  finishFrame(delivery, batch);
  // A record that was spooled has settled before, and holds nothing up.
  const waits = (index: number): boolean =>
    batch.spooled?.counted !== true && batch.records[index]?.settlesAfter !== undefined;
  for (const [index, { settlesAfter }] of batch.records.entries()) {
    if (!waits(index)) continue;
    const one = pick(batch, (other) => other === index);
    markDelivered(ledger, batch.numbers[index] as number);
    // An exporter of the user's own may give anything; a rejection that nobody takes would end the worker.
    const settled = () => conclude(delivery, one, Settled.sent);
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
    `${batch.records.length} ${printableName(batch.lane)} not delivered (${ids.join(', ')}${others > 0 ? `, and ${others} more` : ''}): ${reason}`,
  );
}

export function giveUp(delivery: Delivery, batch: Batch, message: string): void {
  // The producer counts and names what a shutdown leaves undelivered.
  if (delivery.ledger.closed) return;
  // Before it is told: what is found in the spool would be sent after all.
  finishFrame(delivery, batch);
  const onRing = batch.spooled?.counted === true ? [] : batch.numbers;
  tellFailed(delivery, onRing, message, batch.records.length);
  conclude(delivery, batch, Settled.failed);
}

/** The part of a batch whose indices are wanted. Its frame in the spool is that of the whole. */
export function pick(batch: Batch, wanted: (index: number) => boolean): Batch {
  return {
    ...batch,
    records: batch.records.filter((_, index) => wanted(index)),
    numbers: batch.numbers.filter((_, index) => wanted(index)),
  };
}

function conclude(
  delivery: Delivery,
  batch: Batch,
  settlement: typeof Settled.sent | typeof Settled.failed = Settled.sent,
): void {
  const { ledger } = delivery;
  const { numbers, spooled } = batch;
  // Before it is counted: a successor would count again what it finds in the spool.
  finishFrame(delivery, batch);
  if (spooled?.counted !== true) {
    settle(ledger, numbers, settlement);
  } else if (spooled.from === 'ring') {
    const ordinals = numbers.map((number) => ordinalOf(ledger, number));
    settleSpooled(ledger, ordinals, settlement);
  } else {
    settleInherited(ledger, numbers.length, spooled.from, settlement);
  }
}

/** Once the account is drawn up, what it has as spooled stays on disk, for the one who sends it next to count. */
function finishFrame({ spooling, ledger }: Delivery, { spooled }: Batch): void {
  if (spooling === undefined || spooled?.frame === undefined || ledger.closed) return;
  spooling.disk.finish(spooling.spool, spooled.frame);
}
