/** How the receiver's threads are started. */

import type { WorkerOptions } from 'node:worker_threads';

/** A worker would run the application's preloads again; here they must not run. */
export function threadOptions(): Pick<WorkerOptions, 'execArgv' | 'env'> {
  const { NODE_OPTIONS: _preloads, ...env } = process.env;
  return { execArgv: [], env };
}
