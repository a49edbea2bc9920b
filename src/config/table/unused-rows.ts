/** Options of langfuse 3 that do nothing here, so that code that was written for it still compiles. */
import type { Rows } from './row.js';

export const UNUSED_ROWS = {
  fetchRetryCount: {
    form: 'other',
    type: 'number',
    deprecated: 'Use `retryWindowMs`: how long a batch is retried.',
    doc: 'Not used.',
    client: {},
  },
  fetchRetryDelay: {
    form: 'other',
    type: 'number',
    deprecated: "The delay grows with each attempt and follows the server's Retry-After.",
    doc: 'Not used.',
    client: {},
  },
  sdkIntegration: {
    form: 'other',
    type: 'string',
    deprecated: 'It has no replacement.',
    doc: 'Not used.',
    client: {},
  },
  persistence: {
    form: 'other',
    type: "'localStorage' | 'sessionStorage' | 'cookie' | 'memory'",
    deprecated: 'Events wait in shared memory, and on disk with `spoolDir`.',
    doc: 'Not used.',
    client: {},
  },
  persistence_name: {
    form: 'other',
    type: 'string',
    deprecated: 'Events wait in shared memory, and on disk with `spoolDir`.',
    doc: 'Not used.',
    client: {},
  },
} as const satisfies Rows;
