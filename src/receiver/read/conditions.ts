/** Collects the conditions of a list: of the parameter `filter`, and of parameters of their own. */

import type { Condition, NumberOperator } from '../store/contract/conditions.js';
import { list, number, one, oneOf, time } from './parameters.js';

export interface Filter<Column extends string = string> {
  conditions: Condition<Column>[];
  /** Columns in the parameter `filter`, which takes precedence over a column's own parameter, as on the server. */
  named: Set<string>;
}

export function emptyFilter<Column extends string>(): Filter<Column> {
  return { conditions: [], named: new Set() };
}

/** The column must have the parameter's text, if the parameter is given. */
export function addText<Column extends string>(
  filter: Filter<Column>,
  query: URLSearchParams,
  parameter: string,
  column: Column,
): void {
  const value = one(query, parameter);
  if (value !== null) addUnlessNamed(filter, parameter, { type: 'string', column, operator: '=', value });
}

export function addOneOf<Column extends string>(
  filter: Filter<Column>,
  query: URLSearchParams,
  parameter: string,
  allowed: readonly string[],
  column: Column,
): void {
  const value = oneOf(query, parameter, allowed);
  if (value !== null) addUnlessNamed(filter, parameter, { type: 'string', column, operator: '=', value });
}

export function addNumber<Column extends string>(
  filter: Filter<Column>,
  query: URLSearchParams,
  parameter: string,
  column: Column,
  operator: NumberOperator,
): void {
  const value = number(query, parameter);
  if (value !== null) addUnlessNamed(filter, parameter, { type: 'number', column, operator, value });
}

/** The two bounds of a time: from (inclusive) and to (exclusive). */
export function addTimes<Column extends string>(
  filter: Filter<Column>,
  query: URLSearchParams,
  [from, to]: readonly [string, string],
  column: Column,
): void {
  const [fromUs, toUs] = [time(query, from), time(query, to)];
  if (fromUs !== null) {
    addUnlessNamed(filter, `${column}>`, { type: 'datetime', column, operator: '>=', value: fromUs });
  }
  if (toUs !== null) {
    addUnlessNamed(filter, `${column}<`, { type: 'datetime', column, operator: '<', value: toUs });
  }
}

/** The column must have one of the values of a parameter, if there are any. */
export function addAnyOf<Column extends string>(
  filter: Filter<Column>,
  query: URLSearchParams,
  parameter: string,
  column: Column,
  value: readonly string[] = list(query, parameter),
): void {
  if (value.length === 0) return;
  addUnlessNamed(filter, parameter, { type: 'stringOptions', column, operator: 'any of', value });
}

/** A list of texts must hold all values of the parameter. `named`: the column's name in the parameter `filter`. */
export function addAllOf<Column extends string>(
  filter: Filter<Column>,
  query: URLSearchParams,
  parameter: string,
  column: Column,
  named: string = column,
): void {
  const value = list(query, parameter);
  if (value.length === 0) return;
  addUnlessNamed(filter, named, { type: 'arrayOptions', column, operator: 'all of', value });
}

function addUnlessNamed<Column extends string>(
  filter: Filter<Column>,
  named: string,
  condition: Condition<Column>,
): void {
  if (!filter.named.has(named)) filter.conditions.push(condition);
}
