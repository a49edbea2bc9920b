/**
 * The layout of the side lane of a ring, for events that would take more than an eighth of the ring: shared memory that grows on
 * demand, up to a bound. A record on the ring (type SIDE) keeps the order of such events and says where each lies:
 *
 *   +0 offset in the lane (u32)   +4 length (u32)
 */

export const REFERENCE_BYTES = 8;

/** Allocated lazily; never shrinks. */
export function allocateLane(maxBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength: maxBytes });
}

export function writeReference(reference: DataView, offset: number, length: number): void {
  reference.setUint32(0, offset, true);
  reference.setUint32(4, length, true);
}

/** The size of the event that a reference points to. */
export function referredBytes({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset, REFERENCE_BYTES).getUint32(4, true);
}

/** Copies the event that a reference points to. */
export function readReferred(lane: SharedArrayBuffer, reference: Uint8Array): Buffer {
  const { buffer, byteOffset } = reference;
  const view = new DataView(buffer, byteOffset, REFERENCE_BYTES);
  const length = view.getUint32(4, true);
  // Copied: V8 reads growable memory by slower code, which would also slow down the reads of all other records.
  const bytes = Buffer.allocUnsafeSlow(length);
  bytes.set(new Uint8Array(lane, view.getUint32(0, true), length));
  return bytes;
}
