/** The output: bits, the lowest of a byte first. It grows at the end of the memory. */

const PAGE_BYTES: usize = 64 * 1024;
/** Room for the codes of a block that is then stored as it is, and for the eight bytes that are written at once. */
const SPARE_BYTES: usize = 1024;
/** Input that is stored as it is takes five bytes more for each 64 KiB. */
const STORED_SHIFT: u32 = 12;

let position: usize = 0;
/** Bits that are not stored yet: fewer than eight. */
let pending: u64 = 0;
let pendingBits: u32 = 0;

/** Returns false if there is no memory for the output of so many bytes. */
export function beginOutput(bodyBytes: u32): bool {
  setOutput(__heap_base, 0, 0);
  const end = __heap_base + bodyBytes + (bodyBytes >> STORED_SHIFT) + SPARE_BYTES;
  const missing = <i32>((end + PAGE_BYTES - 1) / PAGE_BYTES) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}

export function outputPosition(): usize {
  return position;
}

export function outputPending(): u64 {
  return pending;
}

export function outputPendingBits(): u32 {
  return pendingBits;
}

/** For writers that keep all three in local variables, which are faster. */
export function setOutput(at: usize, bits: u64, bitCount: u32): void {
  position = at;
  pending = bits;
  pendingBits = bitCount;
}

/** At most 56 bits. */
export function writeBits(value: u64, bits: u32): void {
  pending |= value << pendingBits;
  pendingBits += bits;
  store<u64>(position, pending);
  position += pendingBits >> 3;
  pending >>= pendingBits & ~7;
  pendingBits &= 7;
}

/** Fills the last byte with zeros. */
export function alignOutput(): void {
  if (pendingBits > 0) writeBits(0, 8 - pendingBits);
}

export function writeBytes(from: usize, bytes: u32): void {
  memory.copy(position, from, bytes);
  position += bytes;
}
