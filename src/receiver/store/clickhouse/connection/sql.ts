/**
 * Statements with bound values. Their text is SQL of this project only; every value goes beside it as a parameter of the server
 * (`{p0:String}`), so no text of a request is ever parsed as SQL.
 */

type ParameterType =
  | 'String'
  | 'Int64'
  | 'Float64'
  | 'Array(String)'
  | 'Array(Float64)'
  | 'Array(Tuple(String, String))';

/** A value, with the type that the server reads it as. Used twice it is one parameter. */
export interface Bound {
  readonly type: ParameterType;
  readonly value:
    | string
    | number
    | readonly string[]
    | readonly number[]
    | readonly (readonly [string, string])[];
}

/** One part more than values: they stand between the parts. */
export interface Sql {
  readonly parts: readonly string[];
  readonly values: readonly Bound[];
}

export const text = (value: string): Bound => ({ type: 'String', value });
export const integer = (value: number): Bound => ({ type: 'Int64', value: Math.trunc(value) });
export const number = (value: number): Bound => ({ type: 'Float64', value });
export const texts = (value: readonly string[]): Bound => ({ type: 'Array(String)', value });
export const numbers = (value: readonly number[]): Bound => ({ type: 'Array(Float64)', value });
export const pairs = (value: readonly (readonly [string, string])[]): Bound => ({
  type: 'Array(Tuple(String, String))',
  value,
});

/** SQL of this project as it is: names of columns and tables, constants. Never a text of a request. */
export const raw = (part: string): Sql => ({ parts: [part], values: [] });

export const NOTHING = raw('');

/** A template: `sql\`id = ${text(id)}\``. */
export function sql(strings: readonly string[], ...inserted: readonly (Sql | Bound)[]): Sql {
  const parts: string[] = [strings[0] ?? ''];
  const values: Bound[] = [];
  const append = (part: string) => {
    parts[parts.length - 1] += part;
  };
  for (const [at, one] of inserted.entries()) {
    if ('parts' in one) {
      append(one.parts[0] ?? '');
      for (const [index, value] of one.values.entries()) {
        values.push(value);
        parts.push(one.parts[index + 1] ?? '');
      }
    } else {
      values.push(one);
      parts.push('');
    }
    append(strings[at + 1] ?? '');
  }
  return { parts, values };
}

export function joined(list: readonly Sql[], separator: ' AND ' | ' OR ' | ', '): Sql {
  return list.reduce((all, one, at) => (at === 0 ? one : sql`${all}${raw(separator)}${one}`), NOTHING);
}

/** ` WHERE …`, or nothing without conditions. */
export function whereAll(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? NOTHING : sql` WHERE ${allOf(conditions)}`;
}

/** Each in brackets; `1` without any. */
export function allOf(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return raw('1');
  return joined(
    conditions.map((one) => sql`(${one})`),
    ' AND ',
  );
}

/** What is sent: the statement, and its parameters by name. */
export function rendered({ parts, values }: Sql): { statement: string; parameters: Record<string, string> } {
  const names = new Map<Bound, string>();
  const parameters: Record<string, string> = {};
  let statement = parts[0] ?? '';
  for (const [at, value] of values.entries()) {
    let name = names.get(value);
    if (name === undefined) {
      name = `p${names.size}`;
      names.set(value, name);
      parameters[name] = parameterText(value);
    }
    statement += `{${name}:${value.type}}${parts[at + 1] ?? ''}`;
  }
  return { statement, parameters };
}

function parameterText({ value }: Bound): string {
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  return `[${value.map(itemText).join(',')}]`;
}

function itemText(item: string | number | readonly string[]): string {
  if (typeof item === 'number') return String(item);
  return typeof item === 'string' ? quoted(item) : `(${item.map(quoted).join(',')})`;
}

const quoted = (value: string) => `'${escaped(value).replaceAll("'", "\\'")}'`;

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '\\0' };

/** As in the server's format TabSeparated. */
function escaped(value: string): string {
  return value.toWellFormed().replaceAll(/[\\\t\n\r\0]/g, (character) => ESCAPES[character] as string);
}
