/** Follows values that are read by iteration: iterators, and iterable objects such as the streams of SDKs. */
import { onEnd, onFailure, type Reader, readerOf, split, stepResult } from './reading.js';

/** Whether the value is an iterator that is its own iterable. A collection is a plain value. */
export function isIterator(value: object): boolean {
  const { next } = value as { next?: unknown };
  if (typeof next !== 'function') return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

export function isAsyncIterable(value: object): boolean {
  return typeof (value as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === 'function';
}

const STEPS = ['next', 'return', 'throw'];

/** Follows the steps of an iterator, which stays the same object. */
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
  // A database cursor has its own `next()`, which its iterator calls.
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

/** Follows each iteration, and each branch of its `tee()`. */
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

/** Follows the iterator of a loop. */
export function followLoop(iterator: unknown, reader: Reader, steps = STEPS): void {
  if (reader.reading.ended || !isObject(iterator)) return;
  if (!Object.isExtensible(iterator) || hasManyLayers(iterator)) return;
  countLayer(iterator);
  // A loop that breaks calls `return`, if there is one.
  if (!('return' in iterator)) define(iterator, 'return', async (value: unknown) => ({ done: true, value }));
  followIterator(iterator, readerOf(reader), steps);
}

/**
 * A stream that runs by itself and emits events (OpenAI's and Anthropic's helpers) may never be iterated. A listener for its errors
 * would change how they are handled.
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

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Replaces a method on the object itself, which keeps its identity. `make` gets the earlier method. Does nothing if there is none. */
export function override(target: object, name: PropertyKey, make: (before: Method) => Method): void {
  const before = Reflect.get(target, name);
  if (typeof before === 'function') define(target, name, make(before as Method));
}

/** Throws if the object does not allow it. */
export function define(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
}

/**
 * An object that is returned by many calls would get another layer of methods each time, until a call through all of them
 * overflows the stack. Must be less than 11: Node.js warns about 11 listeners of one emitter.
 */
const MAX_LAYERS = 8;
const layers = new WeakMap<object, number>();

export function hasManyLayers(target: object): boolean {
  return (layers.get(target) ?? 0) >= MAX_LAYERS;
}

export function countLayer(target: object): void {
  layers.set(target, (layers.get(target) ?? 0) + 1);
}
