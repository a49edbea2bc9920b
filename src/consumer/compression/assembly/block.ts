/** Writes a block of DEFLATE: its codes and its sequences, or its input as it is if that is shorter (RFC 1951, 3.2.3). */
import {
  alignOutput,
  outputPending,
  outputPendingBits,
  outputPosition,
  setOutput,
  writeBits,
  writeBytes,
} from './bit-output';
import {
  baseOfLength,
  DISTANCE_COUNTS,
  DISTANCE_SYMBOLS,
  END_OF_BLOCK,
  extraBitsOfDistance,
  extraBitsOfLength,
  FIRST_LENGTH,
  LITERAL_COUNTS,
  LITERAL_SYMBOLS,
  MIN_LENGTH,
  symbolOfLength,
} from './counts';
import { writeCodes } from './block-header';
import { bitsIn, codeIn, makeCode, putCode } from './huffman';
import { BLOCK, LENGTH_BITS, SEQUENCE_BYTES, SEQUENCES } from './matches';

/** Codes of four literals, and seven bits before them, fit into 64. RFC 1951 allows 15. */
const MAX_LITERAL_BITS: u32 = 14;
const MAX_DISTANCE_BITS: u32 = 15;
const LITERALS_AT_ONCE: usize = 4;
const MAX_LENGTH: u32 = 258;
const MAX_STORED_BYTES: u32 = 0xffff;
const STORED: u32 = 0;
const DYNAMIC: u32 = 2;

const LITERAL_CODES = memory.data(4 * LITERAL_SYMBOLS, 16);
const DISTANCE_CODES = memory.data(4 * DISTANCE_SYMBOLS, 16);
/** By length - MIN_LENGTH: the code of its symbol and the bits that follow it. */
const LENGTH_CODES = memory.data(4 * (MAX_LENGTH - MIN_LENGTH + 1), 16);

export function writeBlock(length: u32, isLast: bool): void {
  const start = outputPosition();
  const pending = outputPending();
  const pendingBits = outputPendingBits();
  const literals = makeCode(LITERAL_COUNTS, LITERAL_SYMBOLS, MAX_LITERAL_BITS, LITERAL_CODES);
  const distances = makeCode(DISTANCE_COUNTS, DISTANCE_SYMBOLS, MAX_DISTANCE_BITS, DISTANCE_CODES);
  writeBits((DYNAMIC << 1) | (isLast ? 1 : 0), 3);
  writeCodes(LITERAL_CODES, max(literals, FIRST_LENGTH), DISTANCE_CODES, distances);
  const size = <u32>(outputPosition() - start) + sizeOfSequences() / 8;
  if (size < length) {
    writeSequences();
    return;
  }
  setOutput(start, pending, pendingBits);
  writeStored(length, isLast);
}

function writeStored(length: u32, isLast: bool): void {
  const end = BLOCK + length;
  let from = BLOCK;
  do {
    const bytes = min(<u32>(end - from), MAX_STORED_BYTES);
    writeBits((STORED << 1) | (isLast && from + bytes == end ? 1 : 0), 3);
    alignOutput();
    writeBits(bytes | ((bytes ^ 0xffff) << 16), 32);
    writeBytes(from, bytes);
    from += bytes;
  } while (from < end);
}

/** In bits. */
function sizeOfSequences(): u32 {
  let size: u32 = 0;
  for (let symbol: u32 = 0; symbol < LITERAL_SYMBOLS; symbol++) {
    const extra = symbol < FIRST_LENGTH ? 0 : extraBitsOfLength(symbol - FIRST_LENGTH);
    size += load<u32>(LITERAL_COUNTS + 4 * symbol) * (bitsIn(LITERAL_CODES, symbol) + extra);
  }
  for (let symbol: u32 = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
    const bits = bitsIn(DISTANCE_CODES, symbol) + extraBitsOfDistance(symbol);
    size += load<u32>(DISTANCE_COUNTS + 4 * symbol) * bits;
  }
  return size;
}

function makeLengthCodes(): void {
  for (let length = MIN_LENGTH; length <= MAX_LENGTH; length++) {
    const symbol = symbolOfLength(length);
    const bits = bitsIn(LITERAL_CODES, FIRST_LENGTH + symbol);
    const code = <u32>codeIn(LITERAL_CODES, FIRST_LENGTH + symbol);
    const extra = (length - baseOfLength(symbol)) << bits;
    putCode(LENGTH_CODES, length - MIN_LENGTH, code | extra, bits + extraBitsOfLength(symbol));
  }
}

function writeSequences(): void {
  makeLengthCodes();
  let position = outputPosition();
  let pending = outputPending();
  let pendingBits = outputPendingBits();
  let from = BLOCK;
  for (let sequence = SEQUENCES; ; sequence += SEQUENCE_BYTES) {
    const literalsEnd = from + load<u32>(sequence);
    while (from < literalsEnd) {
      const end = min(from + LITERALS_AT_ONCE, literalsEnd);
      for (; from < end; from++) {
        const literal = load<u8>(from);
        pending |= codeIn(LITERAL_CODES, literal) << pendingBits;
        pendingBits += bitsIn(LITERAL_CODES, literal);
      }
      store<u64>(position, pending);
      position += pendingBits >> 3;
      pending >>= pendingBits & ~7;
      pendingBits &= 7;
    }
    const match: u32 = load<u16>(sequence, 4);
    if (match == 0) break;
    const length = match & ((1 << LENGTH_BITS) - 1);
    const symbol = match >> LENGTH_BITS;
    from += length;
    // At most 14 + 5, 15 and 13 bits.
    pending |= codeIn(LENGTH_CODES, length - MIN_LENGTH) << pendingBits;
    pendingBits += bitsIn(LENGTH_CODES, length - MIN_LENGTH);
    pending |= codeIn(DISTANCE_CODES, symbol) << pendingBits;
    pendingBits += bitsIn(DISTANCE_CODES, symbol);
    const extra = extraBitsOfDistance(symbol);
    pending |= <u64>(load<u16>(sequence, 6) & ((1 << extra) - 1)) << pendingBits;
    pendingBits += extra;
    store<u64>(position, pending);
    position += pendingBits >> 3;
    pending >>= pendingBits & ~7;
    pendingBits &= 7;
  }
  setOutput(position, pending, pendingBits);
  writeBits(codeIn(LITERAL_CODES, END_OF_BLOCK), bitsIn(LITERAL_CODES, END_OF_BLOCK));
}
