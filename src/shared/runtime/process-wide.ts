/**
 * State that a process has once, however many copies of this package are loaded: ESM beside CommonJS, a bundle beside a
 * package, two versions. It lies on the global object, so each thread has its own.
 *
 * Whatever lies there is a protocol between versions. It consists of plain data and functions, the file that asks for it
 * documents it, and the number in its name goes up when an older version could not work with it. The copy that asks first
 * makes it. The others use it as it is, with the maker's code.
 */

type Holder = Record<symbol, unknown>;

/** For a global object that takes no more properties: then each copy is on its own. */
const local: Holder = {};

/** @param name The thing and its version: `exit/1`. */
export function processWide<T>(name: string, create: () => T): T {
  const key = Symbol.for(`tailrace.${name}`);
  const holder = globalThis as unknown as Holder;
  const known = holder[key] ?? local[key];
  if (known !== undefined) return known as T;
  const made = create();
  // Not enumerable: nobody who lists or copies globals should meet it.
  const isShared = Reflect.defineProperty(holder, key, { value: made, configurable: true });
  if (!isShared) local[key] = made;
  return made;
}
