/** A mask module that does as an event's metadata says: it is slow, throws, ends its thread or never comes back. */
const trouble = {
  slow: () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20),
  throws() {
    throw new Error('boom');
  },
  exits: () => process.exit(7),
  throwsLater() {
    setImmediate(() => {
      throw new Error('boom, later');
    });
  },
  stuck() {
    for (;;);
  },
};

export function mask({ data }) {
  const what = data !== null && typeof data === 'object' ? data.trouble : undefined;
  if (Object.hasOwn(trouble, what ?? '')) trouble[what]();
  return data;
}
