/** How a call, a model call or a tool failed: as an error, or as an abort that the application wanted. */

import { nameOf } from '../../shared/untrusted-text/errors.js';

/** By these names an application's own `abort()` is known. A timeout is a failure. */
const ABORTS = new Set(['AbortError', 'ResponseAborted']);

/** An abort is what the application wanted: a warning. The client turns the error into its message, and never lets it throw. */
export function failureOf(error: unknown, isAbort = false) {
  const name = nameOf(error);
  const isWanted = isAbort ? name !== 'TimeoutError' : ABORTS.has(name);
  const message = (error ?? (isWanted ? 'aborted' : 'failed')) as string;
  return { level: isWanted ? ('WARNING' as const) : ('ERROR' as const), statusMessage: message };
}

export type Failure = ReturnType<typeof failureOf>;
