/** Parses query parameters. An invalid one is answered with 400 and its name, as by Langfuse's server. */

import type { Micros } from '../../ingest/rows.js';
import { HttpError } from '../http/requests.js';
import type { Paging } from '../store/contract/rows.js';

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 50;

export function paging(query: URLSearchParams): Paging {
  return {
    page: integer(query, 'page', 1, 1, Math.floor(Number.MAX_SAFE_INTEGER / MAX_LIMIT)),
    limit: integer(query, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT),
  };
}

/** A parameter with a single value; null if it is absent or empty. */
export function one(query: URLSearchParams, parameter: string): string | null {
  return onlyValue(query, parameter) || null;
}

export function integer(
  query: URLSearchParams,
  parameter: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = one(query, parameter);
  if (value === null) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw invalid(parameter, `an integer from ${min} to ${max}`, value);
}

export function number(query: URLSearchParams, parameter: string): number | null {
  const value = one(query, parameter);
  if (value === null) return null;
  if (!Number.isFinite(Number(value))) throw invalid(parameter, 'a number', value);
  return Number(value);
}

/** An empty value is invalid: otherwise a client that meant to limit the time would get everything. */
export function time(query: URLSearchParams, parameter: string): Micros | null {
  const value = onlyValue(query, parameter);
  if (value === null) return null;
  const micros = microsOf(value);
  if (micros === null) throw invalid(parameter, 'an ISO 8601 time with a zone (2026-01-15T12:00:00Z)', value);
  return micros;
}

export function oneOf<T extends string>(
  query: URLSearchParams,
  parameter: string,
  allowed: readonly T[],
): T | null {
  const value = onlyValue(query, parameter);
  if (value === null) return null;
  if (!allowed.includes(value as T)) throw invalid(parameter, `one of ${allowed.join(', ')}`, value);
  return value as T;
}

export function flag(query: URLSearchParams, parameter: string): boolean | null {
  const value = oneOf(query, parameter, ['true', 'false']);
  return value === null ? null : value === 'true';
}

/** Langfuse's clients write lists as `a,b`, the API description says repeated parameters: both are supported. */
export function list(query: URLSearchParams, parameter: string): string[] {
  const values = query.getAll(parameter);
  return (values.length === 1 ? splitList(values[0] ?? '') : values).filter((value) => value !== '');
}

/** A list separated by commas only. */
export function commaList(query: URLSearchParams, parameter: string): string[] {
  return splitList(one(query, parameter) ?? '');
}

/** Names of field groups; null if the parameter is absent. Unknown names are ignored, as on the server. */
export function fieldGroups<T extends string>(
  query: URLSearchParams,
  groups: readonly T[],
): readonly T[] | null {
  const value = one(query, 'fields');
  return value === null ? null : groups.filter((group) => splitList(value).includes(group));
}

/** `field.asc` or `field.desc`; `columns` says which fields there are. */
export function orderBy<T extends string>(
  query: URLSearchParams,
  columns: readonly T[],
  defaultOrder: string,
): { column: T; isDescending: boolean } {
  const value = one(query, 'orderBy') ?? defaultOrder;
  const [field = '', direction = ''] = value.split('.', 2);
  const column = columns.find((name) => name === field);
  if (column === undefined || !/^(asc|desc)$/i.test(direction)) {
    throw invalid('orderBy', `FIELD.asc or FIELD.desc with FIELD one of ${columns.join(', ')}`, value);
  }
  return { column, isDescending: direction.toLowerCase() === 'desc' };
}

/** Refuses parameters that a Langfuse server supports and this receiver does not: ignoring one would answer another question. */
export function refuse(query: URLSearchParams, parameters: Record<string, string>): void {
  for (const [parameter, reason] of Object.entries(parameters)) {
    if (one(query, parameter) !== null)
      throw invalid(parameter, `left out (${reason})`, query.get(parameter) ?? '');
  }
}

export function invalid(parameter: string, expected: string, value: string): HttpError {
  return new HttpError(
    400,
    `query parameter ${parameter} must be ${expected}, but got: "${value.slice(0, 80)}"`,
  );
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.(\d+))?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Microseconds of a full ISO 8601 time with a zone, else null. */
export function microsOf(text: string): Micros | null {
  const [, date = '', fraction = ''] = ISO_TIME.exec(text) ?? [];
  const ms = Date.parse(text);
  if (date === '' || Number.isNaN(ms)) return null;
  // Date.parse reads the 30th of February as the 1st or 2nd of March.
  if (new Date(date).toISOString().slice(0, 10) !== date) return null;
  return ms * 1000 + Number(fraction.slice(3, 6).padEnd(3, '0'));
}

function onlyValue(query: URLSearchParams, parameter: string): string | null {
  const values = query.getAll(parameter);
  if (values.length > 1) throw invalid(parameter, 'a single value', values.join(', '));
  return values[0] ?? null;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** A parameter of tailrace only: the response then marks figures that are estimates. Langfuse's responses have no such fields. */
export function estimatesAreAsked(query: URLSearchParams): boolean {
  // On a server it chooses one of two tables with the same content.
  flag(query, 'useEventsTable');
  return flag(query, 'estimates') ?? false;
}
