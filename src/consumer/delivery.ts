/**
 * Takes batches to their end: body, compression, several requests in flight, and what the outcome means for each
 * record. Every record of every batch is settled exactly once.
 */
import { gzipSync } from 'node:zlib';
import { messageOf } from '../shared/errors.js';
import type { EncodedRecord, Exporter, ExportOutcome } from '../shared/exporter.js';
import { show } from '../shared/options.js';
import { BYTES_SENT, RETRIED } from '../shared/ring-layout.js';
import type { Batch } from './batcher.js';
import { type Ledger, markDelivered, Settled, settle } from './ledger.js';
import type { Notices } from './notices.js';
import { pause } from './pause.js';
import { type ReadOutcome, type Transport, type TransportRequest, toTransportRequest } from './transport.js';

export interface Delivery {
  readonly exporter: Exporter;
  readonly transport: Transport;
  readonly ledger: Ledger;
  readonly notices: Notices;
  readonly compression: 'gzip' | 'none';
  readonly maxInFlight: number;
  /** Ends every wait. */
  readonly closing: AbortSignal;
  readonly queue: Batch[];
  inFlight: number;
  /** Called when a request has ended and the next may start. */
  onSlotFree: () => void;
}

/** Rounds in which a server may refuse the same record with "try again" inside an answer that is a success. */
const MAX_PARTIAL_ROUNDS = 6;
const FIRST_PARTIAL_DELAY_MS = 500;
/** Fast, and off the application's thread; higher levels cost several times the CPU for a few per cent. */
const GZIP_LEVEL = 1;
const NAMED_IN_A_MESSAGE = 3;

export function createDelivery(parts: Omit<Delivery, 'queue' | 'inFlight' | 'onSlotFree'>): Delivery {
  return { ...parts, queue: [], inFlight: 0, onSlotFree: () => {} };
}

/** Queues a batch; it is under way at once if there is a slot. */
export function deliver(delivery: Delivery, batch: Batch): void {
  delivery.queue.push(batch);
  fillSlots(delivery);
}

/** Whether further records had better stay on the ring: each slot taken, and a batch waiting. */
export function isSaturated(delivery: Delivery): boolean {
  return delivery.queue.length > 0;
}

export function countRetry({ memory }: Ledger): void {
  Atomics.add(memory.counters, RETRIED, 1n);
}

function fillSlots(delivery: Delivery): void {
  while (delivery.inFlight < delivery.maxInFlight) {
    const batch = delivery.queue.shift();
    if (batch === undefined) return;
    delivery.inFlight++;
    void sendBatch(delivery, batch, 0)
      .catch((error) => fail(delivery, batch, `internal error: ${messageOf(error)}`))
      .finally(() => {
        delivery.inFlight--;
        fillSlots(delivery);
        delivery.onSlotFree();
      });
  }
}

async function sendBatch(delivery: Delivery, batch: Batch, round: number): Promise<void> {
  const prepared = prepare(delivery, batch);
  if ('failure' in prepared) return fail(delivery, batch, prepared.failure);
  const startedAt = performance.now();
  const outcome = await delivery.transport.send(prepared.request, readerFor(delivery, batch));
  delivery.notices.debug(() => {
    const ms = Math.round(performance.now() - startedAt);
    return `${batch.records.length} ${batch.lane}, ${prepared.bodyBytes} bytes: ${outcome.kind} after ${ms} ms`;
  });
  switch (outcome.kind) {
    case 'success':
      return succeed(delivery, batch, prepared.bodyBytes);
    case 'partial':
      return settlePartly(delivery, batch, outcome, prepared.bodyBytes, round);
    case 'rejected':
      return settleCount(delivery, batch, outcome, prepared.bodyBytes);
    case 'too-large':
      return sendInHalves(delivery, batch, outcome.reason);
    case 'retryable': // Only a transport that does not retry gives this back.
    case 'failure':
      return fail(delivery, batch, outcome.reason);
    default:
      return fail(delivery, batch, `the exporter gave no outcome but: ${show(outcome)}`);
  }
}

