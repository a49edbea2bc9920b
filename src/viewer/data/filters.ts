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

/** The columns that the list can be sorted by; `-start` sorts by `start`, highest first. `score:NAME` is one more. */
export const SORTABLE = ['start', 'name', 'duration', 'tokens', 'cost', 'observations', 'errors'] as const;
