/** Conditions of the contract → a WHERE clause. Its text is SQL of this project only; every value is bound. */

import type { Condition, ConditionType, TextOperator } from '../../contract/conditions.js';
import { bindable, type SqlValue } from '../sqlite.js';

/** SQL with its bound values, in their order. */
export interface Sql {
  sql: string;
  values: SqlValue[];
}

/** Conditions that must all be true. */
export interface Where {
  conditions: string[];
  values: SqlValue[];
}

/** By the type of a condition the SQL of a column. With a key it is a SELECT of `v` with one parameter, the key. */
export type ColumnSql = Partial<Record<ConditionType, string>>;

export function emptyWhere(): Where {
  return { conditions: [], values: [] };
}

export function addCondition(where: Where, condition: string, ...values: SqlValue[]): void {
  where.conditions.push(condition);
  where.values.push(...values.map(bindable));
}

export function whereClause({ conditions }: Pick<Where, 'conditions'>): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

/** One bound value for a list of any length: `column IN ${IN_LIST}` with `bindList(values)`. */
export const IN_LIST = '(SELECT value FROM json_each(?))';

export function bindList(values: readonly (string | number)[]): string {
  return JSON.stringify(values);
}

/** A JSON list in a column must hold all of the bound list's values. */
function holdsAll(sql: string): string {
  return `NOT EXISTS (SELECT 1 FROM json_each(?) AS wanted WHERE wanted.value NOT IN (SELECT value FROM json_each(coalesce(${sql}, '[]'))))`;
}

export function whereOf<Column extends string>(
  conditions: readonly Condition<Column>[],
  columns: Readonly<Record<Column, ColumnSql>>,
): Where {
  const where = emptyWhere();
  for (const condition of conditions) {
    const sql = columns[condition.column][condition.type];
    if (sql === undefined) throw new Error(`${condition.column} takes no condition ${condition.type}`);
    const built = 'key' in condition ? ofKey(condition, sql) : compared(condition, sql);
    addCondition(where, built.sql, ...built.values);
  }
  return where;
}

/** Negated operators. For keyed columns they are true for rows without the key. */
const OPPOSITES: Record<string, string> = { 'does not contain': 'contains', 'none of': 'any of', '<>': '=' };

function ofKey(condition: Extract<Condition, { key: string }>, rows: string): Sql {
  const opposite = OPPOSITES[condition.operator];
  const asked = { ...condition, operator: opposite ?? condition.operator } as typeof condition;
  const { sql, values } = compared(asked, 'v');
  const exists = opposite === undefined ? 'EXISTS' : 'NOT EXISTS';
  return { sql: `${exists} (SELECT 1 FROM (${rows}) WHERE ${sql})`, values: [condition.key, ...values] };
}

function compared(condition: Condition, sql: string): Sql {
  switch (condition.type) {
    case 'string':
    case 'stringObject':
      return comparedText(sql, condition.operator, condition.value);
    case 'datetime':
    case 'number':
    case 'numberObject':
      return { sql: `${sql} ${condition.operator} ?`, values: [condition.value] };
    case 'boolean':
    case 'booleanObject':
      return { sql: `${sql} ${condition.operator} ?`, values: [condition.value ? 1 : 0] };
    case 'stringOptions':
    case 'categoryOptions':
    case 'numberOptions': {
      const isAny = condition.operator === 'any of';
      return { sql: `${sql} ${isAny ? 'IN' : 'NOT IN'} ${IN_LIST}`, values: [bindList(condition.value)] };
    }
    case 'arrayOptions':
      return overlap(sql, condition.operator, bindList(condition.value));
    case 'null':
      return { sql: `${sql} ${condition.operator.toUpperCase()}`, values: [] };
  }
}

function comparedText(sql: string, operator: TextOperator, value: string): Sql {
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
    case 'matches':
      return { sql: `instr(lower(${sql}), lower(?)) > 0`, values: [value] };
  }
}

function overlap(sql: string, operator: string, list: string): Sql {
  if (operator === 'all of') return { sql: holdsAll(sql), values: [list] };
  const exists = operator === 'any of' ? 'EXISTS' : 'NOT EXISTS';
  return { sql: `${exists} (SELECT 1 FROM json_each(${sql}) WHERE value IN ${IN_LIST})`, values: [list] };
}
