/**
 * The second of the three calls of an exporter: it makes the request of a batch, which is compressed here. An exporter that owns
 * its connection makes a body alone.
 */
import type {
  ExportAttempt,
  ExportEndpoint,
  Exporter,
  ExportOutcome,
} from '../../shared/contract/exporter.js';
import { gzip } from '../compression/gzip.js';
import { checkedOutcome, redactedMessage } from '../exporter/exporter-text.js';
import { withBatchInProgress } from '../recovery/in-progress.js';
import { type OwnRequest, piecesOf, type TransportRequest, toHttpRequest } from '../transport/transport.js';
import type { Batch } from './batch.js';
import type { Delivery } from './delivery.js';

type MadeRequest =
  /** `bodyBytes`: before compression. */
  { readonly request: TransportRequest; readonly bodyBytes: number } | { readonly failure: string };

export function makeRequest(delivery: Delivery, batch: Batch): MadeRequest {
  try {
    const refused = refusalOf(delivery.exporter, batch);
    if (refused !== undefined) return { failure: refused };
    return delivery.exporter.deliver === undefined
      ? httpRequest(delivery, batch)
      : ownRequest(delivery, batch);
  } catch (error) {
    return { failure: `the exporter could not make a request: ${redactedMessage(error, bytesOf(batch))}` };
  }
}

export function bytesOf({ records }: Pick<Batch, 'records'>): Uint8Array[] {
  return records.map(({ bytes }) => bytes);
}

function refusalOf(exporter: Exporter, batch: Batch): string | undefined {
  const reason = exporter.refusal?.(batch.lane);
  if (reason === undefined) return undefined;
  const sent = { secrets: [], bodies: bytesOf(batch) };
  const outcome = checkedOutcome(exporter, { kind: 'failure', reason }, sent);
  return outcome.kind === 'failure' ? outcome.reason : undefined;
}

/** Undefined: the lane has one place, which its requests name. An exporter of the application may do anything here. */
export function endpointsOf(exporter: Exporter, lane: string): readonly ExportEndpoint[] | undefined {
  if (exporter.endpoints === undefined) return undefined;
  try {
    const endpoints = exporter.endpoints(lane);
    return Array.isArray(endpoints) ? endpoints : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the body may still be read although the request has come to its end. */
export function mayStillBeRead(request: TransportRequest): boolean {
  return 'deliver' in request && request.isCutOff;
}

function httpRequest(delivery: Delivery, batch: Batch): MadeRequest {
  const { lane, records } = batch;
  const made = delivery.exporter.request?.(lane, records);
  if (made === undefined) throw new TypeError('request returned nothing');
  const request = { ...toHttpRequest(made), lane };
  const body = compressed(delivery, batch, request.body, made, endpointsOf(delivery.exporter, lane));
  if (body.encoding === 'identity') return { request, bodyBytes: body.bodyBytes };
  const headers = { ...request.headers, 'content-encoding': body.encoding };
  return { request: { ...request, headers, body: body.pieces }, bodyBytes: body.bodyBytes };
}

function ownRequest(delivery: Delivery, batch: Batch): MadeRequest {
  const { lane, records } = batch;
  const made = delivery.exporter.payload?.(lane, records);
  if (made === undefined) throw new TypeError('payload returned nothing');
  const { pieces, encoding, bodyBytes } = compressed(delivery, batch, piecesOf(made.body), made);
  const request: OwnRequest = {
    url: String(made.url),
    lane,
    isCutOff: false,
    deliver: (signal) => attempt(delivery, batch, { body: pieces, encoding, signal }),
  };
  return { request, bodyBytes };
}

/** A rejection is mostly a connection that broke: it is tried again. */
async function attempt(
  { exporter, ledger }: Delivery,
  batch: Batch,
  how: ExportAttempt,
): Promise<ExportOutcome> {
  const { lane, records } = batch;
  const sent = { secrets: [], bodies: bytesOf(batch) };
  try {
    const outcome = await withBatchInProgress(ledger, batch, () => exporter.deliver?.(lane, records, how));
    return checkedOutcome(exporter, outcome, sent);
  } catch (error) {
    return { kind: 'retryable', reason: redactedMessage(error, sent.bodies) };
  }
}

interface Compressed {
  readonly pieces: readonly Uint8Array[];
  readonly encoding: ExportAttempt['encoding'];
  /** Before compression. */
  readonly bodyBytes: number;
}

function compressed(
  { isCompressed }: Delivery,
  batch: Batch,
  pieces: readonly Uint8Array[],
  made: { readonly url: string; readonly compressible?: boolean },
  places: readonly { readonly url: string }[] = [made],
): Compressed {
  const bodyBytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (made.compressible === false || !places.some(({ url }) => isCompressed(url)))
    return { pieces, encoding: 'identity', bodyBytes };
  batch.isUnshared = true;
  return { pieces: [gzip(pieces, bodyBytes)], encoding: 'gzip', bodyBytes };
}
