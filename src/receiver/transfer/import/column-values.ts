/** Values of Langfuse's exports: those of CSV and of ClickHouse, whose nothing is an empty text, as those of JSON. */

import { isObject, parsedOrUndefined } from '../../../ingest/json-text.js';

type Row = Record<string, unknown>;

/** An empty text is the nothing of CSV and of ClickHouse. */
export function filled(value: unknown): unknown {
  return value === null || value === undefined || value === '' ? undefined : value;
}

export const given = (value: unknown) => filled(value) !== undefined;

export function picked(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, filled(row[name])]));
}

export function defined(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== null));
}

/** ClickHouse's times have neither T nor zone, and those in CSV are JSON: with quotes. */
export function isoTime(given: unknown): string | undefined {
  if (typeof given !== 'string' || given === '') return undefined;
  const value = given.replace(/^"(.*)"$/, '$1');
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/.test(value) ? `${value.replace(' ', 'T')}Z` : value;
}

/** JSON of a CSV field, or the value that JSON has already. */
export function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  return /^[[{]/.test(value) ? (parsedOrUndefined(value) ?? value) : value;
}

/** Stays a text where it is one: the server stores the JSON in it. */
export function payload(value: unknown): unknown {
  return filled(value);
}

export function filledObject(value: unknown): Row | undefined {
  const object = parsed(value);
  return isObject(object) && Object.keys(object).length > 0 ? object : undefined;
}

/** Exports have the counts of ClickHouse, 64-bit integers, as texts. */
export function numbersOf(value: unknown): Row | undefined {
  const object = filledObject(value);
  if (object === undefined) return undefined;
  const numbers = Object.entries(object).flatMap(([key, one]) => {
    const number = numeric(one);
    return number === undefined ? [] : [[key, number] as const];
  });
  return numbers.length === 0 ? undefined : Object.fromEntries(numbers);
}

export function numeric(value: unknown): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && value !== ''
        ? Number(value)
        : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(true|1)$/i.test(value));
}
