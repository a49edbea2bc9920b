/**
 * Decides when batches go to disk. The records of a spooled batch have settled, so their space on the ring is free. The batch
 * is sent from disk (replay) once its current attempt, if any, has failed.
 *
 * Batches are spooled
 *   - when their retry window has ended,
 *   - when they are stuck while the ring is more than half full or a flush waits,
 *   - at shutdown, if they are undelivered.
 * With mode `always` a batch is also written before it is sent; it counts as spooled in the same cases.
 */

import { message } from '../../messages/message.js';
import { countedPlural } from '../../messages/quantities.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import type { SpooledBatch } from '../../spool/disk/segment-format.js';
import type { Frame, Origin } from '../../spool/disk/segments.js';
import { type Batch, isOnDisk } from '../delivery/batch.js';
import {
  type Delivery,
  removeQueued,
  reportRoom,
  type SettlingParts,
  type Spooling,
} from '../delivery/delivery.js';
import { reportFailed } from '../delivery/failure-notices.js';
import { fail } from '../delivery/settlement.js';
import { type Ledger, ordinalOf, SETTLED, settle } from '../intake/ledger.js';
import { failSpooled } from '../intake/spooled-records.js';
import { withBatchInProgress } from '../recovery/in-progress.js';
import { cancelWaiting, isCircuitOpen, isStuck } from '../transport/request-scheduler.js';
import type { Retryable } from '../transport/retrying-transport.js';

/** While the ring fills up, a batch under way for longer is stuck. Healthy servers answer sooner. */
const PATIENCE_MS = 250;

/** With mode `always`: writes a batch before it is sent. If the disk fails, the batch is sent anyway. */
export function spoolBeforeSending({ spooling, ledger }: Delivery, batch: Batch): void {
  if (ledger.closed || spooling?.mode !== 'always' || batch.spooled !== undefined) return;
  write(spooling, ledger, [batch]);
}

/**
 * Leaves a batch that cannot be delivered for now to the replay. Returns false if it is not on disk. A shutdown does not retry what is
 * misconfigured: nobody else would say what that is.
 */
export function keepForLater(
  delivery: Delivery,
  batch: Batch,
  { retryAfterMs = 0, misconfigured, reason }: Retryable,
): boolean {
  const { spooling, ledger } = delivery;
  if (ledger.closed) return true;
  if (spooling === undefined || !settleOnDisk(delivery, [batch], misconfigured ? reason : '')) return false;
  if (batch.spooled?.frame === undefined) return false;
  spooling.disk.putBack(spooling.spool, batch.spooled.frame);
  delivery.onKept(retryAfterMs);
  return true;
}

/** Gives each part of a batch a frame of its own, because the parts settle apart. */
export function divideFrame({ spooling, ledger }: Delivery, batch: Batch, all: readonly Batch[]): void {
  const { spooled } = batch;
  if (spooling === undefined || spooled === undefined || ledger.closed) return;
  const parts = all.filter(({ records }) => records.length > 0);
  const frames = withBatchInProgress(ledger, batch, () =>
    spooling.disk.keep(
      spooling.spool,
      parts.map((part) => contentOf(ledger, part)),
      spooled.from,
    ),
  );
  for (const [index, part] of parts.entries()) part.spooled = { ...spooled, frame: frames?.[index] };
  if (spooled.frame !== undefined) spooling.disk.finish(spooling.spool, spooled.frame);
}

/** Frees the ring: spools batches that are stuck, and those queued behind them. */
export function relieve(
  delivery: Delivery,
  { pressed, flushing }: { pressed: boolean; flushing: boolean },
): void {
  const { spooling, scheduler } = delivery;
  if (spooling === undefined) return;
  if (pressed || flushing) settleStuck(delivery, spooling, pressed);
  // Batches on disk no longer wait in memory: their number would grow with the length of an outage.
  const onDisk = [...delivery.underWay].filter(
    ({ batch }) => isOnDisk(batch) && batch.spooled?.frame !== undefined,
  );
  cancelWaiting(
    scheduler,
    onDisk.flatMap(({ pending }) => pending ?? []),
  );
}

