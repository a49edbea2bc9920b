/**
 * Divides a block of input into sequences: some literals, and a match with what stands at most 32 KiB before. It looks at one earlier place
 * only: where the same six bytes were last. Shorter matches take about as many bits as their literals.
 *
 *   │ window: the input before, 32 KiB │ BLOCK: up to BLOCK_BYTES │ slack: vectors may be read beyond the end │
 */
import { clearCounts, countLiteral, countMatch, symbolOfDistance } from './counts';

/** RFC 1951, 2: a match goes back so far at most. */
const WINDOW_BYTES: u32 = 32 * 1024;
/** Input of a block of output. Each block has codes of its own: to make them for every 64 KiB took 7 % longer. */
export const BLOCK_BYTES: u32 = 128 * 1024;
/** RFC 1951, 3.2.5. */
const LONGEST_MATCH: u32 = 258;
const SHORTEST_MATCH: u32 = 6;
const VECTOR_BYTES: u32 = 16;

const WINDOW = memory.data(WINDOW_BYTES + BLOCK_BYTES + LONGEST_MATCH + VECTOR_BYTES, 16);
export const BLOCK: usize = WINDOW + WINDOW_BYTES;

/** By hash of six bytes: the position in the body where they were last. */
const TABLE_BITS: u64 = 16;
const TABLE_BYTES: u32 = 4 << <u32>TABLE_BITS;
const TABLE = memory.data(TABLE_BYTES, 16);
/** Odd, with bits all over: 2^64 divided by the golden ratio. */
const HASH_FACTOR: u64 = 0x9e3779b97f4a7c15;

/** After so many literals without a match (encrypted, compressed, an image) only each 16th byte is looked up. */
const HOPELESS_LITERALS: usize = 64;
const HOPELESS_STEP: usize = 16;

/** literals: 4 bytes │ match, 0 in the last one: length, and from LENGTH_BITS on the symbol of the distance: 2 │ distance - 1: 2 */
export const SEQUENCE_BYTES: u32 = 8;
export const LENGTH_BITS: u32 = 9;
export const SEQUENCES = memory.data(SEQUENCE_BYTES * (BLOCK_BYTES / SHORTEST_MATCH + 1), 16);

/** A position in the body is an address and this. Above WINDOW_BYTES for each byte of the body, so that 0 in the table is too far away. */
let shift: usize = 0;

export function beginMatches(): void {
  memory.fill(TABLE, 0, TABLE_BYTES);
  shift = 0;
}

/** The end of a full block is before the next. */
export function moveWindow(): void {
  memory.copy(WINDOW, WINDOW + BLOCK_BYTES, WINDOW_BYTES);
  shift += BLOCK_BYTES;
}

export function findMatches(length: u32): void {
  clearCounts();
  const end = BLOCK + length;
  // The hash reads eight bytes.
  const lastLookup = end - 8;
  let sequence = SEQUENCES;
  let at = BLOCK;
  let literals = at;
  while (at <= lastLookup) {
    const slot = slotOf(at);
    const distance = <u32>(at + shift) - load<u32>(slot);
    store<u32>(slot, at + shift);
    const matched: u32 = distance <= WINDOW_BYTES ? min(matchLength(at, distance), <u32>(end - at)) : 0;
    if (matched < SHORTEST_MATCH) {
      const next = at - literals < HOPELESS_LITERALS ? at + 1 : min(at + HOPELESS_STEP, end);
      while (at < next) countLiteral(load<u8>(at++));
      continue;
    }
    store<u32>(sequence, at - literals);
    const symbol = symbolOfDistance(distance - 1);
    store<u16>(sequence, matched | (symbol << LENGTH_BITS), 4);
    store<u16>(sequence, distance - 1, 6);
    sequence += SEQUENCE_BYTES;
    countMatch(matched, symbol);
    literals = at + matched;
    if (literals <= lastLookup) {
      // More of the places in a match would find little more.
      store<u32>(slotOf(at + 1), at + 1 + shift);
      store<u32>(slotOf(literals - 1), literals - 1 + shift);
    }
    at = literals;
  }
  while (at < end) countLiteral(load<u8>(at++));
  store<u32>(sequence, end - literals);
  store<u32>(sequence, 0, 4);
}

// @ts-ignore: decorator
@inline
function slotOf(at: usize): usize {
  const sixBytes = load<u64>(at) << 16;
  return TABLE + (<usize>((sixBytes * HASH_FACTOR) >> (64 - TABLE_BITS)) << 2);
}

/** May be longer than what is left of the block. */
// @ts-ignore: decorator
@inline
function matchLength(at: usize, distance: u32): u32 {
  for (let length: u32 = 0; length < LONGEST_MATCH; length += VECTOR_BYTES) {
    const equal = i8x16.bitmask(i8x16.eq(v128.load(at + length), v128.load(at + length - distance)));
    if (equal != 0xffff) return min(length + ctz(~equal), LONGEST_MATCH);
  }
  return LONGEST_MATCH;
}
