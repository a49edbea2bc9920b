/** Orders the rows of a table and cuts them: the page gets the first ones in the order that it asks for. */

import { invalid, one } from '../read/parameters.js';

/** More are not sent: nobody scrolls through them, and a filter finds them. */
export const MAX_ROWS = 1_000;

type Key = number | string | null;

/** `sort` is a name of `keys`, with - in front for the highest first. Unknown values come last in both directions. */
export function firstRows<Row, Name extends string>(
  rows: Row[],
  query: URLSearchParams,
  keys: Record<Name, (row: Row) => Key>,
  defaultSort: `-${NoInfer<Name>}`,
): Row[] {
  const sort = one(query, 'sort') ?? defaultSort;
  const isDescending = sort.startsWith('-');
  const name = isDescending ? sort.slice(1) : sort;
  if (!Object.hasOwn(keys, name)) {
    throw invalid('sort', `one of ${Object.keys(keys).join(', ')}, with - in front or not`, sort);
  }
  const keyOf = keys[name as Name];
  return rows.sort((a, b) => compare(keyOf(a), keyOf(b), isDescending ? -1 : 1)).slice(0, MAX_ROWS);
}

function compare(a: Key, b: Key, direction: 1 | -1): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -direction : direction;
}

/** The sum of two amounts that may be unknown. */
export function plus(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}