function settleStuck(delivery: Delivery, spooling: Spooling, pressed: boolean): void {
  const { queue, scheduler } = delivery;
  const patient = monotonicNow() - PATIENCE_MS;
  const stuck = [...delivery.underWay].filter(
    ({ hasFailedAttempt, startedAt }) => hasFailedAttempt || (pressed && startedAt < patient),
  );
  const unsettled = stuck.map(({ batch }) => batch).filter((batch) => !isOnDisk(batch));
  // If the server answers, a queue may be long without being stuck. Requests of other rings may hold all slots.
  const isHeldUp = pressed && (stuck.length > 0 || isStuck(scheduler, PATIENCE_MS));
  const waiting = queue.filter(({ pending }) => isHeldUp || isCircuitOpen(pending));
  const batches = [...unsettled, ...waiting.map(({ batch }) => batch)];
  if (batches.length === 0 || !settleOnDisk(delivery, batches)) return;
  if (waiting.length === 0) return;
  for (const one of waiting) {
    const { frame } = one.batch.spooled ?? {};
    removeQueued(delivery, one);
    if (frame !== undefined) spooling.disk.putBack(spooling.spool, frame);
  }
  cancelWaiting(
    scheduler,
    waiting.map(({ pending }) => pending),
  );
  delivery.onKept(0);
  reportRoom(delivery);
}

/** At shutdown: spools all undelivered batches and empties the queue. */
export function spoolAll(delivery: Delivery): void {
  const { queue } = delivery;
  const underWay = [...delivery.underWay].map(({ batch }) => batch);
  const queued = queue.map(({ batch }) => batch);
  const open = [...underWay, ...queued].filter((batch) => !isOnDisk(batch));
  if (open.length > 0) settleOnDisk(delivery, open);
  queue.length = 0;
}

const SPOOLED_BY: Record<Origin, string> = {
  ring: 'spooled events',
  thread: 'spooled events of a thread that has ended',
  earlier: 'events of an earlier process',
};

/** Settles frames that the spool has dropped. */
export function failFrames(parts: SettlingParts, frames: readonly Frame[], reason: string): void {
  for (const from of Object.keys(SPOOLED_BY) as Origin[]) {
    const ordinals = frames.filter((frame) => frame.from === from).flatMap((frame) => frame.ordinals);
    if (ordinals.length === 0) continue;
    fail(
      parts,
      {
        lane: SPOOLED_BY[from],
        records: ordinals.map((ordinal) => ({ lane: '', id: `no. ${ordinal}`, bytes: new Uint8Array() })),
        numbers: ordinals.map((ordinal) => ordinal - parts.ledger.released),
        suspicion: 0,
        spooled: { frame: undefined, counted: true, from },
      },
      reason,
    );
  }
}

/** Settles events that were in the spool and cannot be read any more. */
export function failMissing(parts: SettlingParts, events: number, from: Origin, reason: string): void {
  const { ledger } = parts;
  if (ledger.closed) return;
  const lost = countedPlural(events, SPOOLED_BY[from]);
  reportFailed(parts, [], message('TAILRACE_NOT_DELIVERED', lost, '', reason), events);
  failSpooled(ledger, events, from);
}

/** Settles batches as spooled. Returns false, and changes nothing, if the disk fails. */
function settleOnDisk(
  { spooling, ledger, notices }: Delivery,
  batches: readonly Batch[],
  reason = '',
): boolean {
  if (spooling === undefined) return false;
  const unwritten = batches.filter(({ spooled }) => spooled?.frame === undefined);
  if (unwritten.length > 0 && !write(spooling, ledger, unwritten)) return false;
  const numbers: number[] = [];
  for (const batch of batches) {
    if (batch.spooled === undefined || batch.spooled.counted) continue;
    batch.spooled.counted = true;
    numbers.push(...batch.numbers);
  }
  settle(ledger, numbers, SETTLED.spooled);
  if (numbers.length > 0) {
    const { dir } = spooling.spool.folders;
    notices.warning(message('TAILRACE_SPOOLED', numbers.length, dir, reason));
  }
  return true;
}

function write(spooling: Spooling, ledger: Ledger, batches: readonly Batch[]): boolean {
  // A batch that workers have died of is written alone, so that no other batch is blamed if it happens again.
  const isSuspect = batches.some(({ suspicion }) => suspicion > 0);
  if (isSuspect && batches.length > 1) return batches.every((batch) => write(spooling, ledger, [batch]));
  const { spool, disk } = spooling;
  // The records of a batch that has settled as spooled are no longer on the ring.
  const isCounted = batches[0] !== undefined && isOnDisk(batches[0]);
  const all = { numbers: isCounted ? [] : batches.flatMap(({ numbers }) => numbers) };
  const frames = withBatchInProgress(ledger, all, () =>
    disk.keep(
      spool,
      batches.map((batch) => contentOf(ledger, batch)),
      batches[0]?.spooled?.from,
    ),
  );
  if (frames === undefined) return false;
  for (const [index, batch] of batches.entries()) {
    const { counted = false, from = 'ring' } = batch.spooled ?? {};
    batch.spooled = { frame: frames[index], counted, from };
  }
  return true;
}

function contentOf(ledger: Ledger, { lane, records, numbers }: Batch): SpooledBatch {
  return { lane, records, ordinals: numbers.map((number) => ordinalOf(ledger, number)) };
}
