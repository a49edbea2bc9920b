/** Puts a function in front of a method of `process`, for what Node.js has no event for. */

// biome-ignore lint/suspicious/noExplicitAny: as Node.js or somebody else has it
type Method = (this: unknown, ...args: any[]) => any;

/**
 * `make` gets the method that was there, and returns what stands in its place until the returned function is called. If
 * somebody has put another in front meanwhile, that one stays, and so does ours behind it.
 */
export function replaceMethod(
  name: 'emit' | 'kill' | 'reallyExit',
  make: (before: Method) => Method,
): () => void {
  const holder = process as unknown as Record<typeof name, Method | undefined>;
  const before = holder[name];
  if (typeof before !== 'function') return () => {};
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const value = make(before);
  // A frozen `process` stays as it is.
  Reflect.defineProperty(holder, name, { value, configurable: true, enumerable: true, writable: true });
  return () => {
    if (holder[name] !== value) return;
    if (own === undefined) Reflect.deleteProperty(holder, name);
    else Reflect.defineProperty(holder, name, own);
  };
}
