/** Makes the Huffman code of symbols by their counts, canonical and limited in length (RFC 1951, 3.2.2). */
import { count } from './counts';

const MAX_SYMBOLS: u32 = 286;
const MAX_BITS: u32 = 15;
const SYMBOL_BITS: u32 = 9;
const SYMBOL_MASK: u32 = (1 << SYMBOL_BITS) - 1;

/** The symbols that occur, the rarest first: count │ symbol, SYMBOL_BITS. */
const LEAVES = memory.data(4 * MAX_SYMBOLS, 16);
/** By leaf: first the number of its parent, then its depth. */
const DEPTHS = memory.data(4 * MAX_SYMBOLS, 16);
/** By inner node, in the order in which they are made: the counts of its leaves together. */
const NODE_COUNTS = memory.data(4 * MAX_SYMBOLS, 16);
/** By inner node, as DEPTHS. */
const NODE_DEPTHS = memory.data(4 * MAX_SYMBOLS, 16);
/** By number of bits: how many codes, and the next one to give away. */
const LENGTH_COUNTS = memory.data(4 * (MAX_BITS + 1), 16);
const NEXT_CODES = memory.data(4 * (MAX_BITS + 1), 16);

/** In a table of codes: the code as it is written, the first bit lowest, and above it its number of bits. */
// @ts-ignore: decorator
@inline
export function codeIn(codes: usize, symbol: u32): u64 {
  return load<u32>(codes + 4 * symbol) & 0xffffff;
}

// @ts-ignore: decorator
@inline
export function bitsIn(codes: usize, symbol: u32): u32 {
  return load<u8>(codes + 4 * symbol, 3);
}

export function putCode(codes: usize, symbol: u32, code: u32, bits: u32): void {
  store<u32>(codes + 4 * symbol, code | (bits << 24));
}

/** Writes the table of codes. Returns how many symbols there are up to the last with a code. */
export function makeCode(counts: usize, symbols: u32, maxBits: u32, codes: usize): u32 {
  let leaves = collectLeaves(counts, symbols);
  if (leaves < 2) {
    // There are decoders that refuse a code of one symbol.
    store<u32>(counts, 1);
    store<u32>(counts, 1, 4);
    leaves = collectLeaves(counts, symbols);
  }
  sortLeaves(leaves);
  findDepths(leaves);
  limitDepths(leaves, maxBits);
  memory.fill(codes, 0, 4 * symbols);
  giveBits(maxBits, codes);
  return giveCodes(symbols, maxBits, codes);
}

function collectLeaves(counts: usize, symbols: u32): u32 {
  let leaves: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const occurs = load<u32>(counts + 4 * symbol);
    if (occurs > 0) store<u32>(LEAVES + 4 * leaves++, (occurs << SYMBOL_BITS) | symbol);
  }
  return leaves;
}

/** Shell sort. */
function sortLeaves(leaves: u32): void {
  for (let gap: u32 = 121; gap > 0; gap /= 3) {
    for (let i = gap; i < leaves; i++) {
      const leaf = load<u32>(LEAVES + 4 * i);
      let to = i;
      for (; to >= gap && load<u32>(LEAVES + 4 * (to - gap)) > leaf; to -= gap) {
        store<u32>(LEAVES + 4 * to, load<u32>(LEAVES + 4 * (to - gap)));
      }
      store<u32>(LEAVES + 4 * to, leaf);
    }
  }
}

