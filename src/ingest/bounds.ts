/** Limits per request: far above what clients send, and low enough that other requests do not wait. */

import { HttpError } from './http-error.js';

/** Clients send some hundreds, collectors some thousands. */
export const MAX_SPANS = 50_000;
/** Fields of a protobuf message, at any depth. An attribute has four. */
export const MAX_FIELDS = 1_000_000;
/** Fields of a span, at any depth. A span is processed in one go. */
export const MAX_SPAN_FIELDS = 200_000;
/** Values of a JSON body, at any depth. */
export const MAX_VALUES = 1_000_000;
/** Events of a batch. A body of 4.5 MiB cannot hold as many useful ones. */
export const MAX_EVENTS = 20_000;

export function tooMany(what: string, max: number, holder = 'a request'): HttpError {
  const advice = holder === 'a request' ? ': send it in several' : '';
  return new HttpError(413, `${holder} must hold at most ${max} ${what}${advice}`);
}
