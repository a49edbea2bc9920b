/** Merges metadata as a Langfuse server does, and sets keys that come from outside. */

import { isObject } from './json-text.js';

export type Metadata = Record<string, unknown>;

/** Sets a key that comes from outside: `__proto__` is defined as a key like any other, not assigned. */
export function define<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  } else target[key] = value;
}

/**
 * Merges metadata as lodash's `merge` does, `over` over `under`: objects and lists member by member, null wins.
 * Changes `under` in place, at any depth: a thousand events with one key do not make a thousand copies.
 */
export function mergeDeep(under: Metadata, over: Metadata): Metadata {
  for (const [key, value] of Object.entries(over)) {
    define(under, key, mergedValue(Object.hasOwn(under, key) ? under[key] : undefined, value));
  }
  return under;
}

/** The same for one value under another. If both are objects `over` is changed in place, else `under`. */
export function mergeBelow(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return mergedValue(under, over);
  for (const [key, value] of Object.entries(under)) {
    define(over, key, Object.hasOwn(over, key) ? mergeBelow(value, over[key]) : value);
  }
  return over;
}

export function mergedValue(under: unknown, over: unknown): unknown {
  if (Array.isArray(over)) {
    return mergeDeep((Array.isArray(under) ? under : []) as unknown as Metadata, over as unknown as Metadata);
  }
  if (!isObject(over)) return over;
  if (!Array.isArray(under)) return mergeDeep(isObject(under) ? under : {}, over);
  return mergeDeep(under as unknown as Metadata, itemsOf(over));
}

/** In JSON a list has indices only; and one key must not make it four billion items long. */
function itemsOf(over: Metadata): Metadata {
  return Object.fromEntries(Object.entries(over).filter(([key]) => /^(?:0|[1-9]\d{0,3})$/.test(key)));
}
