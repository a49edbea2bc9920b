/** Reads the fields of a classic event's body: absent and null mean "not said", anything else must have the right type. */

import { isObject, toJsonText } from './json-text.js';
import type { JsonText, Micros } from './rows.js';

export type Body = Record<string, unknown>;

/** An event of a batch: what every mapper needs of its envelope. */
export interface IngestionEvent {
  id: string;
  body: Body;
  timestampUs: Micros;
}

/** One event is invalid; the others of its request are not concerned. */
export class InvalidEvent extends Error {}

export function optionalText(body: Body, field: string): string | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw wrong(field, 'a string', value);
  return value;
}

export function optionalInteger(body: Body, field: string): number | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!Number.isSafeInteger(value)) throw wrong(field, 'an integer', value);
  return value as number;
}

export function optionalTime(body: Body, field: string): Micros | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  const micros = typeof value === 'string' ? Date.parse(value) * 1000 : Number.NaN;
  // The upper bound, in the year 2255, is where microseconds cease to be exact.
  if (!Number.isSafeInteger(micros)) throw wrong(field, 'an ISO 8601 time before 2255', value);
  return micros;
}

export function optionalBoolean(body: Body, field: string): 0 | 1 | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw wrong(field, 'true or false', value);
  return value ? 1 : 0;
}

export function optionalOneOf<T extends string>(body: Body, field: string, allowed: readonly T[]): T | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!allowed.includes(value as T)) throw wrong(field, `one of ${allowed.join(', ')}`, value);
  return value as T;
}

export function optionalTags(body: Body, field: string): JsonText | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.some((tag) => typeof tag !== 'string')) {
    throw wrong(field, 'an array of strings', value);
  }
  return toJsonText(value);
}

export function optionalObject(body: Body, field: string): Body | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw wrong(field, 'an object', value);
  return value;
}

/** Metadata may be any JSON; where it is not an object it gets a key, so that it can be merged with an update's. */
export function optionalMetadata(body: Body, field: string): JsonText | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  return toJsonText(isObject(value) ? value : { metadata: value });
}

/** Langfuse's rule; its own names begin with `langfuse`. */
export function optionalEnvironment(body: Body, field: string): string | null {
  const value = optionalText(body, field);
  if (value === null || /^(?!langfuse)[a-z0-9_-]{1,40}$/.test(value)) return value;
  throw wrong(field, 'up to 40 of a-z, 0-9, - and _, not beginning with "langfuse"', value);
}

export function wrong(field: string, expected: string, value: unknown): InvalidEvent {
  return new InvalidEvent(`${field} must be ${expected}, but got: ${toJsonText(value).slice(0, 80)}`);
}
