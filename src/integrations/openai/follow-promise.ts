/**
 * Follows the promise of a request, which stays the same object and keeps its laziness: the body is read when the caller awaits it.
 * `APIPromise` of the package (and of others that the same generator has made) reads by two members of its own: `responsePromise`
 * and `parseResponse`.
 */

import { queueMicrotask } from '../../shared/runtime/real-time.js';

export interface Follower {
  /** The body has been read. */
  onData(data: unknown): void;
  onError(error: unknown): void;
  /** The response has come, and the caller does not read its body by this promise: he takes it raw, or nothing at all. */
  onRaw(response: unknown): void;
}

type Transform = (data: unknown, props: unknown) => unknown;

interface ApiPromise extends Promise<unknown> {
  responsePromise: Promise<{ response?: unknown } | undefined>;
  parseResponse(client: unknown, props: unknown): unknown;
  _thenUnwrap(transform: Transform): ApiPromise;
}

interface Followed {
  readonly follower: Follower;
  readonly responsePromise: ApiPromise['responsePromise'];
  isRead: boolean;
}

/** Returns false if the value is no such promise. */
export function followApiPromise(value: unknown, follower: Follower): boolean {
  if (!isApiPromise(value)) return false;
  const answered = value.responsePromise.then(
    (props) => {
      // Whoever reads the body has begun to do so two turns later: the promises that wait for this one come first.
      queueMicrotask(() => queueMicrotask(() => followed.isRead || follower.onRaw(props?.response)));
      return props;
    },
    // In the place of the earlier promise, not beside it: a rejection that nobody handles is reported as it was.
    (error: unknown) => {
      follower.onError(error);
      throw error;
    },
  );
  const followed: Followed = { follower, responsePromise: answered, isRead: false };
  follow(value, followed, true);
  return true;
}

function isApiPromise(value: unknown): value is ApiPromise {
  const { responsePromise, parseResponse, _thenUnwrap } = (value ?? {}) as Partial<ApiPromise>;
  return (
    responsePromise instanceof Promise &&
    typeof parseResponse === 'function' &&
    typeof _thenUnwrap === 'function'
  );
}

function follow(promise: ApiPromise, followed: Followed, isFirst: boolean): ApiPromise {
  const { follower } = followed;
  const { parseResponse } = promise;
  promise.responsePromise = followed.responsePromise;
  promise.parseResponse = (client, props) => {
    followed.isRead = true;
    const parsed = parseResponse.call(promise, client, props);
    // Beside the caller, who waits for the same promise, but before him.
    if (parsed instanceof Promise) parsed.then(isFirst ? follower.onData : undefined, follower.onError);
    return parsed;
  };
  // From version 7 on, a promise makes others by a method of its own, which does not read these members.
  if (Object.hasOwn(promise, '_thenUnwrap')) {
    const unwrap = promise._thenUnwrap;
    promise._thenUnwrap = (transform) => {
      const first: Transform = (data, props) => {
        follower.onData(data);
        return transform(data, props);
      };
      return follow(unwrap.call(promise, isFirst ? first : transform), followed, false);
    };
  }
  return promise;
}
