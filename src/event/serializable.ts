/**
 * Turns any value into one that every encoder accepts, as JSON.stringify would see it. If JSON.stringify would throw or drop a
 * value, a readable placeholder says what was left out, and the event is not lost.
 *
 * This is the slow path: it runs only for values that are not plain data.
 */

import * as types from 'node:util/types';
import { mediaOf } from '../shared/contract/media.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { Frozen } from './frozen.js';
import { keepMedia } from './wrapped-media.js';

/** A placeholder replaces deeper values; JSON.stringify overflows the stack at about 5000. */
const MAX_DEPTH = 500;
/** The greatest depth of a result. */
export const MAX_SERIALIZABLE_DEPTH = MAX_DEPTH + 1;
/** A repeated object is written out again, as JSON does; in a dense graph only this limit ends that. */
const MAX_REPEATS = 10_000;

/** The path from the root to a value, and the objects met so far. */
interface Walk {
  /** An object may occur twice; inside itself it is a cycle. */
  readonly ancestors: Set<object>;
  readonly met: Set<object>;
  repeats: number;
}

export function toSerializable(value: unknown): unknown {
  return visit(value, '', { ancestors: new Set(), met: new Set(), repeats: 0 }, 0);
}

/** Placeholder for a value that cannot be read. */
export function unreadable(error: unknown): string {
  return `[Unreadable: ${messageOf(error)}]`;
}

/** Text for a function, or for a primitive that JSON has no form for. */
export function placeholder(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'symbol') return `[${safely(() => String(value), 'Symbol')}]`;
  return `[Function: ${safely(() => String((value as { name?: unknown }).name), '') || 'anonymous'}]`;
}

function visit(value: unknown, key: string, walk: Walk, depth: number): unknown {
  switch (typeof value) {
    case 'symbol':
      return placeholder(value);
    case 'bigint':
    case 'function':
      return visitBigIntOrFunction(value, key, walk, depth);
    case 'object':
      if (value === null) return null;
      if (walk.ancestors.has(value)) return '[Circular]';
      if (depth >= MAX_DEPTH) return '[Too deep]';
      if (walk.met.has(value) && ++walk.repeats > MAX_REPEATS) return '[Repeated]';
      walk.met.add(value);
      walk.ancestors.add(value);
      try {
        return visitObject(value, key, walk, depth + 1);
      } catch (error) {
        // A revoked proxy, or a getter or toJSON that throws; which one is not known here.
        return unreadable(error);
      } finally {
        walk.ancestors.delete(value);
      }
    default:
      return value;
  }
}

function visitObject(value: object, key: string, walk: Walk, depth: number): unknown {
  // It is encoded already, and its buffer is shared with others.
  if (value instanceof Frozen || mediaOf(value) !== undefined) return value;
  if (Buffer.isBuffer(value) && value.toJSON === Buffer.prototype.toJSON) return value;
  const toJSON = (value as { toJSON?: unknown }).toJSON;
  if (typeof toJSON === 'function') {
    const json = toJSON.call(value, key);
    if (json !== value) return visit(json, key, walk, depth);
  }
  if (types.isBoxedPrimitive(value)) return unbox(value);
  if (types.isNativeError(value) || value instanceof Error) return visitError(value, walk, depth);
  if (value instanceof RegExp) return String(value);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return visitView(value, walk, depth);
  if (value instanceof Set) return Array.from(value, (one) => visit(one, '', walk, depth));
  if (value instanceof Map) return visitMap(value, walk, depth);
  // Not map(): for a subclass of the application it would create another instance of it.
  if (Array.isArray(value)) return Array.from(value, (one, index) => visit(one, String(index), walk, depth));
  return keepMedia(value, visitProperties(value, Object.keys(value), walk, depth));
}

/** JSON.stringify calls their toJSON as well, and many applications give BigInts one. */
function visitBigIntOrFunction(value: bigint | object, key: string, walk: Walk, depth: number): unknown {
  try {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON !== 'function' || depth >= MAX_DEPTH) return placeholder(value);
    const json = toJSON.call(value, key);
    return json === value ? placeholder(value) : visit(json, key, walk, depth + 1);
  } catch (error) {
    return unreadable(error);
  }
}

/** As JSON.stringify does, which throws at a BigInt, and writes {} for a symbol. */
function unbox(value: object): unknown {
  if (types.isStringObject(value)) return String(value);
  if (types.isNumberObject(value)) return Number(value);
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value);
  if (types.isBigIntObject(value)) return placeholder(BigInt.prototype.valueOf.call(value));
  return placeholder(Symbol.prototype.valueOf.call(value));
}

function visitProperties(value: object, keys: string[], walk: Walk, depth: number): object {
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    let member: unknown;
    try {
      member = (value as Record<string, unknown>)[key];
    } catch (error) {
      define(result, key, `[Getter threw: ${messageOf(error)}]`);
      continue;
    }
    if (member !== undefined) define(result, key, visit(member, key, walk, depth));
  }
  return result;
}

/** JSON.stringify writes {} for an error, as name, message, stack and cause are not enumerable. */
function visitError(error: Error, walk: Walk, depth: number): unknown {
  const keys = new Set(['name', 'message', 'stack', ...Object.keys(error)]);
  if (error.cause !== undefined) keys.add('cause');
  return visitProperties(error, [...keys], walk, depth);
}

/** Typed arrays are mostly embeddings: numbers, not bytes. */
function visitView(view: ArrayBufferView, walk: Walk, depth: number): unknown {
  if (view instanceof Uint8Array || view instanceof DataView) {
    return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  }
  return Array.from(view as unknown as ArrayLike<unknown>, (one) => visit(one, '', walk, depth));
}

function visitMap(map: Map<unknown, unknown>, walk: Walk, depth: number): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, member] of map) {
    const name = nameOf(key);
    define(result, name, visit(member, name, walk, depth));
  }
  return result;
}

function nameOf(key: unknown): string {
  if (typeof key === 'object') return safely(() => JSON.stringify(key), undefined) ?? '[object]';
  return typeof key === 'function' ? placeholder(key) : String(key);
}

/** Assignment would call the setter of `__proto__`. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

function safely<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
