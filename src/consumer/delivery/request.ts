/** The second of the three calls of an exporter: it makes the request of a batch, which is compressed here. */
import { gzipSync } from 'node:zlib';
import { redactedMessage } from '../exporter/exporter-text.js';
import { type TransportRequest, toTransportRequest } from '../transport/transport.js';
import type { Batch } from './batch.js';
import type { Delivery } from './delivery.js';

/** Fast, and off the application's thread; higher levels cost several times the CPU for a few per cent. */
const GZIP_LEVEL = 1;

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
    if (delivery.compression === 'none' || made.compressible === false) return { request, bodyBytes };
    const compressed = gzipSync(body.length === 1 ? (body[0] as Uint8Array) : Buffer.concat(body), {
      level: GZIP_LEVEL,
    });
    return {
      request: { ...request, headers: { ...headers, 'content-encoding': 'gzip' }, body: [compressed] },
      bodyBytes,
    };
  } catch (error) {
    return { failure: `the exporter could not make a request: ${redactedMessage(error, bytesOf(batch))}` };
  }
}

export function bytesOf({ records }: Batch): Uint8Array[] {
  return records.map(({ bytes }) => bytes);
}
