/** Reads a request body within its limits: on the wire, and again while it is inflated. */

import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ClientGone, HttpError } from './http.js';

export interface BodyLimits {
  /** As it comes over the wire, compressed or not. */
  maxWireBytes: number;
  /** After decompression. */
  maxBytes: number;
  /** Whether gzip is inflated. */
  gzip: boolean;
}

/**
 * How much of a refused body is still taken and thrown away. A client that is in the middle of sending would otherwise
 * meet a reset connection and never read why; one that sends without end is cut off.
 */
const maxDiscardedBytes = 64 * 1024 * 1024;

const gunzipAsync = promisify(gunzip);

/** Throws HttpError 413 (too large), 415 (encoding), 400 (gzip that is broken or not taken), or ClientGone. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'identity') {
    throw new HttpError(415, `Content-Encoding must be gzip or identity, but got: ${encoding.slice(0, 40)}`);
  }
  if (encoding === 'gzip' && !limits.gzip) {
    throw new HttpError(400, "this endpoint reads no compressed body, as that of Langfuse's server does not");
  }
  const wireLimit =
    encoding === 'gzip' ? limits.maxWireBytes : Math.max(limits.maxWireBytes, limits.maxBytes);
  const wire = await readWire(request, wireLimit);
  return encoding === 'gzip' ? inflate(wire, limits.maxBytes) : wire;
}

/** Takes the rest of a refused body off the connection, so that the answer reaches the client. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > maxDiscardedBytes) request.destroy();
  });
  request.resume();
}

function readWire(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(tooLarge(maxBytes, ''));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let received = 0;
    const settle = (finish: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      finish();
    };
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (received > maxBytes) settle(() => reject(tooLarge(maxBytes, '')));
      else chunks.push(chunk);
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks, received)));
    const onClose = () => settle(() => reject(new ClientGone()));
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

async function inflate(wire: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    // The limit holds while inflating: a small bomb never becomes a large buffer.
    return await gunzipAsync(wire, { maxOutputLength: maxBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes, ' after decompression');
    throw new HttpError(400, `the body is not valid gzip: ${message}`);
  }
}

function tooLarge(maxBytes: number, when: string): HttpError {
  return new HttpError(413, `the body must have at most ${maxBytes} bytes${when}`);
}
