/** Reads fields of what an export wrote. A file may hold anything: each has its type, or the error names the field. */

import { isObject } from '../../../ingest/json-text.js';
import { isIsoTime, microsOfIso } from '../../../ingest/server-values.js';

export type Body = Record<string, unknown>;

/** Something is not as an export writes it. The message names the field. */
export class StoredEventError extends Error {}

export function mustBe(field: string, expected: string): StoredEventError {
  return new StoredEventError(`${field} must be ${expected}, as tailrace exports it`);
}

export function text(body: Body, field: string): string | null {
  const value = body[field] ?? null;
  if (value === null || typeof value === 'string') return value;
  throw mustBe(field, 'a string');
}

const MAX_ID_CHARS = 800;

export function requiredId(body: Body, field: string): string {
  const value = text(body, field);
  if (value === null || value === '' || value.length > MAX_ID_CHARS) throw mustBe(field, 'an id');
  return value;
}

export function time(body: Body, field: string): number | null {
  const value = body[field] ?? null;
  if (value === null) return null;
  const us = isIsoTime(value) ? microsOfIso(value) : null;
  if (us === null) throw mustBe(field, 'an ISO 8601 time');
  return us;
}

export function optionalMicros(body: Body, field: string): number | null {
  return (body[field] ?? null) === null ? null : micros(body, field);
}

export function micros(body: Body, field: string): number {
  const value = body[field];
  if (!Number.isSafeInteger(value)) throw mustBe(field, 'an integer');
  return value as number;
}

export function objectOf(body: Body, field: string): Body | null {
  const value = body[field] ?? null;
  if (value === null || isObject(value)) return value as Body | null;
  throw mustBe(field, 'an object');
}

export function jsonOf(body: Body, field: string): string | null {
  const value = body[field] ?? null;
  if (value === null) return null;
  if (typeof value !== 'object') throw mustBe(field, 'an object');
  return JSON.stringify(value);
}

export function numbersOf(body: Body, field: string): Record<string, number> | null {
  const value = objectOf(body, field);
  if (value !== null && Object.values(value).some((one) => typeof one !== 'number')) {
    throw mustBe(field, 'an object of numbers');
  }
  return value as Record<string, number> | null;
}

export function textsOf(body: Body, field: string): string[] | null {
  const value = body[field] ?? null;
  if (value === null) return null;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value as string[];
  throw mustBe(field, 'a list of strings');
}
