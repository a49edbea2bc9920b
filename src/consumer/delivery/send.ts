/**
 * Sends batches: several at a time, each from the queue to the outcome of its request. The steps of one batch are in
 * `sendUnderWay`. Every record of every batch is settled exactly once.
 */

import { message } from '../../messages/message.js';
import { beat } from '../../shared/ring/urgent-flush.js';
import { pause } from '../../shared/runtime/pause.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { redactedMessage } from '../exporter/exporter-text.js';
import { countRetry } from '../intake/ledger.js';
import { withBatchInProgress } from '../recovery/in-progress.js';
import { spoolBeforeSending } from '../spooling/spooling.js';
import type { PendingRequest } from '../transport/pending-request.js';
import { createPending, queueUp, returnSlot } from '../transport/request-scheduler.js';
import type { Batch } from './batch.js';
import { type Delivery, type Queued, removeQueued, reportRoom, type UnderWay } from './delivery.js';
import { outcomeReader, settleOutcome } from './outcome.js';
import { bytesOf, endpointsOf, makeRequest, mayStillBeRead } from './request.js';
import { fail } from './settlement.js';

const FIRST_PARTIAL_DELAY_MS = 500;

/** Queues a batch. It is sent at once if there is a slot and its circuit is closed. */
export function deliver(delivery: Delivery, batch: Batch): void {
  const queued: Queued = { batch, pending: pendingFor(delivery, batch) };
  delivery.queue.push(queued);
  if (delivery.stopped) return;
  queueUp(delivery.scheduler, queued.pending, (mayGo) => {
    if (mayGo && !delivery.stopped) {
      removeQueued(delivery, queued);
      void sendBatch(delivery, batch, queued.pending);
      reportRoom(delivery);
    } else if (mayGo) returnSlot(delivery.scheduler, queued.pending);
  });
}

export function pendingFor(delivery: Delivery, { lane, numbers }: Batch): PendingRequest {
  const { scheduler, requestQueue, exporter } = delivery;
  const endpoints = endpointsOf(exporter, lane);
  return createPending(scheduler, requestQueue, lane, { order: numbers[0] ?? 0, endpoints });
}

/** Sends a batch. Resolves when all its records have settled or it stays in the spool. `pending`: if it has a slot already. */
export async function sendBatch(delivery: Delivery, batch: Batch, pending?: PendingRequest): Promise<void> {
  await sendRound(delivery, batch, 0, pending).catch((error) =>
    fail(delivery, batch, `internal error: ${messageOf(error)}`),
  );
  // A batch of a detached ring may not have come to its end.
  if (!delivery.stopped) recycle(delivery, batch);
  // Without an attempt it still has its slot.
  if (pending !== undefined) returnSlot(delivery.scheduler, pending);
  reportRoom(delivery);
}

/** Gives the memory of a batch that has come to its end back to the exporter. */
function recycle({ exporter, notices }: Delivery, { lane, records, isUnshared }: Batch): void {
  if (isUnshared !== true) return;
  try {
    exporter.recycle?.(lane, records);
  } catch (error) {
    const reason = redactedMessage(error, bytesOf({ records }));
    notices.warning(
      message('TAILRACE_EXPORTER_WARNING', `the exporter could not recycle records: ${reason}`),
    );
  }
}

/** `round`: how many times the server has accepted only a part of the batch. */
async function sendRound(
  delivery: Delivery,
  batch: Batch,
  round: number,
  pending?: PendingRequest,
): Promise<void> {
  // The rest of a batch that was under way when its ring was detached.
  if (delivery.stopped) return;
  const underWay = enterUnderWay(delivery, batch);
  underWay.pending = pending ?? pendingFor(delivery, batch);
  try {
    await sendUnderWay(delivery, underWay, round);
  } finally {
    delivery.underWay.delete(underWay);
  }
}

function enterUnderWay(delivery: Delivery, batch: Batch): UnderWay {
  const startedAt = monotonicNow();
  const underWay: UnderWay = {
    batch,
    pending: undefined,
    startedAt,
    request: undefined,
    hasFailedAttempt: false,
  };
  delivery.underWay.add(underWay);
  return underWay;
}

async function sendUnderWay(delivery: Delivery, underWay: UnderWay, round: number): Promise<void> {
  const { batch, startedAt } = underWay;
  const made = withBatchInProgress(delivery.ledger, batch, () => makeRequest(delivery, batch));
  // Several batches in one turn of the event loop, each encoded and compressed, take longer than a blocked producer waits.
  beat(delivery.ledger.memory.words);
  if ('failure' in made) return fail(delivery, batch, made.failure);
  spoolBeforeSending(delivery, batch);
  underWay.request = made.request;
  const records = batch.records.length;
  delivery.notices.export({ records, seconds: null, failure: null });
  const outcome = await delivery.transport.send(
    made.request,
    outcomeReader(delivery, batch),
    underWay.pending,
  );
  const seconds = (monotonicNow() - startedAt) / 1000;
  delivery.notices.export({ records, seconds, failure: outcome.kind === 'success' ? null : outcome.kind });
  delivery.notices.debug(() => {
    const ms = Math.round(monotonicNow() - startedAt);
    return message('TAILRACE_BATCH', batch.records.length, batch.lane, made.bodyBytes, outcome.kind, ms);
  });
  if (outcome.kind === 'success' && !mayStillBeRead(made.request)) batch.isUnshared = true;
  // From here on only parts of the batch are under way, if anything.
  delivery.underWay.delete(underWay);
  const rest = settleOutcome(delivery, batch, outcome, made.bodyBytes, round);
  if (rest?.kind === 'refused') await sendAgain(delivery, rest.batch, round);
  if (rest?.kind === 'halves') await sendHalves(delivery, rest.first, rest.second);
}

/** Sends the records that the server refused for now. */
async function sendAgain(delivery: Delivery, batch: Batch, round: number): Promise<void> {
  countRetry(delivery.ledger);
  const underWay = enterUnderWay(delivery, batch);
  await pause(FIRST_PARTIAL_DELAY_MS * 2 ** round * (0.5 + Math.random()), delivery.closing);
  delivery.underWay.delete(underWay);
  await sendRound(delivery, batch, round + 1);
}

async function sendHalves(delivery: Delivery, first: Batch, second: Batch): Promise<void> {
  const underWay = enterUnderWay(delivery, second);
  await sendRound(delivery, first, 0);
  delivery.underWay.delete(underWay);
  await sendRound(delivery, second, 0);
}
