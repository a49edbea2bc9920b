/** Symbols of literals, lengths and distances (RFC 1951, 3.2.5), and how often each occurs in the block. */

export const END_OF_BLOCK: u32 = 256;
/** Literals, the end of the block, and lengths from FIRST_LENGTH on. */
export const LITERAL_SYMBOLS: u32 = 286;
export const FIRST_LENGTH: u32 = 257;
const LENGTH_SYMBOLS: u32 = 29;
export const DISTANCE_SYMBOLS: u32 = 30;
export const MIN_LENGTH: u32 = 3;
const MAX_LENGTH: u32 = 258;

export const LITERAL_COUNTS = memory.data(4 * LITERAL_SYMBOLS, 16);
export const DISTANCE_COUNTS = memory.data(4 * DISTANCE_SYMBOLS, 16);

/** By length - MIN_LENGTH: its symbol, from FIRST_LENGTH on. By symbol: the first of its lengths, - MIN_LENGTH. */
const SYMBOL_OF_LENGTH = memory.data(MAX_LENGTH - MIN_LENGTH + 1, 16);
const BASE_OF_LENGTH = memory.data(LENGTH_SYMBOLS, 16);

for (let symbol: u32 = 0, length: u32 = 0; symbol < LENGTH_SYMBOLS; symbol++) {
  // The longest has a symbol of its own.
  if (symbol == LENGTH_SYMBOLS - 1) length = MAX_LENGTH - MIN_LENGTH;
  store<u8>(BASE_OF_LENGTH + symbol, length);
  for (const end = length + (1 << extraBitsOfLength(symbol)); length < end; length++) {
    store<u8>(SYMBOL_OF_LENGTH + length, symbol);
  }
}

/** The symbol of a length of a match, without FIRST_LENGTH. */
// @ts-ignore: decorator
@inline
export function symbolOfLength(length: u32): u32 {
  return load<u8>(SYMBOL_OF_LENGTH + length - MIN_LENGTH);
}

/** The bits behind the symbol say how much longer it is. */
export function baseOfLength(symbol: u32): u32 {
  return load<u8>(BASE_OF_LENGTH + symbol) + MIN_LENGTH;
}

export function extraBitsOfLength(symbol: u32): u32 {
  return symbol < 8 || symbol == LENGTH_SYMBOLS - 1 ? 0 : (symbol >> 2) - 1;
}

/** Two symbols for each power of two. The bits of `distance - 1` below the upper two follow the symbol. */
// @ts-ignore: decorator
@inline
export function symbolOfDistance(distanceLess1: u32): u32 {
  if (distanceLess1 < 2) return distanceLess1;
  const extra = 30 - clz(distanceLess1);
  return 2 * extra + (distanceLess1 >> extra);
}

// @ts-ignore: decorator
@inline
export function extraBitsOfDistance(symbol: u32): u32 {
  return symbol < 2 ? 0 : (symbol >> 1) - 1;
}

export function clearCounts(): void {
  memory.fill(LITERAL_COUNTS, 0, 4 * LITERAL_SYMBOLS);
  memory.fill(DISTANCE_COUNTS, 0, 4 * DISTANCE_SYMBOLS);
  count(LITERAL_COUNTS, END_OF_BLOCK);
}

// @ts-ignore: decorator
@inline
export function countLiteral(literal: u32): void {
  count(LITERAL_COUNTS, literal);
}

// @ts-ignore: decorator
@inline
export function countMatch(length: u32, symbolOfItsDistance: u32): void {
  count(LITERAL_COUNTS, FIRST_LENGTH + symbolOfLength(length));
  count(DISTANCE_COUNTS, symbolOfItsDistance);
}

// @ts-ignore: decorator
@inline
export function count(counts: usize, symbol: u32): void {
  const address = counts + 4 * symbol;
  store<u32>(address, load<u32>(address) + 1);
}
