/** Conditions of lists (contract/conditions.ts) → SQL. */

import type { Condition, NumberOperator, TextOperator } from '../../contract/conditions.js';
import { type Bound, integer, number, raw, type Sql, sql, text, texts } from '../connection/sql.js';
import { entrySql } from '../metadata-text.js';

/** How a column is asked: by the kind of its value, as SQL of this project. */
export type ColumnSql =
  | { kind: 'text' | 'number' | 'time' | 'flag' | 'texts' | 'metadata'; sql: string }
  /** A subquery that says which rows have an entry: with the condition on its value `v`. */
  | { kind: 'entries'; has: (key: string, condition: Sql) => Sql }
  /** Of another table: the condition is put into a subquery. */
  | { kind: 'elsewhere'; of: ColumnSql; within: (condition: Sql) => Sql };

export function conditionSql(condition: Condition, column: ColumnSql): Sql {
  if (column.kind === 'elsewhere') return column.within(conditionSql(condition, column.of));
  if (column.kind === 'entries') return ofEntries(condition, column.has);
  const value = raw(column.sql);
  switch (condition.type) {
    case 'datetime':
      return sql`${value} ${raw(condition.operator)} fromUnixTimestamp64Micro(${integer(condition.value)}, 'UTC')`;
    case 'string':
      return compareText(value, condition.operator, condition.value);
    case 'number':
      return compareNumber(value, condition.operator, condition.value);
    case 'numberOptions':
      return sql`(${isOneOf(value, condition.value)})`;
    case 'stringOptions': {
      const isIn = condition.operator === 'any of' ? raw('IN') : raw('NOT IN');
      return sql`${value} ${isIn} ${texts(condition.value)}`;
    }
    case 'arrayOptions': {
      const list = texts(condition.value);
      if (condition.operator === 'all of') return sql`hasAll(${value}, ${list})`;
      return condition.operator === 'any of'
        ? sql`hasAny(${value}, ${list})`
        : sql`NOT hasAny(${value}, ${list})`;
    }
    case 'boolean':
      return isFlag(value, condition.operator === '=', condition.value);
    case 'null':
      return sql`${value} ${raw(condition.operator.toUpperCase())}`;
    default:
      return ofMetadata(condition, column.sql);
  }
}

type Keyed = Extract<Condition, { key: string }>;

/** A test of one value. `isNegated`: it is the opposite of what is asked, which is true if no value passes it. */
interface Test {
  condition: Sql;
  isNegated: boolean;
}

function negated(has: (condition: Sql) => Sql, { condition, isNegated }: Test): Sql {
  return isNegated ? sql`NOT (${has(condition)})` : has(condition);
}

function ofMetadata(condition: Condition, map: string): Sql {
  const { key } = condition as Keyed;
  const bound = text(key);
  const has = (test: Sql) => sql`mapContains(${raw(map)}, ${bound}) AND (${test})`;
  return negated(has, keyedTest(condition as Keyed, entrySql(map, bound), raw(map), bound));
}

function keyedTest(condition: Keyed, value: Sql, map: Sql, key: Bound): Test {
  switch (condition.type) {
    case 'stringObject': {
      const isNegated = condition.operator === 'does not contain';
      const operator = isNegated ? 'contains' : condition.operator;
      return { condition: compareText(value, operator, condition.value), isNegated };
    }
    case 'categoryOptions':
      return {
        condition: sql`${value} IN ${texts(condition.value)}`,
        isNegated: condition.operator === 'none of',
      };
    case 'numberObject': {
      // In the map a text that looks like a number is in quotes.
      const isNumber = sql`match(${map}[${key}], '^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$')`;
      const asNumber = sql`toFloat64OrNull(${map}[${key}])`;
      return {
        condition: sql`${isNumber} AND ${compareNumber(asNumber, condition.operator, condition.value)}`,
        isNegated: false,
      };
    }
    case 'booleanObject':
      return {
        condition: sql`${map}[${key}] = ${text(String(condition.value))}`,
        isNegated: condition.operator === '<>',
      };
  }
}

/** Scores under their names: `v` is the value. */
function ofEntries(condition: Condition, has: (key: string, condition: Sql) => Sql): Sql {
  const keyed = condition as Keyed;
  const within = (test: Sql) => has(keyed.key, test);
  const v = raw('v');
  switch (keyed.type) {
    case 'numberObject':
      return within(compareNumber(v, keyed.operator, keyed.value));
    case 'categoryOptions':
      return negated(within, {
        condition: sql`v IN ${texts(keyed.value)}`,
        isNegated: keyed.operator === 'none of',
      });
    case 'booleanObject':
      return negated(within, {
        condition: sql`v = ${number(keyed.value ? 1 : 0)}`,
        isNegated: keyed.operator === '<>',
      });
    default:
      return within(compareText(v, keyed.operator, keyed.value));
  }
}

function isFlag(value: Sql, isEqual: boolean, wanted: boolean): Sql {
  return isEqual === wanted ? sql`ifNull(${value}, 0)` : sql`NOT ifNull(${value}, 0)`;
}

function isOneOf(value: Sql, wanted: readonly number[]): Sql {
  const tests = wanted.map((one) => sql`${value} = ${number(one)}`);
  return tests.length === 0 ? raw('0') : tests.reduce((all, test) => sql`${all} OR ${test}`);
}

export function compareNumber(value: Sql, operator: NumberOperator, wanted: number): Sql {
  return sql`${value} ${raw(operator)} ${number(wanted)}`;
}

export function compareText(value: Sql, operator: TextOperator, wanted: string): Sql {
  const bound = text(wanted);
  switch (operator) {
    case '=':
      return sql`${value} = ${bound}`;
    case 'contains':
      return sql`position(${value}, ${bound}) > 0`;
    case 'does not contain':
      return sql`position(${value}, ${bound}) = 0`;
    case 'starts with':
      return sql`startsWith(${value}, ${bound})`;
    case 'ends with':
      return sql`endsWith(${value}, ${bound})`;
    case 'matches':
      return sql`positionCaseInsensitiveUTF8(${value}, ${bound}) > 0`;
  }
}
