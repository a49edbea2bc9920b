/**
 * When batches go to disk. One that was spooled has settled, so its space on the ring is free; it is sent from disk (replay)
 * once the attempt that is under way, if one is, has come to nothing.
 *
 * Spooled is: what was tried for as long as the application allows; what is stuck while the ring is more than half full,
 * or while a flush waits; at shutdown, all that is undelivered. With mode `always` a batch is written before it is sent,
 * and counts as spooled in those same cases.
 */
import { message } from '../../messages/message.js';
import { countedPlural } from '../../messages/quantities.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import type { SpoolMode } from '../../shared/spool-options.js';
import type { SpooledBatch } from '../../spool/segment.js';
import type { Frame, Origin, Spool } from '../../spool/segments.js';
import type * as Disk from '../../spool/spool.js';
import { takeOut, tellRoom } from '../delivery/backlog.js';
import type { Batch } from '../delivery/batcher.js';
import type { Delivery } from '../delivery/delivery.js';
import { tellFailed } from '../delivery/failure-notices.js';
import { isRefusing, isStuck, leaveAll } from '../delivery/gate.js';
import { fail } from '../delivery/settlement.js';
import { failSpooled, type Ledger, ordinalOf, Settled, settle } from '../intake/ledger.js';
import { inBatchBracket } from '../recovery/brackets.js';

export interface Spooling {
  readonly spool: Spool;
  readonly mode: SpoolMode;
  /** What can be done with it. */
  readonly disk: typeof Disk;
}

/** What a batch has to do with the spool. */
export interface SpooledState {
  /** Undefined: the disk failed when the batch was divided. */
  readonly frame: Frame | undefined;
  /** Whether its records have settled as spooled. */
  counted: boolean;
  readonly from: Origin;
}

/** A batch under way for longer is stuck, if the ring is filling up. Sound servers answer sooner. */
const PATIENCE_MS = 250;

/** With mode `always`: writes a batch before it is sent. A fault of the disk does not keep it from being sent. */
export function spoolBeforeSending({ spooling, ledger }: Delivery, batch: Batch): void {
  if (ledger.closed || spooling?.mode !== 'always' || batch.spooled !== undefined) return;
  write(spooling, ledger, [batch]);
}

/** Whether what was undeliverable for now is on disk, from where it will be sent. */
export function keepForLater(delivery: Delivery, batch: Batch, retryAfterMs = 0): boolean {
  const { spooling, ledger } = delivery;
  if (ledger.closed) return true;
  if (spooling === undefined || !settleOnDisk(delivery, [batch])) return false;
  if (batch.spooled?.frame === undefined) return false;
  spooling.disk.release(spooling.spool, batch.spooled.frame);
  delivery.onKept(retryAfterMs);
  return true;
}

/** Gives the parts of a batch frames of their own: each may come to another end. */
export function divideFrame({ spooling, ledger }: Delivery, batch: Batch, all: readonly Batch[]): void {
  const { spooled } = batch;
  if (spooling === undefined || spooled === undefined || ledger.closed) return;
  const parts = all.filter(({ records }) => records.length > 0);
  const frames = inBatchBracket(ledger, batch, () =>
    spooling.disk.keep(
      spooling.spool,
      parts.map((part) => contentOf(ledger, part)),
      spooled.from,
    ),
  );
  for (const [index, part] of parts.entries()) part.spooled = { ...spooled, frame: frames?.[index] };
  if (spooled.frame !== undefined) spooling.disk.finish(spooling.spool, spooled.frame);
}

/** Frees the ring of what is stuck, and what is queued behind it: on disk it need not wait there. */
export function relieve(
  delivery: Delivery,
  { pressed, flushing }: { pressed: boolean; flushing: boolean },
): void {
  const { spooling, gate } = delivery;
  if (spooling === undefined) return;
  if (pressed || flushing) settleStuck(delivery, spooling, pressed);
  // From here on they are sent from disk: in memory they would be as many as an outage is long.
  const onDisk = [...delivery.underWay].filter(
    ({ batch: { spooled } }) => spooled?.counted === true && spooled.frame !== undefined,
  );
  leaveAll(
    gate,
    onDisk.flatMap(({ turn }) => turn ?? []),
  );
}

