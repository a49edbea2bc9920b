/** How much one request may hold. Far above what clients send, and low enough that nobody else waits for it. */

import { HttpError } from '../http/requests.js';

/** Clients send some hundreds, collectors some thousands. */
export const MAX_SPANS = 50_000;
/** Of a protobuf message, at any depth: an attribute has four. */
export const MAX_FIELDS = 1_000_000;
/** Of a span with all that is below it: it is dealt with in one go. */
export const MAX_SPAN_FIELDS = 200_000;
/** Of a JSON body, at any depth. */
export const MAX_VALUES = 1_000_000;
/** Of a batch: a body of 4.5 MiB has no room for as many that say something. */
export const MAX_EVENTS = 20_000;

export function tooMany(what: string, max: number, holder = 'a request'): HttpError {
  const advice = holder === 'a request' ? ': send it in several' : '';
  return new HttpError(413, `${holder} must hold at most ${max} ${what}${advice}`);
}
