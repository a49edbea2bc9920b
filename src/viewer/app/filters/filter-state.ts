/** The filters in the address: what is set, how each reads, and how it is removed. */

import { computed } from '@preact/signals';
import { RANGE_FILTERS, type RangeFilter, VALUE_FILTERS } from '../../data/filters.js';
import { query, setQuery } from '../ui/router.js';

/** Parameters of the list that the server knows. */
const FILTER_PARAMETERS = [
  'q',
  'from',
  'to',
  'status',
  'score',
  'scored',
  'unscored',
  'feedback',
  'metadata',
  ...VALUE_FILTERS,
  ...RANGE_FILTERS.flatMap((name) => [boundName('min', name), boundName('max', name)]),
];

export const DEFAULT_SORT = '-start';

export function boundName(bound: 'min' | 'max', name: RangeFilter): string {
  return bound + name.charAt(0).toUpperCase() + name.slice(1);
}

/** The filters as a query of the server, without the order. */
export const filterQuery = computed(() => {
  const filters = new URLSearchParams();
  for (const name of FILTER_PARAMETERS)
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
  FILTER_PARAMETERS.flatMap((name) => query.value.getAll(name).map((value) => ({ name, value }))),
);

export function hasFilter(name: string, value: string): boolean {
  return query.value.getAll(name).includes(value);
}

/** Adds a value to a filter, or removes it. */
export function toggleFilter(name: string, value: string): void {
  const values = query.value.getAll(name);
  setQuery({ [name]: values.includes(value) ? values.filter((one) => one !== value) : [...values, value] });
}

/** Sets the only value of a filter; null removes it. */
export function setFilter(name: string, value: string | null): void {
  setQuery({ [name]: value === null || value === '' ? [] : [value] });
}

export function clearFilters(): void {
  setQuery(Object.fromEntries(FILTER_PARAMETERS.map((name) => [name, []])));
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