function settleStuck(delivery: Delivery, spooling: Spooling, pressed: boolean): void {
  const { queue, gate } = delivery;
  const patient = monotonicNow() - PATIENCE_MS;
  const stuck = [...delivery.underWay].filter(
    ({ troubled, startedAt }) => troubled || (pressed && startedAt < patient),
  );
  const unsettled = stuck.map(({ batch }) => batch).filter(({ spooled }) => spooled?.counted !== true);
  // Behind a server that answers, the queue is but long. Its slots may be taken by requests of other rings.
  const isHeldUp = pressed && (stuck.length > 0 || isStuck(gate, PATIENCE_MS));
  const waiting = queue.filter(({ turn }) => isHeldUp || isRefusing(turn));
  const batches = [...unsettled, ...waiting.map(({ batch }) => batch)];
  if (batches.length === 0 || !settleOnDisk(delivery, batches)) return;
  if (waiting.length === 0) return;
  for (const one of waiting) {
    const { frame } = one.batch.spooled ?? {};
    takeOut(delivery, one);
    if (frame !== undefined) spooling.disk.release(spooling.spool, frame);
  }
  leaveAll(
    gate,
    waiting.map(({ turn }) => turn),
  );
  delivery.onKept(0);
  tellRoom(delivery);
}

/** Writes all that is undelivered, and sends no more. */
export function spoolAll(delivery: Delivery): void {
  const { queue } = delivery;
  const underWay = [...delivery.underWay].map(({ batch }) => batch);
  const queued = queue.map(({ batch }) => batch);
  const open = [...underWay, ...queued].filter(({ spooled }) => spooled?.counted !== true);
  if (open.length > 0) settleOnDisk(delivery, open);
  queue.length = 0;
}

const SPOOLED_BY: Record<Origin, string> = {
  ring: 'spooled events',
  thread: 'spooled events of a thread that has ended',
  earlier: 'events of an earlier process',
};

/** Frames that were given up, by the spool. */
export function failFrames(delivery: Delivery, frames: readonly Frame[], reason: string): void {
  for (const from of Object.keys(SPOOLED_BY) as Origin[]) {
    const ordinals = frames.filter((frame) => frame.from === from).flatMap((frame) => frame.ordinals);
    if (ordinals.length === 0) continue;
    fail(
      delivery,
      {
        lane: SPOOLED_BY[from],
        records: ordinals.map((ordinal) => ({ lane: '', id: `no. ${ordinal}`, bytes: new Uint8Array() })),
        numbers: ordinals.map((ordinal) => ordinal - delivery.ledger.released),
        suspicion: 0,
        spooled: { frame: undefined, counted: true, from },
      },
      reason,
    );
  }
}

/** Events that were in the spool and cannot be read any more. */
export function failMissing(delivery: Delivery, events: number, from: Origin, reason: string): void {
  const { ledger } = delivery;
  if (ledger.closed) return;
  const lost = countedPlural(events, SPOOLED_BY[from]);
  tellFailed(delivery, [], message('TAILRACE_NOT_DELIVERED', lost, '', reason), events);
  failSpooled(ledger, events, from);
}

/** Batches settle as spooled. False: the disk does not take them, they are as before. */
function settleOnDisk({ spooling, ledger, notices }: Delivery, batches: readonly Batch[]): boolean {
  if (spooling === undefined) return false;
  const unwritten = batches.filter(({ spooled }) => spooled?.frame === undefined);
  if (unwritten.length > 0 && !write(spooling, ledger, unwritten)) return false;
  const numbers: number[] = [];
  for (const batch of batches) {
    if (batch.spooled === undefined || batch.spooled.counted) continue;
    batch.spooled.counted = true;
    numbers.push(...batch.numbers);
  }
  settle(ledger, numbers, Settled.spooled);
  if (numbers.length > 0) {
    const { dir } = spooling.spool.folders;
    notices.warning(message('TAILRACE_SPOOLED', numbers.length, dir));
  }
  return true;
}

function write(spooling: Spooling, ledger: Ledger, batches: readonly Batch[]): boolean {
  // One that a worker may die of goes alone, so that the others are not blamed for it.
  const isSuspect = batches.some(({ suspicion }) => suspicion > 0);
  if (isSuspect && batches.length > 1) return batches.every((batch) => write(spooling, ledger, [batch]));
  const { spool, disk } = spooling;
  // Of what has settled as spooled nothing is on the ring.
  const isCounted = batches[0]?.spooled?.counted === true;
  const all = { numbers: isCounted ? [] : batches.flatMap(({ numbers }) => numbers) };
  const frames = inBatchBracket(ledger, all, () =>
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
