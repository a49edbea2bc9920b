/** Reads request bodies within limits: on the wire, and while they are decompressed. */

import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { isObject } from '../../ingest/json-text.js';
import { ClientGone, HttpError } from './requests.js';

export interface BodyLimits {
  /** Size on the wire, compressed or not. */
  maxWireBytes: number;
  /** Size after decompression. */
  maxBytes: number;
  /** Whether gzip is inflated. */
  gzip: boolean;
}

/**
 * How much of a refused body is still read and discarded. A client that is still sending would otherwise
 * get a reset connection and never read the reason. A client that sends without end is cut off.
 */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

const INFLATED_CHUNK_BYTES = 64 * 1024;

/** Limit for all bodies in memory. Beyond it clients get 429 and try again later. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
let heldBytes = 0;
const heldBy = new WeakMap<IncomingMessage, number>();

/** @throws HttpError 429 if the limit is reached. */
function hold(request: IncomingMessage, bytes: number): void {
  if (heldBytes + bytes > MAX_HELD_BYTES) {
    const message = `the receiver holds at most ${MAX_HELD_BYTES} bytes of bodies at a time: try again in a second`;
    throw new HttpError(429, message, { 'retry-after': '1' });
  }
  heldBytes += bytes;
  heldBy.set(request, (heldBy.get(request) ?? 0) + bytes);
}

/** Call this when the request has been answered. */
export function releaseBody(request: IncomingMessage): void {
  heldBytes -= heldBy.get(request) ?? 0;
  heldBy.delete(request);
}

/** A large body takes several times its size when decoded, so large bodies are processed one at a time. */
const LARGE_BYTES = 1024 * 1024;
let lastLarge: Promise<unknown> = Promise.resolve();

export function oneAtATime<T>(bodyBytes: number, deal: () => Promise<T>): Promise<T> {
  if (bodyBytes <= LARGE_BYTES) return deal();
  const dealt = lastLarge.then(deal);
  lastLarge = dealt.catch(() => {});
  return dealt;
}

/** @throws HttpError 413 (too large), 415 (encoding), 400 (gzip broken or not supported), 429, or ClientGone. */
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
  return encoding === 'gzip' ? inflate(request, wire, limits.maxBytes) : wire;
}

/** Reads a body that must be a JSON object. @throws HttpError also for another content type (415) and for other JSON (400). */
export async function readJsonObject(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Record<string, unknown>> {
  requireContentType(request, ['application/json']);
  const body = parseJson(await readBody(request, limits));
  if (!isObject(body)) throw new HttpError(400, 'the body must be a JSON object');
  return body;
}

export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new HttpError(400, `the body is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}

export function requireContentType(request: IncomingMessage, allowed: string[]): string {
  const given = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (allowed.includes(given)) return given;
  throw new HttpError(415, `Content-Type must be ${allowed.join(' or ')}, but got: "${given.slice(0, 80)}"`);
}

/** Drains the rest of a refused body, so that the client can read the response. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED_BYTES) request.destroy();
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
      try {
        if (received > maxBytes) throw tooLarge(maxBytes, '');
        hold(request, chunk.length);
        chunks.push(chunk);
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onEnd = () => settle(() => resolve(Buffer.concat(chunks, received)));
    const onClose = () => settle(() => reject(new ClientGone()));
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

async function inflate(request: IncomingMessage, wire: Buffer, maxBytes: number): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize: INFLATED_CHUNK_BYTES });
  const chunks: Buffer[] = [];
  let inflated = 0;
  try {
    gunzip.end(wire);
    // The limit is checked while inflating: a decompression bomb never becomes a large buffer.
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      inflated += chunk.length;
      if (inflated > maxBytes) throw tooLarge(maxBytes, ' after decompression');
      hold(request, chunk.length);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, inflated);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, `the body is not valid gzip: ${(error as Error).message}`);
  }
}

function tooLarge(maxBytes: number, when: string): HttpError {
  return new HttpError(413, `the body must have at most ${maxBytes} bytes${when}`);
}
