/** The filters in the address: what is set, how each reads, and how it is removed. */

import { computed } from '@preact/signals';
import { FILTER_NAMES } from '../../data/filters.js';
import { query, setQuery } from '../ui/router.js';

/** How often somebody has asked a search to go on. In the address: list, chart and counts then are of the same search. */
export const SEARCH_FURTHER = 'further';

export const DEFAULT_SORT = '-start';

/** The filters as a query of the server, without the order. */
export const filterQuery = computed(() => {
  const filters = new URLSearchParams();
  for (const name of [...FILTER_NAMES, SEARCH_FURTHER])
    for (const value of query.value.getAll(name)) filters.append(name, value);
  return filters.toString();
});

/** The list with the filters of the address and more. */
export function listWith(...more: readonly (readonly [string, string])[]): string {
  const filters = new URLSearchParams(filterQuery.value);
  for (const [name, value] of more) filters.append(name, value);
  return `/?${filters}`;
}

export const sort = computed(() => query.value.get('sort') ?? DEFAULT_SORT);

interface ActiveFilter {
  name: string;
  value: string;
}

export const activeFilters = computed<ActiveFilter[]>(() =>
  FILTER_NAMES.flatMap((name) => query.value.getAll(name).map((value) => ({ name, value }))),
);

export function hasFilter(name: string, value: string): boolean {
  return query.value.getAll(name).includes(value);
}

/** Adds a value to a filter, or removes it. */
export function toggleFilter(name: string, value: string): void {
  const values = query.value.getAll(name);
  const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
  setQuery({ [name]: next, [SEARCH_FURTHER]: [] });
}

/** Sets the only value of a filter; null removes it. */
export function setFilter(name: string, value: string | null): void {
  setQuery({ [name]: value === null || value === '' ? [] : [value], [SEARCH_FURTHER]: [] });
}

/** A search that had no time to read everything goes on. */
export function searchFurther(): void {
  const before = Number(query.value.get(SEARCH_FURTHER) ?? 0);
  setQuery({ [SEARCH_FURTHER]: [String(before + 1)] }, { replace: true });
}

export function clearFilters(): void {
  setQuery(Object.fromEntries([...FILTER_NAMES, SEARCH_FURTHER].map((name) => [name, []])));
}

/** Sorts by a column; the same column again turns the order round. */
export function sortBy(column: string): void {
  const isText = column === 'name';
  const first = isText ? column : `-${column}`;
  const second = isText ? `-${column}` : column;
  const next = sort.value === first ? second : first;
  setQuery({ sort: next === DEFAULT_SORT ? [] : [next] });
}

/** Sorts by a score, lowest first; again: by time. */
export function sortWorstFirst(score: string): void {
  const order = `score:${score}`;
  setQuery({ sort: sort.value === order ? [] : [order] });
}
