/** Follows what is read by iteration: iterators, and objects of which one can be had, such as the streams of SDKs. */
import { countLayer, define, hasManyLayers, override } from '../override.js';
import { onEnd, onFailure, type Reader, readerOf, split, stepResult } from './reading.js';

/** An iterator that is its own iterable; a collection is a value. */
export function isIterator(value: object): boolean {
  const { next } = value as { next?: unknown };
  if (typeof next !== 'function') return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

export function isAsyncIterable(value: object): boolean {
  return typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function';
}

const STEPS = ['next', 'return', 'throw'];

/** The same object, whose steps are followed. */
export function followIterator(iterator: object, reader: Reader, steps = STEPS): void {
  let isCursor = false;
  for (const name of steps) {
    override(
      iterator,
      name,
      (before) =>
        function (this: unknown, ...args) {
          const run = (): unknown => before.apply(this, args);
          return isCursor ? run() : stepResult(reader, run);
        },
    );
  }
  // A database's cursor has a `next()` of its own, which its iterator calls.
  override(
    iterator,
    Symbol.asyncIterator,
    (before) =>
      function (this: unknown, ...args) {
        const other = before.apply(this, args);
        if (other === this || other === iterator) return other;
        isCursor = true;
        followLoop(other, reader);
        return other;
      },
  );
}

/** Each iteration of it is followed, and each half of what its `tee()` makes of it. */
export function followIterable(iterable: object, reader: Reader): void {
  let isIterated = false;
  override(
    iterable,
    Symbol.asyncIterator,
    (before) =>
      function (this: unknown, ...args) {
        isIterated = true;
        const iterator = before.apply(this, args);
        followLoop(iterator, reader);
        return iterator;
      },
  );
  override(
    iterable,
    'tee',
    (before) =>
      function (this: unknown, ...args) {
        isIterated = true;
        const branches = before.apply(this, args);
        if (!Array.isArray(branches) || !branches.every(isObject)) return branches;
        const readers = split(reader, branches.length);
        for (const [i, branch] of branches.entries()) followIterable(branch, readers[i] as Reader);
        return branches;
      },
  );
  endWithEvents(iterable, reader, () => isIterated);
}

/** The iterator of a loop. */
export function followLoop(iterator: unknown, reader: Reader, steps = STEPS): void {
  if (reader.reading.ended || !isObject(iterator)) return;
  if (!Object.isExtensible(iterator) || hasManyLayers(iterator)) return;
  countLayer(iterator);
  // Whoever breaks out of its loop calls `return`, if there is one.
  if (!('return' in iterator)) define(iterator, 'return', async (value: unknown) => ({ done: true, value }));
  followIterator(iterator, readerOf(reader), steps);
}

/**
 * A stream that runs by itself and tells of it by events (OpenAI's and Anthropic's helpers) may well never be iterated. A
 * listener for its errors would change what comes of them.
 */
function endWithEvents(iterable: object, reader: Reader, isIterated: () => boolean): void {
  const emitter = iterable as { on?: unknown; errored?: unknown };
  if (typeof emitter.on !== 'function') return;
  const onOver = (): void => {
    if (isIterated()) return;
    if (emitter.errored === true) onFailure(reader, new Error('the stream failed'));
    else onEnd(reader);
  };
  for (const event of ['end', 'close']) emitter.on(event, onOver);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
