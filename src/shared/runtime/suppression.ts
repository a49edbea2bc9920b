/**
 * Runs the library's own work on the application's thread outside of any request's async context. Timers, ports and sockets that
 * are created inside a request would keep its context (spans, stores of AsyncLocalStorage) alive as long as they live. If events
 * are delivered from this thread, that work is also marked as suppressed: if our requests were traced, each export would cause
 * the next.
 */
import { activeValue, runWithValue, SUPPRESSED } from './context.js';
import { untraced } from './otel-api.js';

/** Created when this file is loaded: usually before any request. */
const outside = createOutside();

function createOutside() {
  try {
    const resource = new (process.getBuiltinModule('node:async_hooks').AsyncResource)('tailrace');
    // Otherwise Jest would report it as an open handle.
    return resource.emitDestroy();
  } catch {
    // A runtime without AsyncResource has no contexts to keep either.
    return undefined;
  }
}

/** Runs a function outside of any request's context. It must not throw. */
export function runOutside<R>(run: () => R): R {
  return outside === undefined ? run() : outside.runInAsyncScope(run);
}

/** The same, and neither OpenTelemetry nor this package traces what it starts. */
export function runSuppressed<R>(run: () => R): R {
  return runOutside(() => runWithValue(SUPPRESSED, true, () => untraced(run)));
}

/** Whether the current code is part of this package's delivery. */
export function isSuppressed(): boolean {
  return activeValue(SUPPRESSED) === true;
}

/** Runs a function of this package's delivery untraced also by an OpenTelemetry that was loaded after the delivery began. */
export function keepSuppressed<R>(run: () => R): R {
  return isSuppressed() ? untraced(run) : run();
}
