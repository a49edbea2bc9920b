/**
 * The lane beside a ring, for events that would take more than an eighth of it: shared memory that grows as it is needed,
 * up to a bound. A record on the ring (type SIDE) keeps such an event's place in the order and says where it lies:
 *
 *   +0 offset in the lane (u32)   +4 length (u32)
 */

export const REFERENCE_BYTES = 8;

/** Takes no memory before something is in it; what it has once grown to it keeps. */
export function allocateLane(maxBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength: maxBytes });
}

export function writeReference(reference: DataView, offset: number, length: number): void {
  reference.setUint32(0, offset, true);
  reference.setUint32(4, length, true);
}

/** The size of the event that a reference stands for. */
export function referredBytes({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset, REFERENCE_BYTES).getUint32(4, true);
}

/** The event that a reference stands for, in memory of its own. */
export function readReferred(lane: SharedArrayBuffer, reference: Uint8Array): Buffer {
  const { buffer, byteOffset } = reference;
  const view = new DataView(buffer, byteOffset, REFERENCE_BYTES);
  const length = view.getUint32(4, true);
  // Copied: memory that can grow is read by slower code, and what reads all the other records must not learn of it.
  const bytes = Buffer.allocUnsafeSlow(length);
  bytes.set(new Uint8Array(lane, view.getUint32(0, true), length));
  return bytes;
}
