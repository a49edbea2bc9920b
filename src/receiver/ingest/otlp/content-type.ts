/** The two content types of OTLP/HTTP. */

import type { IncomingMessage } from 'node:http';

export const OTLP_JSON = 'application/json';
export const OTLP_PROTOBUF = 'application/x-protobuf';

/** That of an answer: the one of the request; JSON if the request has neither. */
export function otlpTypeOf({ headers }: IncomingMessage): typeof OTLP_JSON | typeof OTLP_PROTOBUF {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase() === OTLP_PROTOBUF ? OTLP_PROTOBUF : OTLP_JSON;
}
