/**
 * State that exists once in a process, however many copies of this package are loaded: ESM besides CommonJS, a bundle besides a
 * package, two versions. It is on the global object, so each thread has its own.
 *
 * Each such state is a protocol between versions. It consists of plain data and functions, and is documented in the file that uses
 * it. The number in its name goes up when an older version could not work with it. The first copy that asks for it creates it; the
 * others use it as it is, with the creator's code.
 */

type Holder = Record<symbol, unknown>;

/** For a global object that takes no more properties: then each copy has its own state. */
const local: Holder = {};

/** @param name The state and its version: `exit/1`. */
export function processWide<T>(name: string, create: () => T): T {
  const key = Symbol.for(`tailrace.${name}`);
  const holder = globalThis as unknown as Holder;
  const known = holder[key] ?? local[key];
  if (known !== undefined) return known as T;
  const made = create();
  // Not enumerable, to stay out of listings and copies of the globals.
  const isShared = Reflect.defineProperty(holder, key, { value: made, configurable: true });
  if (!isShared) local[key] = made;
  return made;
}
