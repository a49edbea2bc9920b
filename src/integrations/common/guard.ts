/** Runs what an integration does in a hook of somebody else's library. A fault there must not reach the application's call. */
import type { TailraceClient } from '../../index.js';
import { textOf } from '../../messages/render.js';
import { INTEGRATIONS } from '../../messages/table/integrations.js';
import { nameOf } from '../../shared/untrusted-text/errors.js';
import { REPORT, type Reporting } from '../../tracing/reporting.js';

/** Not by `message()`, which would bring the texts of all messages into the file of each integration. */
const FAILED = 'TAILRACE_INTEGRATION_FAILED';

/**
 * Runs `work`. If it throws, warns once for each hook (name of the error only: its message may hold a payload) and returns undefined.
 *
 * @param hook Integration and hook: `langchain handleLLMEnd`.
 */
export function guarded<R>(client: () => TailraceClient, hook: string, work: () => R): R | undefined {
  try {
    return work();
  } catch (error) {
    report(client, hook, error);
    return undefined;
  }
}

/** Warns once for each hook. Never throws. */
export function report(client: () => TailraceClient, hook: string, error: unknown): void {
  try {
    const text = textOf(INTEGRATIONS[FAILED], [hook, nameOf(error)]);
    (client() as Partial<Reporting>)[REPORT]?.({ code: FAILED, text }, hook);
  } catch {
    // Nothing is left that could be done without a risk for the application.
  }
}
