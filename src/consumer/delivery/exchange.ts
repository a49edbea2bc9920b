/** What an exporter makes of a batch: its request, compressed, and what an answer to it means. */
import { gzipSync } from 'node:zlib';
import { messageOf, nameOf } from '../../shared/untrusted-text/errors.js';
import { sentWith } from '../../shared/untrusted-text/sent-headers.js';
import { fieldFromOutside } from '../../shared/untrusted-text/untrusted-text.js';
import { passesOwnWords, withReasons } from '../exporter/exporter-text.js';
import { inBatchBracket } from '../recovery/in-progress.js';
import { type ReadOutcome, type TransportRequest, toTransportRequest } from '../transport/transport.js';
import type { Batch } from './batcher.js';
import type { Delivery } from './delivery.js';

/** Fast, and off the application's thread; higher levels cost several times the CPU for a few per cent. */
const GZIP_LEVEL = 1;

export function prepare(
  delivery: Delivery,
  batch: Batch,
): { request: TransportRequest; bodyBytes: number } | { failure: string } {
  const { lane, records } = batch;
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
    return { failure: `the exporter could not make a request: ${saidBy(error, bytesOf(batch))}` };
  }
}

export function readerFor({ exporter, ledger }: Delivery, batch: Batch): ReadOutcome {
  const { lane, records } = batch;
  return (response) => {
    try {
      const outcome = inBatchBracket(ledger, batch, () => exporter.outcome(lane, records, response)) ?? {
        kind: 'failure',
        reason: 'the exporter gave no outcome',
      };
      if (passesOwnWords(exporter)) return outcome;
      return withReasons(outcome, (reason) =>
        fieldFromOutside(reason, sentWith(response, { secrets: [], bodies: bytesOf(batch) })),
      );
    } catch (error) {
      return {
        kind: 'failure',
        reason: `the exporter could not read an answer: ${saidBy(error, bytesOf(batch))}`,
      };
    }
  };
}

/**
 * What an error of an exporter says, which may be the user's own and may show what it was at: JSON.parse() does, in pieces
 * too small to tell.
 */
export function saidBy(error: unknown, bodies: readonly Uint8Array[]): string {
  if (error instanceof SyntaxError) return nameOf(error);
  return fieldFromOutside(messageOf(error), { secrets: [], bodies });
}

function bytesOf({ records }: Batch): Uint8Array[] {
  return records.map(({ bytes }) => bytes);
}
