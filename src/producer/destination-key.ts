/** Compares the options of engines by value: engines with the same key are one. */
import * as types from 'node:util/types';
import type { EngineOptions } from '../shared/contract/engine-options.js';

/** Undefined: the options cannot be compared. */
export function destinationKey(options: EngineOptions): string | undefined {
  return keyByValue(options);
}

/** Undefined: it holds something that cannot be compared by value, such as a function or shared memory. */
export function keyByValue(value: object): string | undefined {
  try {
    return textOf(value, 0);
  } catch {
    return undefined;
  }
}

const MAX_DEPTH = 32;
const NOT_PLAIN = new TypeError('not plain data');

function textOf(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH || typeof value === 'function' || typeof value === 'symbol' || types.isProxy(value)) {
    throw NOT_PLAIN;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return `[${value.map((one) => textOf(one, depth + 1)).join()}]`;
  if (value instanceof RegExp) return `RegExp ${value.flags} ${JSON.stringify(value.source)}`;
  if (value instanceof URL) return `URL ${JSON.stringify(value.href)}`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (
    (prototype !== Object.prototype && prototype !== null) ||
    Object.getOwnPropertySymbols(value).length > 0
  ) {
    throw NOT_PLAIN;
  }
  const fields = Object.entries(Object.getOwnPropertyDescriptors(value)).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${fieldText(field, depth + 1)}`).join()}}`;
}

/** A getter may return another value each time. */
function fieldText({ get, value }: PropertyDescriptor, depth: number): string {
  if (get !== undefined) throw NOT_PLAIN;
  return textOf(value, depth);
}
