/**
 * The runtime's clocks and timers, taken once, when the package is loaded: an application's tests may put fake ones in their
 * place, on the global object and on the modules of Node.js, and nothing of ours waits by those.
 */
import { performance as nodePerformance } from 'node:perf_hooks';
import timers from 'node:timers';

// Each is kept in a constant: what is imported may still be a property of the module at the time of the call.
export const setTimeout = real('setTimeout');
export const clearTimeout = real('clearTimeout');
export const setInterval = real('setInterval');
export const clearInterval = real('clearInterval');
export const setImmediate = real('setImmediate');

/** @sinonjs/fake-timers, which Sinon, Jest and Vitest have inside, keeps those that it has replaced before we are loaded. */
function real<K extends keyof typeof timers>(name: K): (typeof timers)[K] {
  const given = timers[name] as (typeof timers)[K] & { readonly clock?: Record<string, unknown> };
  const replaced = given.clock?.[`_${name}`];
  return typeof replaced === 'function' ? (replaced as (typeof timers)[K]) : given;
}

/** Resolves after `ms`, and does not keep the process alive. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

/** Resolves in the next turn of the event loop. */
export function nextImmediate(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

const resolved = Promise.resolve();

/** Runs it after this call, by a promise: `queueMicrotask` may be a fake one before the package is loaded. */
export function queueMicrotask(run: () => void): void {
  void resolved.then(run);
}

/** Aborted after `ms`. */
export const abortAfter: (ms: number) => AbortSignal = AbortSignal.timeout.bind(AbortSignal);

// Fake timers cover `now` by a property of the object; its prototype keeps the real one.
const { now } = Object.getPrototypeOf(nodePerformance) as { readonly now?: () => number };

/** Milliseconds by the monotonic clock. */
export const monotonicNow: () => number = (now ?? nodePerformance.now).bind(nodePerformance);

/** `monotonicNow()` at this is 1970, as the system's clock was when the process started. */
export const { timeOrigin } = nodePerformance;

// As with the timers: the Date that fake timers have replaced.
const { clock } = Date as { readonly clock?: { readonly _Date?: DateConstructor } };

/** Milliseconds since 1970 by the system's clock. Times that an application sees come from `tracing/clock`. */
export const systemNow: () => number = (clock?._Date ?? Date).now;
