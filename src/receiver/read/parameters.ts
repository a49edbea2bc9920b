/** Query parameters of the API → values. A wrong one is answered with 400 and its name, as Langfuse's server does. */

import { HttpError } from '../http/requests.js';
import type { Micros } from '../store/rows.js';

export interface Paging {
  page: number;
  limit: number;
}

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 50;

export function paging(query: URLSearchParams): Paging {
  return {
    page: integer(query, 'page', 1, 1, Math.floor(Number.MAX_SAFE_INTEGER / MAX_LIMIT)),
    limit: integer(query, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT),
  };
}

/** A parameter that takes one value; null if it is absent or empty. */
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

/** An empty one is wrong: a client that meant to bound the time would otherwise be shown everything. */
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

/** Langfuse's clients write a list as `a,b`, the API's own description as repeated parameters: both are read. */
export function list(query: URLSearchParams, parameter: string): string[] {
  const values = query.getAll(parameter);
  return (values.length === 1 ? splitList(values[0] ?? '') : values).filter((value) => value !== '');
}

/** A list that only commas separate. */
export function commaList(query: URLSearchParams, parameter: string): string[] {
  return splitList(one(query, parameter) ?? '');
}

/** Names of groups of fields; null: none is named. Names that there are not are left out, as on the server. */
export function fieldGroups<T extends string>(
  query: URLSearchParams,
  groups: readonly T[],
): readonly T[] | null {
  const value = one(query, 'fields');
  return value === null ? null : groups.filter((group) => splitList(value).includes(group));
}

/** `field.asc` or `field.desc` → an ORDER BY expression; `columns` says which fields there are. */
export function orderBy(
  query: URLSearchParams,
  columns: Record<string, string>,
  defaultOrder: string,
): string {
  const value = one(query, 'orderBy') ?? defaultOrder;
  const [field = '', direction = ''] = value.split('.', 2);
  const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (column === undefined || !/^(asc|desc)$/i.test(direction)) {
    const fields = Object.keys(columns).join(', ');
    throw invalid('orderBy', `FIELD.asc or FIELD.desc with FIELD one of ${fields}`, value);
  }
  return `${column} ${direction.toUpperCase()}`;
}

/** Parameters that a Langfuse server honours and this receiver cannot: ignoring one would answer another question. */
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

/** Null unless the text is a full ISO 8601 time with a zone. */
export function microsOf(text: string): Micros | null {
  const [, date = '', fraction = ''] = ISO_TIME.exec(text) ?? [];
  const ms = Date.parse(text);
  if (date === '' || Number.isNaN(ms)) return null;
  // Date.parse takes a 30th of February for the 1st or 2nd of March.
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

/** Of tailrace: the answer then says which of its figures no client gave. Langfuse's answers have no such fields. */
export function estimatesAreAsked(query: URLSearchParams): boolean {
  // On a server it chooses one of two tables that hold the same.
  flag(query, 'useEventsTable');
  return flag(query, 'estimates') ?? false;
}
