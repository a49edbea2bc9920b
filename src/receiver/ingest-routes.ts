/** The two ways in: OTLP traces and classic ingestion. A request is answered when what it brought is committed. */

import type { IncomingMessage } from 'node:http';
import { type BodyLimits, readBody } from './body.js';
import { HttpError, type RouteContext, send, sendJson } from './http.js';
import { readIngestion } from './ingestion.js';
import { decodeOtlpProtobuf } from './otlp-decoder.js';
import { decodeOtlpJson } from './otlp-json.js';
import { OtlpError, type OtlpSpan } from './otlp-types.js';
import { ProtobufError } from './protobuf-reader.js';
import { mapSpans } from './span-mapping.js';

const mebibyte = 1024 * 1024;

/** 64 MiB is the most that the OTLP specification lets a client send. */
const otlpLimits: BodyLimits = { maxWireBytes: 8 * mebibyte, maxBytes: 64 * mebibyte, gzip: true };

/**
 * As Langfuse's own server: what passes here passes there. Its body parser, that of Next.js (server/api-utils/node/
 * parse-body.ts), inflates nothing.
 */
const ingestionLimits: BodyLimits = {
  maxWireBytes: 4.5 * mebibyte,
  maxBytes: 4.5 * mebibyte,
  gzip: false,
};

const json = 'application/json';
const protobuf = 'application/x-protobuf';

export async function postOtlpTraces({ store, request, response }: RouteContext): Promise<void> {
  const contentType = requireContentType(request, [protobuf, json]);
  const body = await readBody(request, otlpLimits);
  await store.write(mapSpans(decodeOtlp(contentType, body)));
  // An ExportTraceServiceResponse without a partial success is an empty message.
  if (contentType === json) sendJson(response, 200, {});
  else send(response, 200, protobuf, '');
}

export async function postIngestion({ store, request, response }: RouteContext): Promise<void> {
  requireContentType(request, [json]);
  const { changes, answer } = readIngestion(parseJson(await readBody(request, ingestionLimits)));
  await store.write(changes);
  sendJson(response, 207, answer);
}

function decodeOtlp(contentType: string, body: Buffer): OtlpSpan[] {
  try {
    return contentType === json ? decodeOtlpJson(parseJson(body)) : decodeOtlpProtobuf(body);
  } catch (error) {
    if (error instanceof ProtobufError)
      throw new HttpError(400, `the body is not an OTLP trace request: ${error.message}`);
    if (error instanceof OtlpError) throw new HttpError(400, error.message);
    throw error;
  }
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
