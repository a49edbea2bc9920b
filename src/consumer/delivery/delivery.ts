/**
 * Takes batches to their end: body, compression, several requests in flight, and what the outcome means for each
 * record. Every record of every batch is settled exactly once.
 */

import { message } from '../../messages/message.js';
import type { EncodedRecord, Exporter, ExportOutcome } from '../../shared/contract/exporter.js';
import { show } from '../../shared/options.js';
import { RETRIED } from '../../shared/ring/ring-layout.js';
import { beat } from '../../shared/ring/urgent-flush.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import type { Ledger } from '../intake/ledger.js';
import type { Notices } from '../notices.js';
import { inBatchBracket } from '../recovery/brackets.js';
import { divideFrame, keepForLater, type Spooling, spoolBeforeSending } from '../spooling/spooling.js';
import { takeOut, tellRoom } from './backlog.js';
import type { Batch } from './batcher.js';
import { prepare, readerFor } from './exchange.js';
import { createTurn, type Gate, giveBack, queueUp } from './gate.js';
import { pause } from './pause.js';
import type { RetryingTransport } from './retrying-transport.js';
import { fail, giveUp, pick, succeed } from './settlement.js';
import type { TransportRequest } from './transport.js';
import type { Owner, Turn } from './turn.js';

export interface Delivery {
  readonly exporter: Exporter;
  readonly transport: Pick<RetryingTransport, 'send'>;
  readonly ledger: Ledger;
  readonly notices: Notices;
  readonly compression: 'gzip' | 'none';
  readonly gate: Gate;
  readonly owner: Owner;
  /** Ends every wait. */
  readonly closing: AbortSignal;
  /** Batches before their first attempt. */
  readonly queue: Queued[];
  /** Batches from their first attempt to their end, with the pauses between. */
  readonly underWay: Set<UnderWay>;
  /** Where batches are kept that cannot be delivered. */
  spooling: Spooling | undefined;
  /** What is not under way is not sent any more. */
  stopped: boolean;
  /** Called when further records may come. */
  onSlotFree: () => void;
  /** Called when an attempt has failed and another will be made. */
  onTrouble: () => void;
  onSent: () => void;
  /** Called when a batch stays in the spool for now. */
  onKept: (retryAfterMs: number) => void;
}

export interface Queued {
  readonly batch: Batch;
  readonly turn: Turn;
}

export interface UnderWay {
  readonly batch: Batch;
  /** Its place among the requests; undefined while it waits for something else. */
  turn: Turn | undefined;
  /** By the monotonic clock. */
  readonly startedAt: number;
  request: TransportRequest | undefined;
  /** Whether an attempt has failed. */
  troubled: boolean;
}

type Parts = Pick<
  Delivery,
  'exporter' | 'transport' | 'ledger' | 'notices' | 'compression' | 'gate' | 'owner' | 'closing' | 'spooling'
>;

/** Rounds in which a server may refuse the same record with "try again" inside an answer that is a success. */
const MAX_PARTIAL_ROUNDS = 6;
const FIRST_PARTIAL_DELAY_MS = 500;
const NAMED_IN_A_MESSAGE = 3;
const nothing = (): void => {};

export function createDelivery(parts: Parts): Delivery {
  const { exporter, transport, ledger, notices, compression, gate, owner, closing, spooling } = parts;
  return {
    exporter,
    transport,
    ledger,
    notices,
    compression,
    gate,
    owner,
    closing,
    spooling,
    queue: [],
    underWay: new Set(),
    stopped: false,
    onSlotFree: nothing,
    onTrouble: nothing,
    onSent: nothing,
    onKept: nothing,
  };
}

/** Queues a batch; it is under way at once if its destination takes requests and there is a slot. */
export function deliver(delivery: Delivery, batch: Batch): void {
  const queued: Queued = { batch, turn: turnFor(delivery, batch) };
  delivery.queue.push(queued);
  if (delivery.stopped) return;
  queueUp(delivery.gate, queued.turn, (mayGo) => {
    if (mayGo && !delivery.stopped) {
      takeOut(delivery, queued);
      void sendApart(delivery, batch, queued.turn);
      tellRoom(delivery);
    } else if (mayGo) giveBack(delivery.gate, queued.turn);
  });
}

export function turnFor({ gate, owner }: Delivery, { lane, numbers }: Batch): Turn {
  return createTurn(gate, owner, lane, { order: numbers[0] ?? 0 });
}

/** Sends a batch, in a turn of its own or one that has come. Resolves when it has come to an end. */
export async function sendApart(delivery: Delivery, batch: Batch, turn?: Turn): Promise<void> {
  await sendBatch(delivery, batch, 0, turn).catch((error) =>
    fail(delivery, batch, `internal error: ${messageOf(error)}`),
  );
  // Without an attempt it has kept its place.
  if (turn !== undefined) giveBack(delivery.gate, turn);
  tellRoom(delivery);
}

/** An attempt of this request has failed and another will be made. */
export function markTroubled(delivery: Delivery, request: TransportRequest): void {
  for (const one of delivery.underWay) if (one.request === request) one.troubled = true;
  delivery.onTrouble();
}

export function countRetry({ memory, closed }: Ledger): void {
  if (!closed) Atomics.add(memory.counters, RETRIED, 1n);
}

async function sendBatch(delivery: Delivery, batch: Batch, round: number, turn?: Turn): Promise<void> {
  // A part of one that was under way when its ring was let go.
  if (delivery.stopped) return;
  const underWay = enterUnderWay(delivery, batch);
  underWay.turn = turn ?? turnFor(delivery, batch);
  try {
    await sendUnderWay(delivery, underWay, round);
  } finally {
    delivery.underWay.delete(underWay);
  }
}

