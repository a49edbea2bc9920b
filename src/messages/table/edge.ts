/** The message of edge runtimes, in a file of its own: their bundle has no other. */
import type { Table } from '../entry.js';

export const EDGE = {
  /** An edge runtime has no worker threads. Every call works and does nothing. */
  TAILRACE_NO_THREADS: {
    level: 'warning',
    text: () => 'this runtime has no worker threads, so nothing is traced here',
    remedy: 'Trace in the Node.js runtime (Next.js: export const runtime = "nodejs")',
    docs: 'edge',
  },
} as const satisfies Table;
