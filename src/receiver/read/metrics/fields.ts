/** Checks fields of the JSON of a metrics query. A wrong one is answered with 400 and its name. */

import { isObject } from '../../../ingest/json-text.js';
import { HttpError } from '../../http/requests.js';
import { shown } from '../filter-parameter.js';

export type Raw = Record<string, unknown>;

/** More would only be there by mistake, and each takes part of the statement. */
const MAX_ITEMS = 50;

export function wrong(field: string, expected: string, value: unknown): HttpError {
  return new HttpError(400, `query parameter query: ${field} must be ${expected}, but got: ${shown(value)}`);
}

export function need(value: unknown, field: string): unknown {
  if (value === undefined) throw wrong(field, 'given', value);
  return value;
}

export function object(value: unknown, field: string): Raw {
  if (!isObject(value)) throw wrong(field, 'an object', value);
  return value;
}

export function list(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) throw wrong(field, 'an array', value);
  if (value.length > MAX_ITEMS) {
    throw new HttpError(
      400,
      `query parameter query: ${field} must have at most ${MAX_ITEMS} items, but has ${value.length}`,
    );
  }
  return value;
}

export function text(value: unknown, field: string): string {
  if (typeof value !== 'string') throw wrong(field, 'a string', value);
  return value;
}

export function oneOf<T extends string>(value: unknown, field: string, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) throw wrong(field, `one of ${allowed.join(', ')}`, value);
  return value as T;
}

export function optionalInteger(value: unknown, field: string, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > max) {
    throw wrong(field, `an integer from 1 to ${max}`, value);
  }
  return value as number;
}
