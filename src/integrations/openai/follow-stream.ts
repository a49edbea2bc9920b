/**
 * Follows a streamed answer while its caller reads it. The stream, its iterator and its chunks stay the same objects, and no chunk
 * comes later: tailrace looks at the promise of each chunk beside the caller.
 */
import type { GenerationBody } from '../../index.js';
import { ABORTED } from './failure.js';

export interface StreamFollower {
  onChunk(chunk: unknown): void;
  /** The stream has ended, or its caller has left it. `more`: fields that say so. */
  onEnd(more?: GenerationBody): void;
  onError(error: unknown): void;
}

type Step = (this: unknown, ...args: unknown[]) => unknown;

interface Iterator {
  next: Step;
  return?: Step;
}

/** `Stream` of the package: each way to read it (a loop, `tee()`, `toReadableStream()`) calls `iterator()`. */
interface StreamLike {
  iterator(): Iterator;
  readonly controller?: { readonly signal?: AbortSignal };
}

interface Reading {
  readonly follower: StreamFollower;
  readonly signal: AbortSignal | undefined;
  /** Chunks that were asked for and have not come. */
  pending: number;
}

/** Returns false if the value is no stream. */
export function followStream(value: unknown, follower: StreamFollower): boolean {
  if (!isStream(value)) return false;
  const { iterator, controller } = value;
  const reading: Reading = { follower, signal: controller?.signal, pending: 0 };
  // If the caller waits for a chunk, the chunk tells how it ended: a failing stream aborts as well.
  reading.signal?.addEventListener('abort', () => reading.pending > 0 || follower.onEnd(ABORTED), {
    once: true,
  });
  value.iterator = function (this: unknown) {
    return followIterator(iterator.call(this as StreamLike), reading);
  };
  return true;
}

function isStream(value: unknown): value is StreamLike {
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return false;
  return typeof (value as Partial<StreamLike>).iterator === 'function';
}

function followIterator(iterator: Iterator, reading: Reading): Iterator {
  const { follower, signal } = reading;
  const onStep = (step: unknown): void => {
    reading.pending--;
    const { done, value } = (step ?? {}) as IteratorResult<unknown>;
    if (!done) follower.onChunk(value);
    else follower.onEnd(signal?.aborted ? ABORTED : undefined);
  };
  const onError = (error: unknown): void => {
    reading.pending--;
    follower.onError(error);
  };
  const { next, return: leave } = iterator;
  iterator.next = function (...args) {
    const step = next.apply(this, args);
    // A stand-in of a test may have another kind of iterator.
    if (step instanceof Promise) {
      reading.pending++;
      step.then(onStep, onError);
    }
    return step;
  };
  if (leave !== undefined) {
    iterator.return = function (...args) {
      follower.onEnd(ABORTED);
      return leave.apply(this, args);
    };
  }
  return iterator;
}
