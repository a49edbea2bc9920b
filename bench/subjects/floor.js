/** What the floors share: the record that tailrace puts on its ring, and shared memory to copy it into. */
import { Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from 'msgpackr';

const TARGET_BYTES = 16 * 1024 * 1024;

/** Array-shaped, the payloads inside. Ids and times are constants: making them is not part of the floor. */
export const recordOf = (name, input, output) => [
  1,
  'generation',
  'f00dfeedf00dfeedf00dfeedf00dfeed',
  'f00dfeedf00dfeed',
  'feedf00dfeedf00d',
  name,
  1_700_000_000_000.5,
  1_700_000_000_750.5,
  'gpt-4o',
  input,
  output,
];

export function createEncoder() {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  return (record) => packr.encode(record, REUSE_BUFFER_MODE | RESET_BUFFER_MODE);
}

/** Copies to ever new places, as on a ring: not into a cache line that is still warm. */
export function createTarget() {
  // Filled once: a first touch costs a page fault, which a ring pays on its first lap only.
  const target = new Uint8Array(new SharedArrayBuffer(TARGET_BYTES)).fill(1);
  let position = 0;
  return (bytes) => {
    if (position + bytes.byteLength > TARGET_BYTES) position = 0;
    target.set(bytes, position);
    position += bytes.byteLength;
  };
}

/** A floor delivers nothing, so of a client it needs the one call. */
export const floorClient = (record) => ({
  openTrace() {},
  record,
  closeTrace() {},
  flush: async () => {},
  shutdown: async () => {},
});
