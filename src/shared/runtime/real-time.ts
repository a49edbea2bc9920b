/**
 * The runtime's real clocks and timers, taken once, when the package is loaded. An application's tests may replace those on the
 * global object and on the modules of Node.js by fake ones, and this package must not wait by those.
 */
import { performance as nodePerformance } from 'node:perf_hooks';
import timers from 'node:timers';

// Constants, as an import may still be looked up on the module at the time of the call.
export const setTimeout = real('setTimeout');
export const clearTimeout = real('clearTimeout');
export const setInterval = real('setInterval');
export const clearInterval = real('clearInterval');
export const setImmediate = real('setImmediate');

/** @sinonjs/fake-timers (in Sinon, Jest and Vitest) keeps the timers that it replaced before this package was loaded. */
function real<K extends keyof typeof timers>(name: K): (typeof timers)[K] {
  const given = timers[name] as (typeof timers)[K] & { readonly clock?: Record<string, unknown> };
  const replaced = given.clock?.[`_${name}`];
  return typeof replaced === 'function' ? (replaced as (typeof timers)[K]) : given;
}

/** Resolves after `ms`. Does not keep the process alive. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

/** Resolves in the next turn of the event loop. */
export function nextImmediate(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

const resolved = Promise.resolve();

/** Runs a function after this call, by a promise: the global `queueMicrotask` may be a fake one already. */
export function queueMicrotask(run: () => void): void {
  void resolved.then(run);
}

/** A signal that is aborted after `ms`. */
export const abortAfter: (ms: number) => AbortSignal = AbortSignal.timeout.bind(AbortSignal);

// Fake timers shadow `now` by a property of the object; its prototype keeps the real one.
const { now } = Object.getPrototypeOf(nodePerformance) as { readonly now?: () => number };

/** Milliseconds by the monotonic clock. */
export const monotonicNow: () => number = (now ?? nodePerformance.now).bind(nodePerformance);

/** The system time, in milliseconds since 1970, at which `monotonicNow()` was 0. */
export const { timeOrigin } = nodePerformance;

// As with the timers: fake timers keep the Date that they replaced.
const { clock } = Date as { readonly clock?: { readonly _Date?: DateConstructor } };

/** Milliseconds since 1970 by the system's clock. The times of traces come from `tracing/clock`. */
export const systemNow: () => number = (clock?._Date ?? Date).now;
