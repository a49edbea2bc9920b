/** Builds WHERE clauses. Their text is SQL of this project only; every value is bound. */

import { bindable, type SqlValue } from '../store/sqlite.js';
import { list, number, one, oneOf, time } from './parameters.js';

export interface Filter {
  conditions: string[];
  values: SqlValue[];
  /** Columns in the parameter `filter`, which takes precedence over a column's own parameter, as on the server. */
  named: Set<string>;
}

export function emptyFilter(): Filter {
  return { conditions: [], values: [], named: new Set() };
}

export function whereClause({ conditions }: Filter): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

export function addCondition(filter: Filter, condition: string, ...values: SqlValue[]): void {
  filter.conditions.push(condition);
  filter.values.push(...values.map(bindable));
}

/** One bound value for a list of any length: `column IN ${IN_LIST}` with `bindList(values)`. */
export const IN_LIST = '(SELECT value FROM json_each(?))';

export function bindList(values: readonly string[]): string {
  return JSON.stringify(values);
}

/** Adds `condition` with the parameter's text, if the parameter is given. */
export function addText(filter: Filter, query: URLSearchParams, parameter: string, condition: string): void {
  addUnlessNamed(filter, parameter, condition, one(query, parameter));
}

export function addOneOf(
  filter: Filter,
  query: URLSearchParams,
  parameter: string,
  allowed: readonly string[],
  condition: string,
): void {
  addUnlessNamed(filter, parameter, condition, oneOf(query, parameter, allowed));
}

export function addNumber(
  filter: Filter,
  query: URLSearchParams,
  parameter: string,
  condition: string,
): void {
  addUnlessNamed(filter, parameter, condition, number(query, parameter));
}

/** The two bounds of a time: from (inclusive) and to (exclusive). */
export function addTimes(
  filter: Filter,
  query: URLSearchParams,
  [from, to]: readonly [string, string],
  column: string,
  sql: string,
): void {
  addUnlessNamed(filter, `${column}>`, `${sql} >= ?`, time(query, from));
  addUnlessNamed(filter, `${column}<`, `${sql} < ?`, time(query, to));
}

/** `column IN (…)` for a parameter that holds several values. */
export function addAnyOf(
  filter: Filter,
  query: URLSearchParams,
  parameter: string,
  sql: string,
  values = list(query, parameter),
): void {
  addUnlessNamed(filter, parameter, `${sql} IN ${IN_LIST}`, values.length === 0 ? null : bindList(values));
}

/** A JSON list in a column must hold all of the parameter's values. */
export function addAllOf(
  filter: Filter,
  query: URLSearchParams,
  parameter: string,
  sql: string,
  column = parameter,
): void {
  const values = list(query, parameter);
  addUnlessNamed(filter, column, holdsAll(sql), values.length === 0 ? null : bindList(values));
}

export function holdsAll(sql: string): string {
  return `NOT EXISTS (SELECT 1 FROM json_each(?) AS wanted WHERE wanted.value NOT IN (SELECT value FROM json_each(coalesce(${sql}, '[]'))))`;
}

function addUnlessNamed(filter: Filter, column: string, condition: string, value: SqlValue): void {
  if (value !== null && !filter.named.has(column)) addCondition(filter, condition, value);
}
