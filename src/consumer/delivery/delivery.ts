/** State of the delivery of one ring: its queued batches, its batches under way, and the parts that send and settle them. */
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import type { Exporter } from '../../shared/contract/exporter.js';
import { setTimeout } from '../../shared/runtime/real-time.js';
import type { Spool } from '../../spool/disk/segments.js';
import type * as Disk from '../../spool/spool.js';
import type { Ledger } from '../intake/ledger.js';
import type { Notices } from '../notices.js';
import type { PendingRequest, RequestQueue } from '../transport/pending-request.js';
import { isCircuitOpen, type RequestScheduler } from '../transport/request-scheduler.js';
import type { RetryingTransport } from '../transport/retrying-transport.js';
import type { TransportRequest } from '../transport/transport.js';
import type { Batch } from './batch.js';

/** What a delivery is made of. */
interface DeliveryParts {
  readonly exporter: Exporter;
  readonly transport: Pick<RetryingTransport, 'send'>;
  readonly ledger: Ledger;
  readonly notices: Notices;
  readonly isCompressed: (url: string) => boolean;
  readonly scheduler: RequestScheduler;
  readonly requestQueue: RequestQueue;
  /** Ends all waits. */
  readonly closing: AbortSignal;
  /** Undefined without the option `spoolDir`. */
  readonly spooling: Spooling | undefined;
  /** Called when the server has accepted a batch. */
  readonly onSent: () => void;
  /** Called when a batch stays in the spool for now. */
  readonly onKept: (retryAfterMs: number) => void;
}

export interface Delivery extends DeliveryParts {
  /** Batches before their first attempt. */
  readonly queue: Queued[];
  /** Batches from their first attempt until they settle, including their back-offs. */
  readonly underWay: Set<UnderWay>;
  /** Batches that are not under way yet are not sent any more. */
  stopped: boolean;
  /** Ends the current wait for room, if any. */
  endWaitForRoom: () => void;
}

/** The spool of a ring, and how it is used. */
export interface Spooling {
  readonly spool: Spool;
  readonly mode: EngineOptions['spool'];
  /** The functions of the spool, which are loaded only where there is one. */
  readonly disk: typeof Disk;
}

/** What settling a batch needs of a delivery. */
export type SettlingParts = Pick<Delivery, 'ledger' | 'notices' | 'spooling'>;

export interface Queued {
  readonly batch: Batch;
  readonly pending: PendingRequest;
}

export interface UnderWay {
  readonly batch: Batch;
  /** Undefined while the batch waits for something else than its request. */
  pending: PendingRequest | undefined;
  /** By the monotonic clock. */
  readonly startedAt: number;
  request: TransportRequest | undefined;
  /** Whether an attempt has failed. */
  hasFailedAttempt: boolean;
}

export function createDelivery(parts: DeliveryParts): Delivery {
  return { ...parts, queue: [], underWay: new Set(), stopped: false, endWaitForRoom: () => {} };
}

/** An attempt of this request has failed and another one will be made. */
export function markFailedAttempt(delivery: Delivery, request: TransportRequest): void {
  for (const one of delivery.underWay) if (one.request === request) one.hasFailedAttempt = true;
}

/** Removes a batch from the queue: it was written to the spool, or its attempt begins. */
export function removeQueued({ queue }: Delivery, queued: Queued): void {
  const index = queue.indexOf(queued);
  if (index >= 0) queue.splice(index, 1);
}

/**
 * Whether records should stay on the ring for now: a batch waits only for a slot, or as many batches wait for anything as
 * there are slots. So a ring has at most twice as many batches in memory as there are slots, and one more.
 */
export function isSaturated({ queue, underWay, scheduler }: Delivery): boolean {
  if (queue.some(({ pending }) => !isCircuitOpen(pending))) return true;
  if (queue.length + underWay.size < scheduler.slots) return false;
  let waiting = queue.length;
  for (const { pending } of underWay) if (pending?.state !== 'underWay') waiting++;
  return waiting >= scheduler.slots;
}

/** Resolves when the delivery may have room for another batch, or after `maxMs`. One caller waits at a time. */
export function waitForRoom(delivery: Delivery, maxMs: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    delivery.endWaitForRoom = resolve;
    if (maxMs !== undefined) setTimeout(resolve, maxMs).unref();
  });
}

export function reportRoom(delivery: Delivery): void {
  if (!isSaturated(delivery)) delivery.endWaitForRoom();
}
