/** How the replay sends a batch: each one once, then another batch of the spool is tried. A batch that workers die of is halved. */
import type { SpooledBatch } from '../../spool/disk/segment-format.js';
import type { Frame } from '../../spool/disk/segments.js';
import type { ReplaySender } from '../../spool/replay.js';
import { type Batch, pick } from '../delivery/batch.js';
import { type Delivery, isSaturated, type Spooling } from '../delivery/delivery.js';
import { pendingFor, sendBatch } from '../delivery/send.js';
import { fail } from '../delivery/settlement.js';
import { isToHalve, noteHalves } from '../recovery/suspect-frames.js';
import { sendNow } from '../transport/request-scheduler.js';
import { divideFrame } from './spooling.js';

/** `live`: of batches from the ring; `delivery`: of batches from the spool. */
export function createReplaySender(live: Delivery, delivery: Delivery, spooling: Spooling): ReplaySender {
  return {
    isBusy: () => isSaturated(live),
    async send(frame, content, isLastTry) {
      const batch = batchOf(delivery, frame, content);
      if (isToHalve(delivery.ledger.memory.words, frame)) return halve(delivery, spooling, batch);
      const pending = pendingFor(delivery, batch);
      if (isLastTry) pending.deadline = 0;
      await sendBatch(delivery, batch, pending);
    },
    expedite: () => sendNow(delivery.scheduler, delivery.requestQueue),
  };
}

function batchOf({ ledger }: Delivery, frame: Frame, { lane, records }: SpooledBatch): Batch {
  return {
    lane,
    records: [...records],
    numbers: frame.ordinals.map((ordinal) => ordinal - ledger.released),
    suspicion: 0,
    spooled: { frame, counted: true, from: frame.from },
  };
}

async function halve(delivery: Delivery, spooling: Spooling, batch: Batch): Promise<void> {
  const { words } = delivery.ledger.memory;
  const { length } = batch.records;
  if (length === 1) {
    noteHalves(words);
    return fail(delivery, batch, 'it has crashed workers');
  }
  const halves = [
    pick(batch, (index) => index < length >> 1),
    pick(batch, (index) => index >= length >> 1),
  ] as const;
  divideFrame(delivery, batch, halves);
  const [first, second] = halves.map(({ spooled }) => spooled?.frame);
  noteHalves(words, first, second);
  for (const half of halves) {
    // If the disk has failed, the half is only in memory.
    if (half.spooled?.frame === undefined) await sendBatch(delivery, half);
    else spooling.disk.putBack(spooling.spool, half.spooled.frame);
  }
}
