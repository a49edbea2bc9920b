/** Runs an application's function, and learns how it ends, without changing what its caller sees. */
import { isThenable } from '../../records/masking.js';

type OnEnd<R> = (value: Awaited<R>) => Awaited<R>;
type OnError = (error: unknown) => void;

/**
 * Runs a function, and tells how it ended, when it has: at once, or with the promise that it returned. What `onEnd`
 * makes of its result is passed on, and what it throws as it is.
 */
export function follow<R>(run: () => R, onEnd: OnEnd<R>, onError: OnError): R {
  let result: R;
  try {
    result = run();
  } catch (error) {
    onError(error);
    throw error;
  }
  if (!isThenableSafely(result)) return onEnd(result as Awaited<R>);
  const settled = onEnd as (value: unknown) => unknown;
  return (isPlainPromise(result) ? followPromise : followThenable)(result, settled, onError) as R;
}

/** Reading `then` may throw: what throws is no promise. */
function isThenableSafely(value: unknown): value is PromiseLike<unknown> {
  try {
    return isThenable(value);
  } catch {
    return false;
  }
}

function isPlainPromise(value: PromiseLike<unknown>): value is Promise<unknown> {
  return value instanceof Promise && value.constructor === Promise && value.then === Promise.prototype.then;
}

/** Another promise, so that a rejection that nobody handles is reported as it would have been: once. */
function followPromise(
  promise: PromiseLike<unknown>,
  onEnd: (value: unknown) => unknown,
  onError: OnError,
): PromiseLike<unknown> {
  const followed = promise.then(onEnd, (error: unknown) => {
    onError(error);
    throw error;
  });
  // Many a library hands out promises with a `cancel` or `child` of their own.
  for (const key of Object.keys(promise)) {
    const property = Object.getOwnPropertyDescriptor(promise, key) as PropertyDescriptor;
    Object.defineProperty(followed, key, property);
  }
  return followed;
}

/**
 * A query that runs when it is waited for, an API client's answer: it has more to it than a promise, so it stays the
 * object that it is, and waiting for it stays its caller's affair. Until somebody does, it has not ended.
 */
function followThenable(
  thenable: PromiseLike<unknown>,
  onEnd: (value: unknown) => unknown,
  onError: OnError,
): PromiseLike<unknown> {
  const { then } = thenable;
  const own = Object.getOwnPropertyDescriptor(thenable, 'then');
  let outcome: { readonly value: unknown } | undefined;
  // One that is kept, and returned again and again, must not be wrapped again and again.
  const unwrap = (): void => {
    if (Object.getOwnPropertyDescriptor(thenable, 'then')?.value !== value) return;
    if (own !== undefined) Object.defineProperty(thenable, 'then', own);
    else Reflect.deleteProperty(thenable, 'then');
  };
  const value = function (this: unknown, onFulfilled?: unknown, onRejected?: unknown): unknown {
    return then.call(
      this as PromiseLike<unknown>,
      (result: unknown) => {
        outcome ??= { value: onEnd(result) };
        unwrap();
        return typeof onFulfilled === 'function' ? onFulfilled(outcome.value) : outcome.value;
      },
      (error: unknown) => {
        onError(error);
        unwrap();
        if (typeof onRejected === 'function') return onRejected(error);
        throw error;
      },
    );
  };
  try {
    Object.defineProperty(thenable, 'then', { value, configurable: true, writable: true });
    return thenable;
  } catch {
    // Frozen: it is a value like any other.
    return onEnd(thenable) as PromiseLike<unknown>;
  }
}
