/** The second of the three calls of an exporter: it makes the request of a batch, which is compressed here. */
import { gzip } from '../compression/gzip.js';
import { redactedMessage } from '../exporter/exporter-text.js';
import { type TransportRequest, toTransportRequest } from '../transport/transport.js';
import type { Batch } from './batch.js';
import type { Delivery } from './delivery.js';

type MadeRequest =
  /** `bodyBytes`: before compression. */
  { readonly request: TransportRequest; readonly bodyBytes: number } | { readonly failure: string };

export function makeRequest(delivery: Delivery, batch: Batch): MadeRequest {
  const { lane, records } = batch;
  try {
    const made = delivery.exporter.request(lane, records);
    const request = { ...toTransportRequest(made), lane };
    const { headers, body } = request;
    const bodyBytes = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (made.compressible === false || !delivery.isCompressed(made.url)) return { request, bodyBytes };
    batch.isUnshared = true;
    const compressed = gzip(body, bodyBytes);
    return {
      request: { ...request, headers: { ...headers, 'content-encoding': 'gzip' }, body: [compressed] },
      bodyBytes,
    };
  } catch (error) {
    return { failure: `the exporter could not make a request: ${redactedMessage(error, bytesOf(batch))}` };
  }
}

export function bytesOf({ records }: Pick<Batch, 'records'>): Uint8Array[] {
  return records.map(({ bytes }) => bytes);
}
