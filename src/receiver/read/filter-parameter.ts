/**
 * The parameter `filter`: a JSON array of conditions {type, column, operator, key?, value} → SQL conditions.
 *
 * The types, their operators and values are those of Langfuse's packages/shared/src/interfaces/filters.ts. A condition
 * compares what the response shows; for a column without a value only `is null` is true, as in SQL.
 */

import { HttpError } from '../http/requests.js';
import { isObject } from '../json-text.js';
import type { SqlValue } from '../store/sqlite.js';
import { addCondition, bindList, type Filter, holdsAll, IN_LIST } from './conditions.js';
import { one } from './parameters.js';

/** A column: the types of conditions that it supports, each with its SQL. */
export type Column = Partial<Record<ConditionType, string>> & {
  /** Whether the operator `matches` is supported: a literal search, case-sensitive or not. */
  matches?: 'exact' | 'ignoring case';
};
export type Columns = Record<string, Column>;

type ConditionType = keyof typeof CONDITION_TYPES;

interface Condition {
  column: string;
  operator: string;
}

interface Built {
  sql: string;
  values: SqlValue[];
}

interface ConditionKind {
  operators: readonly string[];
  /** What `value` must be, as text for messages. */
  expected: string;
  takes(value: unknown): boolean;
  /** `sql` is that of the column; with `keyed` a SELECT of `v` with one parameter, the key. */
  keyed?: boolean;
  build(sql: string, operator: string, value: never): Built;
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
    build: (sql, operator, value: string) => ({
      sql: `${sql} ${operator} ?`,
      values: [Date.parse(value) * 1000],
    }),
  },
  string: { operators: TEXT_OPERATORS, expected: 'a string', takes: isText, build: compareText },
  number: { operators: NUMBER_OPERATORS, expected: 'a number', takes: isNumber, build: compare },
  stringOptions: {
    operators: ['any of', 'none of'],
    expected: 'a non-empty array of strings',
    takes: (value) => isTexts(value) && (value as string[]).length > 0,
    build: oneOf,
  },
  categoryOptions: {
    operators: ['any of', 'none of'],
    expected: 'an array of strings',
    takes: isTexts,
    keyed: true,
    build: oneOf,
  },
  arrayOptions: {
    operators: ['any of', 'none of', 'all of'],
    expected: 'an array of strings',
    takes: isTexts,
    build: overlap,
  },
  stringObject: {
    operators: TEXT_OPERATORS,
    expected: 'a string',
    takes: isText,
    keyed: true,
    build: compareText,
  },
  numberObject: {
    operators: NUMBER_OPERATORS,
    expected: 'a number',
    takes: isNumber,
    keyed: true,
    build: compare,
  },
  booleanObject: {
    operators: ['=', '<>'],
    expected: 'true or false',
    takes: isBoolean,
    keyed: true,
    build: is,
  },
  boolean: { operators: ['=', '<>'], expected: 'true or false', takes: isBoolean, build: is },
  null: {
    operators: ['is null', 'is not null'],
    expected: 'an empty string',
    takes: (value) => value === '',
    build: (sql, operator) => ({ sql: `${sql} ${operator.toUpperCase()}`, values: [] }),
  },
} satisfies Record<string, ConditionKind>;

/** Negated operators. For keyed columns they are true for rows without the key. */
const OPPOSITES: Record<string, string> = { 'does not contain': 'contains', 'none of': 'any of', '<>': '=' };

/** Adds the conditions of the parameter `filter`, and records the columns that it names. */
export function addFilterParameter(filter: Filter, query: URLSearchParams, columns: Columns): void {
  const text = one(query, 'filter');
  if (text === null) return;
  const conditions = parse(text);
  addConditions(filter, columns, conditions, 'query parameter filter');
  requireSearch(conditions as Condition[], columns);
}

/** `source` begins the message of an error. */
export function addConditions(
  filter: Filter,
  columns: Columns,
  conditions: readonly unknown[],
  source: string,
): void {
  for (const [index, condition] of conditions.entries()) {
    const wrong = (field: string, expected: string, value: unknown) =>
      new HttpError(
        400,
        `${source}: ${field} of condition ${index + 1} must be ${expected}, but got: ${shown(value)}`,
      );
    add(filter, columns, condition, wrong);
  }
}

