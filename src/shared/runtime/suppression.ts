/**
 * What the library does on the application's thread, in no request's context: timers, ports and sockets that are set up
 * inside a request would keep all that is in its context (spans, stores of AsyncLocalStorage) for as long as they live. And
 * where events are delivered from there, a mark that says so: what traces requests must not trace ours, or each export
 * would bring the next.
 */
import { activeValue, runWithValue, SUPPRESSED } from './context.js';
import { untraced } from './otel-api.js';

/** Made when this file is loaded: mostly before any request. */
const outside = createOutside();

function createOutside() {
  try {
    const resource = new (process.getBuiltinModule('node:async_hooks').AsyncResource)('tailrace');
    // It never is a handle that something waits for: else Jest names it as one that is open.
    return resource.emitDestroy();
  } catch {
    // A runtime without it has no contexts to keep either.
    return undefined;
  }
}

/** Runs a function in no request's context. It must not throw. */
export function runOutside<R>(run: () => R): R {
  return outside === undefined ? run() : outside.runInAsyncScope(run);
}

/** The same, and what it starts is traced neither by OpenTelemetry nor by us. */
export function runSuppressed<R>(run: () => R): R {
  return runOutside(() => runWithValue(SUPPRESSED, true, () => untraced(run)));
}

/** Whether what runs here is a delivery of ours. */
export function isSuppressed(): boolean {
  return activeValue(SUPPRESSED) === true;
}

/** Runs a function of a delivery of ours again untraced by OpenTelemetry, which may have come into the process since it began. */
export function keepSuppressed<R>(run: () => R): R {
  return isSuppressed() ? untraced(run) : run();
}