/** Joins the two rarest of leaves and nodes until one is left. Both are queues: nodes are made in ascending order of their counts. */
function findDepths(leaves: u32): void {
  let leaf: u32 = 0;
  let node: u32 = 0;
  const root = leaves - 2;
  for (let made: u32 = 0; made <= root; made++) {
    let sum: u32 = 0;
    for (let child = 0; child < 2; child++) {
      const ofLeaf = leaf < leaves ? load<u32>(LEAVES + 4 * leaf) >> SYMBOL_BITS : u32.MAX_VALUE;
      const ofNode = node < made ? load<u32>(NODE_COUNTS + 4 * node) : u32.MAX_VALUE;
      sum += min(ofLeaf, ofNode);
      if (ofLeaf <= ofNode) store<u32>(DEPTHS + 4 * leaf++, made);
      else store<u32>(NODE_DEPTHS + 4 * node++, made);
    }
    store<u32>(NODE_COUNTS + 4 * made, sum);
  }
  store<u32>(NODE_DEPTHS + 4 * root, 0);
  // Parents have higher numbers.
  for (let i = root; i > 0; i--) becomeDepth(NODE_DEPTHS + 4 * (i - 1));
  for (let i: u32 = 0; i < leaves; i++) becomeDepth(DEPTHS + 4 * i);
}

/** From the number of the parent to the depth below it. */
function becomeDepth(cell: usize): void {
  store<u32>(cell, load<u32>(NODE_DEPTHS + 4 * load<u32>(cell)) + 1);
}

/** Counts the codes of each number of bits, so that none has more than `maxBits` and the code is still complete. */
function limitDepths(leaves: u32, maxBits: u32): void {
  memory.fill(LENGTH_COUNTS, 0, 4 * (MAX_BITS + 1));
  // A code of n bits takes 2^(maxBits - n) of the 2^maxBits places of the deepest level.
  let places: u32 = 0;
  for (let i: u32 = 0; i < leaves; i++) {
    const bits = min(load<u32>(DEPTHS + 4 * i), maxBits);
    count(LENGTH_COUNTS, bits);
    places += 1 << (maxBits - bits);
  }
  // A leaf goes one level down and gets one of the deepest as a sibling, whose place is free then.
  for (; places > <u32>1 << maxBits; places--) {
    let bits = maxBits - 1;
    while (load<u32>(LENGTH_COUNTS + 4 * bits) == 0) bits--;
    add(LENGTH_COUNTS + 4 * bits, -1);
    add(LENGTH_COUNTS + 4 * (bits + 1), 2);
    add(LENGTH_COUNTS + 4 * maxBits, -1);
  }
}

function add(cell: usize, number: i32): void {
  store<i32>(cell, load<i32>(cell) + number);
}

/** The rarest symbols get the most bits. */
function giveBits(maxBits: u32, codes: usize): void {
  let leaf = LEAVES;
  for (let bits = maxBits; bits > 0; bits--) {
    for (let left = load<u32>(LENGTH_COUNTS + 4 * bits); left > 0; left--, leaf += 4) {
      putCode(codes, load<u32>(leaf) & SYMBOL_MASK, 0, bits);
    }
  }
}

/** Codes of one number of bits ascend with their symbols. Returns as `makeCode`. */
function giveCodes(symbols: u32, maxBits: u32, codes: usize): u32 {
  for (let bits: u32 = 1, code: u32 = 0; bits <= maxBits; bits++) {
    code = (code + load<u32>(LENGTH_COUNTS + 4 * (bits - 1))) << 1;
    store<u32>(NEXT_CODES + 4 * bits, code);
  }
  let end: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const bits = bitsIn(codes, symbol);
    if (bits == 0) continue;
    const code = load<u32>(NEXT_CODES + 4 * bits);
    store<u32>(NEXT_CODES + 4 * bits, code + 1);
    putCode(codes, symbol, reversed(code, bits), bits);
    end = symbol + 1;
  }
  return end;
}

/** Huffman codes are written from their highest bit on. Swaps bits, pairs, fours and bytes. */
function reversed(code: u32, bits: u32): u32 {
  let swapped = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
  swapped = ((swapped & 0x3333) << 2) | ((swapped >> 2) & 0x3333);
  swapped = ((swapped & 0x0f0f) << 4) | ((swapped >> 4) & 0x0f0f);
  swapped = ((swapped & 0x00ff) << 8) | (swapped >> 8);
  return swapped >> (16 - bits);
}
