/** Errors as OTLP/HTTP has them: a google.rpc.Status in the content type of the request, and 503 where a repeat may help. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { send } from '../../http/requests.js';
import { OTLP_JSON, OTLP_PROTOBUF, otlpTypeOf } from './content-type.js';
import { protobufField } from './protobuf-writer.js';

/** HTTP status → code of google.rpc.Code. */
const CODES: Record<number, number> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  413: 3,
  415: 3,
  429: 8,
  503: 14,
};
const INTERNAL = 13;

/** OTLP's clients drop what is answered with 500 and repeat after 503, so a fault of this server is the latter. */
export function sendOtlpError(
  request: IncomingMessage,
  response: ServerResponse,
  { status, message, headers }: { status: number; message: string; headers: Record<string, string> },
): void {
  const shown = status === 500 ? 503 : status;
  const all = status === 500 ? { 'retry-after': '1', ...headers } : headers;
  const code = CODES[shown] ?? INTERNAL;
  if (otlpTypeOf(request) === OTLP_PROTOBUF) {
    const body = Buffer.concat([protobufField(1, code), protobufField(2, message)]);
    send(response, shown, OTLP_PROTOBUF, body, all);
  } else send(response, shown, OTLP_JSON, JSON.stringify({ code, message }), all);
}
