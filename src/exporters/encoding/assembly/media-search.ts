/**
 * Searches an event for signs of media (revision/media/detection): base64 in a data URI, a key beside which bytes are media, or in a span the
 * type of a message's part.
 */

const COMMA: i8 = 0x2c;
const FOUR: i8 = 0x34;
const QUOTE: i8 = 0x22;
const LETTER_M: i8 = 0x6d;
/** `;base64,` in one byte per character, and in two. */
const BASE64: u64 = 0x2c343665_7361623b;
const BASE64_WIDE_1: u64 = 0x00730061_0062003b;
const BASE64_WIDE_2: u64 = 0x002c0034_00360065;

/** The tags with which the keys begin. */
const FIRST_TAG: i8 = <i8>0xa8;
const TAGS: i8 = 6;

/** A needle: its length in one byte, and its bytes. */
const NEEDLE_BYTES: usize = 32;
/** JavaScript puts the keys here, with their tags, and the types of parts, which begin with `"m`. A needle of no bytes ends each list. */
export const KEYS = memory.data(16 * 32, 16);
export const PART_TYPES = memory.data(8 * 32, 16);

export function holdsMedia(start: usize, end: usize): bool {
  return search(start, end, false);
}

export function spanHoldsMedia(start: usize, end: usize): bool {
  return search(start, end, true);
}

/** All needles in one pass: one after the other they took five times as long. Inlined, so that each kind of event has a loop of its own. */
// @ts-ignore: decorator
@inline
function search(start: usize, end: usize, isSpan: bool): bool {
  for (let at = start; at < end; at += 32) {
    // Most bytes of a text are below 0x80, which tags are not, so mostly this is all.
    const near = isSpan
      ? v128.or(quotesBeforeM(at), quotesBeforeM(at + 16))
      : v128.or(v128.load(at), v128.load(at + 16));
    const commas = v128.or(commasBehindFour(at), commasBehindFour(at + 16));
    if (i8x16.bitmask(v128.or(near, commas)) == 0) continue;
    if (holdsSign(at, start, end, isSpan) || holdsSign(at + 16, start, end, isSpan)) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function commasBehindFour(at: usize): v128 {
  const behindFour = v128.or(equal(at - 1, FOUR), equal(at - 2, FOUR));
  return v128.and(equal(at, COMMA), behindFour);
}

// @ts-ignore: decorator
@inline
function quotesBeforeM(at: usize): v128 {
  const beforeM = v128.or(equal(at + 1, LETTER_M), equal(at + 2, LETTER_M));
  return v128.and(equal(at, QUOTE), beforeM);
}

// @ts-ignore: decorator
@inline
function equal(at: usize, byte: i8): v128 {
  return i8x16.eq(v128.load(at), i8x16.splat(byte));
}

/** Whether a needle begins, or base64 ends, in these 16 bytes. */
function holdsSign(at: usize, start: usize, end: usize, isSpan: bool): bool {
  const tags = i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(FIRST_TAG)), i8x16.splat(TAGS));
  const begins = isSpan ? quotesBeforeM(at) : tags;
  let candidates = i8x16.bitmask(v128.or(commasBehindFour(at), begins));
  for (; candidates != 0; candidates &= candidates - 1) {
    const place = at + ctz(candidates);
    if (place >= end) return false;
    if (load<i8>(place) == COMMA ? endsBase64(place, start, end) : begin(isSpan ? PART_TYPES : KEYS, place, end)) {
      return true;
    }
  }
  return false;
}

function endsBase64(comma: usize, start: usize, end: usize): bool {
  if (comma - start >= 7 && load<u64>(comma - 7) == BASE64) return true;
  if (comma - start < 14 || comma + 2 > end) return false;
  return load<u64>(comma - 14) == BASE64_WIDE_1 && load<u64>(comma - 6) == BASE64_WIDE_2;
}

/** Whether one of the needles lies at a place. */
function begin(needles: usize, place: usize, end: usize): bool {
  for (let needle = needles; load<u8>(needle) > 0; needle += NEEDLE_BYTES) {
    const length: usize = load<u8>(needle);
    if (place + length <= end && memory.compare(place, needle + 1, length) == 0) return true;
  }
  return false;
}
