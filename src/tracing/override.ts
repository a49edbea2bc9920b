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
