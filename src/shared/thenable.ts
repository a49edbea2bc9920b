/** Recognises promises and other values with a `then` method; both the client and the span processor must not wait for one. */

/** Only for values from the application. Reading `then` may call its code, and may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
