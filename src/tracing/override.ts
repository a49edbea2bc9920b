/** Puts a method of ours before an object's own, on the object itself: it stays what it is to everybody else. */

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** `make` gets the method that there was. Nothing happens where there was none. */
export function override(target: object, name: PropertyKey, make: (before: Method) => Method): void {
  const before = Reflect.get(target, name);
  if (typeof before === 'function') define(target, name, make(before as Method));
}

/** Throws where the object does not allow it. */
export function define(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
}

/**
 * An object that is kept, and returned by each call, would get another layer each time, until calling through them all
 * overflows the stack. Fewer than the 11 listeners of one emitter that Node.js warns of.
 */
const MAX_LAYERS = 8;
const layers = new WeakMap<object, number>();

export function hasManyLayers(target: object): boolean {
  return (layers.get(target) ?? 0) >= MAX_LAYERS;
}

export function countLayer(target: object): void {
  layers.set(target, (layers.get(target) ?? 0) + 1);
}