function prepare(
  delivery: Delivery,
  { lane, records }: Batch,
): { request: TransportRequest; bodyBytes: number } | { failure: string } {
  try {
    const made = delivery.exporter.request(lane, records);
    const request = { ...toTransportRequest(made), lane };
    const { headers, body } = request;
    const bodyBytes = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (delivery.compression === 'none' || made.compressible === false) return { request, bodyBytes };
    const compressed = gzipSync(body.length === 1 ? (body[0] as Uint8Array) : Buffer.concat(body), {
      level: GZIP_LEVEL,
    });
    return {
      request: { ...request, headers: { ...headers, 'content-encoding': 'gzip' }, body: [compressed] },
      bodyBytes,
    };
  } catch (error) {
    return { failure: `the exporter could not make a request: ${messageOf(error)}` };
  }
}

function readerFor({ exporter }: Delivery, { lane, records }: Batch): ReadOutcome {
  return (response) => {
    try {
      return (
        exporter.outcome(lane, records, response) ?? {
          kind: 'failure',
          reason: 'the exporter gave no outcome',
        }
      );
    } catch (error) {
      return { kind: 'failure', reason: `the exporter could not read an answer: ${messageOf(error)}` };
    }
  };
}

function succeed({ ledger }: Delivery, batch: Batch, bodyBytes: number): void {
  Atomics.add(ledger.memory.counters, BYTES_SENT, BigInt(bodyBytes));
  const waits = (index: number): boolean => batch.records[index]?.settlesAfter !== undefined;
  const waiting = pick(batch, waits);
  for (const [index, { settlesAfter }] of waiting.records.entries()) {
    const number = waiting.numbers[index] as number;
    markDelivered(ledger, number);
    // An exporter of the user's own may give anything; a rejection that nobody takes would end the worker.
    const settled = () => settle(ledger, [number], Settled.sent);
    void Promise.resolve(settlesAfter).then(settled, settled);
  }
  const rest = waiting.numbers.length === 0 ? batch : pick(batch, (index) => !waits(index));
  settle(ledger, rest.numbers, Settled.sent);
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
  succeed(
    delivery,
    pick(batch, (index) => !refusals.has(index)),
    bodyBytes,
  );
  if (failed.records.length > 0) {
    const reasons = new Set(refused.map((one) => one.reason));
    fail(delivery, failed, [...reasons].slice(0, NAMED_IN_A_MESSAGE).join('; '));
  }
  if (again.records.length > 0) {
    countRetry(delivery.ledger);
    await pause(FIRST_PARTIAL_DELAY_MS * 2 ** round * (0.5 + Math.random()), delivery.closing);
    await sendBatch(delivery, again, round + 1);
  }
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
  succeed(
    delivery,
    pick(batch, (index) => index < taken),
    bodyBytes,
  );
  const which = taken === 0 ? '' : ', and the server does not say which';
  giveUp(
    delivery,
    pick(batch, (index) => index >= taken),
    `${failed} of ${records.length} ${lane} not taken${which}: ${reason}`,
  );
}

async function sendInHalves(delivery: Delivery, batch: Batch, reason: string): Promise<void> {
  const { records } = batch;
  if (records.length === 1) {
    const { bytes } = records[0] as EncodedRecord;
    return fail(delivery, batch, `${bytes.byteLength} bytes are too large for the server (${reason})`);
  }
  const middle = records.length >> 1;
  await sendBatch(
    delivery,
    pick(batch, (index) => index < middle),
    0,
  );
  await sendBatch(
    delivery,
    pick(batch, (index) => index >= middle),
    0,
  );
}

function fail(delivery: Delivery, batch: Batch, reason: string): void {
  const ids = batch.records.slice(0, NAMED_IN_A_MESSAGE).map(({ id }) => id);
  const others = batch.records.length - ids.length;
  giveUp(
    delivery,
    batch,
    `${batch.records.length} ${batch.lane} not delivered (${ids.join(', ')}${others > 0 ? `, and ${others} more` : ''}): ${reason}`,
  );
}

function giveUp({ ledger, notices }: Delivery, batch: Batch, message: string): void {
  // The producer counts and names what a shutdown leaves undelivered.
  if (ledger.closed) return;
  notices.error(message, batch.records.length);
  settle(ledger, batch.numbers, Settled.failed);
}

function pick(batch: Batch, wanted: (index: number) => boolean): Batch {
  return {
    lane: batch.lane,
    records: batch.records.filter((_, index) => wanted(index)),
    numbers: batch.numbers.filter((_, index) => wanted(index)),
  };
}
