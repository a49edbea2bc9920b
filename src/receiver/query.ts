/** Query parameters of the read API → values to bind. A wrong one is answered with 400 and its name. */

import { HttpError } from './http.js';
import type { SqlValue } from './sqlite.js';

export interface Paging {
  page: number;
  limit: number;
}

const maxLimit = 100;
const defaultLimit = 50;

export function paging(query: URLSearchParams): Paging {
  return {
    page: integerWithin(query, 'page', 1, 1, Number.MAX_SAFE_INTEGER / maxLimit),
    limit: integerWithin(query, 'limit', defaultLimit, 1, maxLimit),
  };
}

/** A WHERE clause in the making: its text holds only conditions written in this project, its values are bound. */
export interface Filter {
  conditions: string[];
  values: SqlValue[];
}

export function emptyFilter(): Filter {
  return { conditions: [], values: [] };
}

export function whereClause({ conditions }: Filter): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

export function addCondition(filter: Filter, condition: string, ...values: SqlValue[]): void {
  filter.conditions.push(condition);
  filter.values.push(...values);
}

/** Adds `condition` with the parameter's text, if it is given. */
export function addText(filter: Filter, query: URLSearchParams, parameter: string, condition: string): void {
  const value = given(query, parameter);
  if (value !== null) addCondition(filter, condition, value);
}

export function addTime(filter: Filter, query: URLSearchParams, parameter: string, condition: string): void {
  const value = given(query, parameter);
  if (value === null) return;
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw invalid(parameter, 'an ISO 8601 time', value);
  addCondition(filter, condition, time * 1000);
}

export function addOneOf(
  filter: Filter,
  query: URLSearchParams,
  parameter: string,
  allowed: readonly string[],
  condition: string,
): void {
  const value = given(query, parameter);
  if (value === null) return;
  if (!allowed.includes(value)) throw invalid(parameter, `one of ${allowed.join(', ')}`, value);
  addCondition(filter, condition, value);
}

export function addNumber(
  filter: Filter,
  query: URLSearchParams,
  parameter: string,
  condition: string,
): void {
  const value = given(query, parameter);
  if (value === null) return;
  if (!Number.isFinite(Number(value))) throw invalid(parameter, 'a number', value);
  addCondition(filter, condition, Number(value));
}

/** `column IN (…)` for a parameter that may be repeated, or hold several values with commas between them. */
export function addAnyOf(filter: Filter, query: URLSearchParams, parameter: string, column: string): void {
  const values = listOf(query, parameter);
  if (values.length > 0)
    addCondition(filter, `${column} IN (${values.map(() => '?').join(', ')})`, ...values);
}

/** The stock clients write a list as `a,b`, the API's own description as repeated parameters: both are read. */
export function listOf(query: URLSearchParams, parameter: string): string[] {
  return query
    .getAll(parameter)
    .flatMap((value) => value.split(','))
    .filter((value) => value !== '');
}

/** `field.asc` or `field.desc` → an ORDER BY expression; `columns` says which fields there are. */
export function orderBy(
  query: URLSearchParams,
  columns: Record<string, string>,
  defaultOrder: string,
): string {
  const value = given(query, 'orderBy') ?? defaultOrder;
  const [field = '', direction = 'asc'] = value.split('.', 2);
  const column = Object.hasOwn(columns, field) ? columns[field] : undefined;
  if (column === undefined || !/^(asc|desc)$/i.test(direction)) {
    throw invalid(
      'orderBy',
      `FIELD.asc or FIELD.desc with FIELD one of ${Object.keys(columns).join(', ')}`,
      value,
    );
  }
  return `${column} ${direction.toLowerCase() === 'asc' ? 'ASC' : 'DESC'}`;
}

export function invalid(parameter: string, expected: string, value: string): HttpError {
  return new HttpError(
    400,
    `query parameter ${parameter} must be ${expected}, but got: "${value.slice(0, 80)}"`,
  );
}

function given(query: URLSearchParams, parameter: string): string | null {
  const value = query.get(parameter);
  return value === '' ? null : value;
}

function integerWithin(
  query: URLSearchParams,
  parameter: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const value = given(query, parameter);
  if (value === null) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  const range =
    max > Number.MAX_SAFE_INTEGER / (maxLimit * 2)
      ? `an integer from ${min}`
      : `an integer from ${min} to ${max}`;
  throw invalid(parameter, range, value);
}
