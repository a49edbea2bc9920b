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
    if (made.compressible === false || !delivery.isCompressed(made.url)) return { request, bodyBytes };
    batch.isUnshared = true;
    const compressed = gzipSync(joined(body, bodyBytes), { level: GZIP_LEVEL });
    return {
      request: { ...request, headers: { ...headers, 'content-encoding': 'gzip' }, body: [compressed] },
      bodyBytes,
    };
  } catch (error) {
    return { failure: `the exporter could not make a request: ${redactedMessage(error, bytesOf(batch))}` };
  }
}

/** Holds one body at a time. Memory outside of V8's heap is cheap to reuse: each new megabyte brings the next major collection closer. */
let joint = Buffer.alloc(0);
/** A larger body gets memory of its own. */
const MAX_JOINT_BYTES = 8 * 1024 * 1024;

/** The pieces side by side, until the next call. */
function joined(pieces: readonly Uint8Array[], byteLength: number): Uint8Array {
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  if (byteLength > MAX_JOINT_BYTES) return Buffer.concat(pieces);
  if (joint.byteLength < byteLength) joint = Buffer.allocUnsafeSlow(byteLength);
  let at = 0;
  for (const piece of pieces) {
    joint.set(piece, at);
    at += piece.byteLength;
  }
  return joint.subarray(0, byteLength);
}

export function bytesOf({ records }: Pick<Batch, 'records'>): Uint8Array[] {
  return records.map(({ bytes }) => bytes);
}
