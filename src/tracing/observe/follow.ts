/** Runs an application's function and observes how it ends, without a change for its caller. */
import { isThenable } from '../../shared/thenable.js';

type OnEnd<R> = (value: Awaited<R>) => Awaited<R>;
type OnError = (error: unknown) => void;

/**
 * Runs a function, and calls `onEnd` or `onError` when it has ended: at once, or with the promise that it returned. The caller gets
 * the result of `onEnd`, or the error unchanged.
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

/** Reading `then` may throw. Then the value is not a promise. */
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

/** Returns another promise, so that an unhandled rejection is reported exactly once, as without us. */
function followPromise(
  promise: PromiseLike<unknown>,
  onEnd: (value: unknown) => unknown,
  onError: OnError,
): PromiseLike<unknown> {
  const followed = promise.then(onEnd, (error: unknown) => {
    onError(error);
    throw error;
  });
  // Many libraries return promises with own properties such as `cancel` or `child`.
  for (const key of Object.keys(promise)) {
    const property = Object.getOwnPropertyDescriptor(promise, key) as PropertyDescriptor;
    Object.defineProperty(followed, key, property);
  }
  return followed;
}

/**
 * For a query that runs when it is awaited, or an API client's answer: it has more members than a promise, so it stays the
 * same object, and only its caller may await it. It ends when that has happened.
 */
function followThenable(
  thenable: PromiseLike<unknown>,
  onEnd: (value: unknown) => unknown,
  onError: OnError,
): PromiseLike<unknown> {
  const { then } = thenable;
  const own = Object.getOwnPropertyDescriptor(thenable, 'then');
  let outcome: { readonly value: unknown } | undefined;
  // An object that is returned again and again must not be wrapped again and again.
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
    // A frozen object counts as a plain value.
    return onEnd(thenable) as PromiseLike<unknown>;
  }
}
