/** Columns of answers → values of JavaScript. */

import type { Row } from '../connection/connection.js';

type Value = Row[string];

export const textOf = (value: Value): string | null =>
  value === null || value === undefined ? null : String(value);

/** Columns of names have no null: an empty text is none. */
export const nameOf = (value: Value): string | null => textOf(value) || null;

export const numberOf = (value: Value): number | null =>
  value === null || value === undefined ? null : Number(value);

export const countOf = (value: Value): number => Number(value ?? 0);

export const flagOf = (value: Value): boolean => value === true || value === 1;

export const textsOf = (value: Value): string[] => (Array.isArray(value) ? value.map(String) : []);

export const numbersOf = (value: Value): number[] => (Array.isArray(value) ? value.map(Number) : []);

export function mapOf<T>(value: Value): Record<string, T> {
  return typeof value === 'object' && value !== null ? (value as Record<string, T>) : {};
}

/** A map of numbers as JSON; null: it is empty. */
export function detailsText(value: Value): string | null {
  const details = Object.entries(mapOf<number>(value)).map(([key, count]) => [key, Number(count)]);
  return details.length === 0 ? null : JSON.stringify(Object.fromEntries(details));
}
