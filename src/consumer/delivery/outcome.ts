/**
 * The outcome of a batch's request: the third of the three calls of an exporter reads it from the response, then the records
 * settle by it. A batch may come to several ends: partly accepted, partly refused, in halves.
 */

import { message } from '../../messages/message.js';
import type { EncodedRecord, ExportOutcome } from '../../shared/contract/exporter.js';
import { sentWith } from '../../shared/untrusted-text/sent-headers.js';
import { show } from '../../shared/untrusted-text/show.js';
import { checkedOutcome, redactedMessage } from '../exporter/exporter-text.js';
import { withBatchInProgress } from '../recovery/in-progress.js';
import { divideFrame, keepForLater } from '../spooling/spooling.js';
import type { ReadOutcome } from '../transport/transport.js';
import { type Batch, pick } from './batch.js';
import type { Delivery } from './delivery.js';
import { bytesOf } from './request.js';
import { fail, failWithMessage, succeed } from './settlement.js';

/** Rounds in which a server may refuse a record with "try again" in a response that is a success. */
const MAX_PARTIAL_ROUNDS = 6;
const NAMED_IN_A_MESSAGE = 3;

/** The records to send again, once an outcome has settled the others. */
type Rest =
  | { readonly kind: 'refused'; readonly batch: Batch }
  | { readonly kind: 'halves'; readonly first: Batch; readonly second: Batch };

/** Reads the outcome of a batch that went over HTTP. */
export function outcomeReader({ exporter, ledger }: Delivery, batch: Batch): ReadOutcome {
  const { lane, records } = batch;
  return (response, endpoint) => {
    try {
      const outcome = withBatchInProgress(ledger, batch, () =>
        exporter.outcome?.(lane, records, response, endpoint),
      );
      return checkedOutcome(exporter, outcome, sentWith(response, { secrets: [], bodies: bytesOf(batch) }));
    } catch (error) {
      return {
        kind: 'failure',
        reason: `the exporter could not read an answer: ${redactedMessage(error, bytesOf(batch))}`,
      };
    }
  };
}

/** Settles the records of a batch by an outcome. Returns those that are to be sent again. */
export function settleOutcome(
  delivery: Delivery,
  batch: Batch,
  outcome: ExportOutcome,
  bodyBytes: number,
  round: number,
): Rest | undefined {
  switch (outcome.kind) {
    case 'success':
      succeed(delivery, batch, bodyBytes);
      return undefined;
    case 'partial':
      return settlePartly(delivery, batch, outcome, bodyBytes, round);
    case 'rejected':
      settleCount(delivery, batch, outcome, bodyBytes);
      return undefined;
    case 'too-large':
      return divideInHalves(delivery, batch, outcome.reason);
    case 'retryable':
      if (!keepForLater(delivery, batch, outcome)) fail(delivery, batch, outcome.reason);
      return undefined;
    case 'failure':
      fail(delivery, batch, outcome.reason);
      return undefined;
    default:
      fail(delivery, batch, `the exporter gave no outcome but: ${show(outcome)}`);
      return undefined;
  }
}

function settlePartly(
  delivery: Delivery,
  batch: Batch,
  { refused }: Extract<ExportOutcome, { kind: 'partial' }>,
  bodyBytes: number,
  round: number,
): Rest | undefined {
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
  return again.records.length > 0 ? { kind: 'refused', batch: again } : undefined;
}

/** Each part settles on its own: the worker may die before all of them have. */
function divideForEnds(delivery: Delivery, batch: Batch, parts: readonly Batch[]): void {
  if (parts.filter(({ records }) => records.length > 0).length > 1) divideFrame(delivery, batch, parts);
}

/** The server does not say which records it refused, so the last ones are counted as failed. */
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
  failWithMessage(
    delivery,
    last,
    message('TAILRACE_PARTLY_REFUSED', failed, records.length, lane, which, reason),
  );
}

function divideInHalves(delivery: Delivery, batch: Batch, reason: string): Rest | undefined {
  const { records } = batch;
  if (records.length === 1) {
    const { bytes } = records[0] as EncodedRecord;
    fail(delivery, batch, `${bytes.byteLength} bytes are too large for the server (${reason})`);
    return undefined;
  }
  const middle = records.length >> 1;
  const first = pick(batch, (index) => index < middle);
  const second = pick(batch, (index) => index >= middle);
  divideFrame(delivery, batch, [first, second]);
  return { kind: 'halves', first, second };
}