/** As on the server, input and output are not scanned for a substring alone. */
function requireSearch(conditions: Condition[], columns: Columns): void {
  const scanned = conditions.filter(({ column }) => columns[column]?.matches === 'ignoring case');
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

function add(
  filter: Filter,
  columns: Columns,
  condition: unknown,
  wrong: (field: string, expected: string, value: unknown) => HttpError,
): void {
  if (!isObject(condition)) throw wrong('the whole', 'an object', condition);
  const { type, column, operator, key, value } = condition;
  const types = Object.keys(CONDITION_TYPES);
  if (!types.includes(type as string)) throw wrong('type', `one of ${types.join(', ')}`, type);
  const kind: ConditionKind = CONDITION_TYPES[type as ConditionType];
  const known = Object.keys(columns);
  if (!known.includes(column as string)) throw wrong('column', `one of ${known.join(', ')}`, column);
  const { matches, ...sqlByType } = columns[column as string] as Column;
  const sql = sqlByType[type as ConditionType];
  if (sql === undefined) {
    throw wrong('type', `one of ${Object.keys(sqlByType).join(', ')} for the column ${column}`, type);
  }
  const isSearch = matches !== undefined && kind.build === compareText;
  const operators = isSearch ? [...kind.operators, 'matches'] : kind.operators;
  if (!operators.includes(operator as string))
    throw wrong('operator', `one of ${operators.join(', ')}`, operator);
  if (!kind.takes(value)) throw wrong('value', kind.expected, value);
  if (kind.keyed && typeof key !== 'string') throw wrong('key', 'a string', key);

  const applied = operator === 'matches' && matches === 'exact' ? 'contains' : (operator as string);
  const built = kind.keyed
    ? ofKey(kind, sql, key as string, applied, value as never)
    : kind.build(sql, applied, value as never);
  addCondition(filter, built.sql, ...built.values);
  // The two bounds of a time are two parameters with names of their own.
  filter.named.add(type === 'datetime' ? `${column}${(operator as string)[0]}` : (column as string));
}

function ofKey(kind: ConditionKind, rows: string, key: string, operator: string, value: never): Built {
  const opposite = OPPOSITES[operator];
  const { sql, values } = kind.build('v', opposite ?? operator, value);
  const exists = opposite === undefined ? 'EXISTS' : 'NOT EXISTS';
  return { sql: `${exists} (SELECT 1 FROM (${rows}) WHERE ${sql})`, values: [key, ...values] };
}

function compare(sql: string, operator: string, value: number): Built {
  return { sql: `${sql} ${operator} ?`, values: [value] };
}

function is(sql: string, operator: string, value: boolean): Built {
  return { sql: `${sql} ${operator} ?`, values: [value ? 1 : 0] };
}

function compareText(sql: string, operator: string, value: string): Built {
  switch (operator) {
    case '=':
      return { sql: `${sql} = ?`, values: [value] };
    case 'contains':
      return { sql: `instr(${sql}, ?) > 0`, values: [value] };
    case 'does not contain':
      return { sql: `instr(${sql}, ?) = 0`, values: [value] };
    case 'starts with':
      return { sql: `substr(${sql}, 1, length(?)) = ?`, values: [value, value] };
    case 'ends with':
      return { sql: `substr(${sql}, length(${sql}) - length(?) + 1) = ?`, values: [value, value] };
    default:
      // `matches`, ignoring case
      return { sql: `instr(lower(${sql}), lower(?)) > 0`, values: [value] };
  }
}

function oneOf(sql: string, operator: string, value: string[]): Built {
  return { sql: `${sql} ${operator === 'any of' ? 'IN' : 'NOT IN'} ${IN_LIST}`, values: [bindList(value)] };
}

function overlap(sql: string, operator: string, value: string[]): Built {
  const values = [bindList(value)];
  if (operator === 'all of') return { sql: holdsAll(sql), values };
  const exists = operator === 'any of' ? 'EXISTS' : 'NOT EXISTS';
  return { sql: `${exists} (SELECT 1 FROM json_each(${sql}) WHERE value IN ${IN_LIST})`, values };
}

/** Shows primitive values only: JSON.stringify would overflow the stack on an array of a thousand levels. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
