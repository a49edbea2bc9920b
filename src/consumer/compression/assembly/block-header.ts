/** Writes the two codes of a block: their numbers of bits, which say all, in runs, by a third code (RFC 1951, 3.2.7). */
import { writeBits } from './bit-output';
import { count, DISTANCE_SYMBOLS, LITERAL_SYMBOLS } from './counts';
import { bitsIn, codeIn, makeCode } from './huffman';

/** Symbols above 15: the last number again, and zeros. */
const REPEAT: u32 = 16;
const ZEROS: u32 = 17;
const MANY_ZEROS: u32 = 18;
const SYMBOLS: u32 = 19;
const MAX_BITS: u32 = 7;
/** How the numbers of bits of this code are ordered. */
const ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

const NUMBERS = memory.data(LITERAL_SYMBOLS + DISTANCE_SYMBOLS, 16);
/** Symbol: 1 byte │ what follows it: 1 */
const RUNS = memory.data(2 * (LITERAL_SYMBOLS + DISTANCE_SYMBOLS), 16);
const COUNTS = memory.data(4 * SYMBOLS, 16);
const CODES = memory.data(4 * SYMBOLS, 16);

let runsEnd: usize = 0;

/** `literals` and `distances`: how many symbols each code has. */
export function writeCodes(literalCodes: usize, literals: u32, distanceCodes: usize, distances: u32): void {
  for (let symbol: u32 = 0; symbol < literals; symbol++) store<u8>(NUMBERS + symbol, bitsIn(literalCodes, symbol));
  for (let symbol: u32 = 0; symbol < distances; symbol++) {
    store<u8>(NUMBERS + literals + symbol, bitsIn(distanceCodes, symbol));
  }
  findRuns(NUMBERS + literals + distances);
  makeCode(COUNTS, SYMBOLS, MAX_BITS, CODES);
  let symbols = SYMBOLS;
  while (bitsIn(CODES, load<u8>(ORDER + symbols - 1)) == 0) symbols--;
  writeBits((literals - 257) | ((distances - 1) << 5) | ((symbols - 4) << 10), 14);
  for (let i: u32 = 0; i < symbols; i++) writeBits(bitsIn(CODES, load<u8>(ORDER + i)), 3);
  for (let run = RUNS; run < runsEnd; run += 2) {
    const symbol = load<u8>(run);
    writeBits(codeIn(CODES, symbol), bitsIn(CODES, symbol));
    if (symbol >= REPEAT) writeBits(load<u8>(run, 1), symbol == REPEAT ? 2 : symbol == ZEROS ? 3 : 7);
  }
}

function findRuns(end: usize): void {
  memory.fill(COUNTS, 0, 4 * SYMBOLS);
  runsEnd = RUNS;
  for (let at = NUMBERS; at < end; ) {
    const number = load<u8>(at);
    let left: u32 = 1;
    while (at + left < end && load<u8>(at + left) == number) left++;
    at += left;
    if (number != 0) {
      addRun(number, 0);
      left = addRuns(REPEAT, 3, 6, left - 1);
    } else {
      left = addRuns(MANY_ZEROS, 11, 138, left);
      left = addRuns(ZEROS, 3, 10, left);
    }
    for (; left > 0; left--) addRun(number, 0);
  }
}

/** Adds runs of `shortest` to `longest` numbers, out of `left`. Returns how many numbers are left. */
function addRuns(symbol: u32, shortest: u32, longest: u32, left: u32): u32 {
  while (left >= shortest) {
    const numbers = min(left, longest);
    addRun(symbol, numbers - shortest);
    left -= numbers;
  }
  return left;
}

function addRun(symbol: u32, extra: u32): void {
  store<u8>(runsEnd, symbol);
  store<u8>(runsEnd, extra, 1);
  runsEnd += 2;
  count(COUNTS, symbol);
}
