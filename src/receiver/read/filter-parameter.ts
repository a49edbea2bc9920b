/**
 * The parameter `filter`: a JSON array of conditions {type, column, operator, key?, value} → checked conditions.
 *
 * The types, their operators and values are those of Langfuse's packages/shared/src/interfaces/filters.ts. A condition
 * compares what the response shows; for a column without a value only `is null` is true, as in SQL.
 */

import { isObject } from '../../ingest/json-text.js';
import { HttpError } from '../http/requests.js';
import {
  type ColumnKind,
  type Condition,
  type ConditionType,
  TYPES_OF_COLUMNS,
} from '../store/contract/conditions.js';
import type { Filter } from './conditions.js';
import { one } from './parameters.js';

/** Columns that conditions may name, each with what it holds. */
export type Columns = Readonly<Record<string, ColumnKind>>;

/** Columns with the operator `matches`, a literal search: case-sensitive or not. */
export type Searched = Readonly<Record<string, 'exact' | 'ignoring case'>>;

/** Those of the parameter; the store has more. */
type GivenType = Exclude<ConditionType, 'numberOptions'>;

interface GivenCondition {
  column: string;
  operator: string;
}

interface ConditionKind {
  operators: readonly string[];
  /** What `value` must be, as text for messages. */
  expected: string;
  takes(value: unknown): boolean;
  /** With a key: an entry of metadata, or the name of a score. */
  keyed?: boolean;
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const TEXT_OPERATORS = ['=', 'contains', 'does not contain', 'starts with', 'ends with'];
const NUMBER_OPERATORS = ['=', '>', '<', '>=', '<='];

const CONDITION_TYPES = {
  datetime: {
    operators: ['>', '<', '>=', '<='],
    expected: 'a time',
    takes: (value) => isText(value) && !Number.isNaN(Date.parse(value as string)),
  },
  string: { operators: TEXT_OPERATORS, expected: 'a string', takes: isText },
  number: { operators: NUMBER_OPERATORS, expected: 'a number', takes: isNumber },
  stringOptions: {
    operators: ['any of', 'none of'],
    expected: 'a non-empty array of strings',
    takes: (value) => isTexts(value) && (value as string[]).length > 0,
  },
  categoryOptions: {
    operators: ['any of', 'none of'],
    expected: 'an array of strings',
    takes: isTexts,
    keyed: true,
  },
  arrayOptions: {
    operators: ['any of', 'none of', 'all of'],
    expected: 'an array of strings',
    takes: isTexts,
  },
  stringObject: {
    operators: TEXT_OPERATORS,
    expected: 'a string',
    takes: isText,
    keyed: true,
  },
  numberObject: {
    operators: NUMBER_OPERATORS,
    expected: 'a number',
    takes: isNumber,
    keyed: true,
  },
  booleanObject: {
    operators: ['=', '<>'],
    expected: 'true or false',
    takes: isBoolean,
    keyed: true,
  },
  boolean: { operators: ['=', '<>'], expected: 'true or false', takes: isBoolean },
  null: {
    operators: ['is null', 'is not null'],
    expected: 'an empty string',
    takes: (value) => value === '',
  },
} satisfies Record<GivenType, ConditionKind>;

/** Adds the conditions of the parameter `filter`, and records the columns that it names. */
export function addFilterParameter<Column extends string>(
  filter: Filter<Column>,
  query: URLSearchParams,
  columns: Readonly<Partial<Record<Column, ColumnKind>>>,
  searched: Searched = {},
): void {
  const text = one(query, 'filter');
  if (text === null) return;
  const conditions = parse(text);
  addConditions(filter, columns, conditions, 'query parameter filter', searched);
  requireSearch(conditions as GivenCondition[], searched);
}

/** `source` begins the message of an error. */
export function addConditions<Column extends string>(
  filter: Filter<Column>,
  columns: Readonly<Partial<Record<Column, ColumnKind>>>,
  conditions: readonly unknown[],
  source: string,
  searched: Searched = {},
): void {
  for (const [index, condition] of conditions.entries()) {
    const wrong = (field: string, expected: string, value: unknown) =>
      new HttpError(
        400,
        `${source}: ${field} of condition ${index + 1} must be ${expected}, but got: ${shown(value)}`,
      );
    const checked = checkedCondition(columns as Columns, searched, condition, wrong);
    const { type, column, operator } = checked;
    filter.conditions.push(checked as Condition<Column>);
    // The two bounds of a time are two parameters with names of their own.
    filter.named.add(type === 'datetime' ? `${column}${operator[0]}` : column);
  }
}

/** As on the server, input and output are not scanned for a substring alone. */
function requireSearch(conditions: readonly GivenCondition[], searched: Searched): void {
  const scanned = conditions.filter(({ column }) => searched[column] === 'ignoring case');
  if (scanned.length === 0 || scanned.some(({ operator }) => ['=', 'matches'].includes(operator))) return;
  throw new HttpError(
    400,
    'query parameter filter must hold at least one condition with "=" or "matches" on input or output to filter by these',
  );
}

function parse(text: string): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new HttpError(400, 'query parameter filter must be a JSON array of conditions, but it is not JSON');
  }
  if (!Array.isArray(parsed))
    throw new HttpError(400, 'query parameter filter must be a JSON array of conditions');
  return parsed;
}

function checkedCondition(
  columns: Columns,
  searched: Searched,
  condition: unknown,
  wrong: (field: string, expected: string, value: unknown) => HttpError,
): Condition {
  if (!isObject(condition)) throw wrong('the whole', 'an object', condition);
  const { type, column, operator, key, value } = condition;
  const types = Object.keys(CONDITION_TYPES);
  if (!types.includes(type as string)) throw wrong('type', `one of ${types.join(', ')}`, type);
  const kind: ConditionKind = CONDITION_TYPES[type as GivenType];
  const known = Object.keys(columns);
  if (!known.includes(column as string)) throw wrong('column', `one of ${known.join(', ')}`, column);
  const taken: readonly string[] = TYPES_OF_COLUMNS[columns[column as string] as ColumnKind];
  if (!taken.includes(type as string)) {
    throw wrong('type', `one of ${taken.join(', ')} for the column ${column}`, type);
  }
  const matches = Object.hasOwn(searched, column as string) ? searched[column as string] : undefined;
  const isSearch = matches !== undefined && kind.operators === TEXT_OPERATORS;
  const operators = isSearch ? [...kind.operators, 'matches'] : kind.operators;
  if (!operators.includes(operator as string))
    throw wrong('operator', `one of ${operators.join(', ')}`, operator);
  if (!kind.takes(value)) throw wrong('value', kind.expected, value);
  if (kind.keyed && typeof key !== 'string') throw wrong('key', 'a string', key);
  const applied = operator === 'matches' && matches === 'exact' ? 'contains' : operator;
  return {
    type,
    column,
    operator: applied,
    ...(kind.keyed && { key }),
    ...(type !== 'null' && { value: type === 'datetime' ? Date.parse(value as string) * 1000 : value }),
  } as Condition;
}

/** Shows primitive values only: JSON.stringify would overflow the stack on an array of a thousand levels. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
