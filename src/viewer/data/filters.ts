/** The filters of the page: query parameters of its address, and of the server's answers to it. */

/** Query parameters that hold values of which one must match. They may be repeated. */
export const VALUE_FILTERS = [
  'name',
  'level',
  'type',
  'model',
  'tag',
  'user',
  'session',
  'environment',
  'release',
  'version',
  'tool',
  'failedTool',
] as const;
export type ValueFilter = (typeof VALUE_FILTERS)[number];

/** Query parameters with a lower and an upper bound: `duration` is `minDuration` and `maxDuration`. */
export const RANGE_FILTERS = ['duration', 'tokens', 'cost'] as const;
export type RangeFilter = (typeof RANGE_FILTERS)[number];

/** All query parameters that filter traces, besides `id`, in the order in which they are shown. */
export const FILTER_NAMES: readonly string[] = [
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

export function boundName(bound: 'min' | 'max', name: RangeFilter): string {
  return bound + name.charAt(0).toUpperCase() + name.slice(1);
}

/** The columns that the list can be sorted by; `-start` sorts by `start`, highest first. `score:NAME` is one more. */
export const SORTABLE = ['start', 'name', 'duration', 'tokens', 'cost', 'observations', 'errors'] as const;