function enterUnderWay(delivery: Delivery, batch: Batch): UnderWay {
  const startedAt = monotonicNow();
  const underWay: UnderWay = { batch, turn: undefined, startedAt, request: undefined, troubled: false };
  delivery.underWay.add(underWay);
  return underWay;
}

async function sendUnderWay(delivery: Delivery, underWay: UnderWay, round: number): Promise<void> {
  const { batch, startedAt } = underWay;
  const prepared = inBatchBracket(delivery.ledger, batch, () => prepare(delivery, batch));
  // Several in one turn, each encoded and compressed, take longer than a producer waits that blocks.
  beat(delivery.ledger.memory.words);
  if ('failure' in prepared) return fail(delivery, batch, prepared.failure);
  spoolBeforeSending(delivery, batch);
  underWay.request = prepared.request;
  const records = batch.records.length;
  delivery.notices.export({ records, seconds: null, failure: null });
  const outcome = await delivery.transport.send(prepared.request, readerFor(delivery, batch), underWay.turn);
  const seconds = (monotonicNow() - startedAt) / 1000;
  delivery.notices.export({ records, seconds, failure: outcome.kind === 'success' ? null : outcome.kind });
  delivery.notices.debug(() => {
    const ms = Math.round(monotonicNow() - startedAt);
    return message('TAILRACE_BATCH', batch.records.length, batch.lane, prepared.bodyBytes, outcome.kind, ms);
  });
  // From here on its parts are under way, if anything.
  delivery.underWay.delete(underWay);
  switch (outcome.kind) {
    case 'success':
      return succeed(delivery, batch, prepared.bodyBytes);
    case 'partial':
      return settlePartly(delivery, batch, outcome, prepared.bodyBytes, round);
    case 'rejected':
      return settleCount(delivery, batch, outcome, prepared.bodyBytes);
    case 'too-large':
      return sendInHalves(delivery, batch, outcome.reason);
    case 'retryable':
      if (keepForLater(delivery, batch, outcome.retryAfterMs)) return;
      return fail(delivery, batch, outcome.reason);
    case 'failure':
      return fail(delivery, batch, outcome.reason);
    default:
      return fail(delivery, batch, `the exporter gave no outcome but: ${show(outcome)}`);
  }
}

async function settlePartly(
  delivery: Delivery,
  batch: Batch,
  { refused }: Extract<ExportOutcome, { kind: 'partial' }>,
  bodyBytes: number,
  round: number,
): Promise<void> {
  const refusals = new Map(refused.map((one) => [one.index, one]));
  const lastRound = round + 1 >= MAX_PARTIAL_ROUNDS;
  const again = pick(batch, (index) => !lastRound && refusals.get(index)?.retryable === true);
  const failed = pick(
    batch,
    (index) => refusals.has(index) && (lastRound || !refusals.get(index)?.retryable),
  );
  const taken = pick(batch, (index) => !refusals.has(index));
  divideForEnds(delivery, batch, [again, failed, taken]);
  succeed(delivery, taken, bodyBytes);
  if (failed.records.length > 0) {
    const reasons = new Set(refused.map((one) => one.reason));
    fail(delivery, failed, [...reasons].slice(0, NAMED_IN_A_MESSAGE).join('; '));
  }
  if (again.records.length > 0) {
    countRetry(delivery.ledger);
    const underWay = enterUnderWay(delivery, again);
    await pause(FIRST_PARTIAL_DELAY_MS * 2 ** round * (0.5 + Math.random()), delivery.closing);
    delivery.underWay.delete(underWay);
    await sendBatch(delivery, again, round + 1);
  }
}

/** Each part comes to its own end, which a worker may not live to see of all. */
function divideForEnds(delivery: Delivery, batch: Batch, parts: readonly Batch[]): void {
  if (parts.filter(({ records }) => records.length > 0).length > 1) divideFrame(delivery, batch, parts);
}

/** Nobody knows which: the last ones stand for them in the account. */
function settleCount(
  delivery: Delivery,
  batch: Batch,
  { count, reason }: Extract<ExportOutcome, { kind: 'rejected' }>,
  bodyBytes: number,
): void {
  const { lane, records } = batch;
  const failed = Math.min(count, records.length);
  const taken = records.length - failed;
  const first = pick(batch, (index) => index < taken);
  const last = pick(batch, (index) => index >= taken);
  divideForEnds(delivery, batch, [first, last]);
  succeed(delivery, first, bodyBytes);
  const which = taken === 0 ? '' : ', and the server does not say which';
  giveUp(delivery, last, message('TAILRACE_PARTLY_REFUSED', failed, records.length, lane, which, reason));
}

async function sendInHalves(delivery: Delivery, batch: Batch, reason: string): Promise<void> {
  const { records } = batch;
  if (records.length === 1) {
    const { bytes } = records[0] as EncodedRecord;
    return fail(delivery, batch, `${bytes.byteLength} bytes are too large for the server (${reason})`);
  }
  const middle = records.length >> 1;
  const first = pick(batch, (index) => index < middle);
  const second = pick(batch, (index) => index >= middle);
  divideFrame(delivery, batch, [first, second]);
  const underWay = enterUnderWay(delivery, second);
  await sendBatch(delivery, first, 0);
  delivery.underWay.delete(underWay);
  await sendBatch(delivery, second, 0);
}
