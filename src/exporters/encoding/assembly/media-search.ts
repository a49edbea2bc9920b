/** Searches an event for signs of media: base64 in a data URI, or a key beside which bytes are media (revision/media/detection). */

const COMMA: i8 = 0x2c;
const FOUR: i8 = 0x34;
/** `;base64,` in one byte per character, and in two. */
const BASE64: u64 = 0x2c343665_7361623b;
const BASE64_WIDE_1: u64 = 0x00730061_0062003b;
const BASE64_WIDE_2: u64 = 0x002c0034_00360065;

/** The tags with which the keys begin. */
const FIRST_TAG: i8 = <i8>0xa8;
const TAGS: i8 = 6;
const KEY_MASK: u64 = 0x00ffffff_ffffffff;
const KEY_BYTES = 7;
const MAX_KEYS = 8;
/** Seven bytes of each key, its tag first, each in eight. JavaScript puts them here. */
export const KEYS = memory.data(8 * MAX_KEYS, 8);

/** All needles in one pass: one after the other they took five times as long. */
export function holdsMedia(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 32) {
    // Most bytes of a text are below 0x80, so mostly this is all.
    const tagsOrCommas = v128.or(
      v128.or(v128.load(at), commasBehindFour(at)),
      v128.or(v128.load(at + 16), commasBehindFour(at + 16)),
    );
    if (i8x16.bitmask(tagsOrCommas) == 0) continue;
    if (holdsSign(at, start, end) || holdsSign(at + 16, start, end)) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
function commasBehindFour(at: usize): v128 {
  const behindFour = v128.or(
    i8x16.eq(v128.load(at - 1), i8x16.splat(FOUR)),
    i8x16.eq(v128.load(at - 2), i8x16.splat(FOUR)),
  );
  return v128.and(i8x16.eq(v128.load(at), i8x16.splat(COMMA)), behindFour);
}

/** Whether a sign begins or, if it is base64, ends in these 16 bytes. */
function holdsSign(at: usize, start: usize, end: usize): bool {
  const tags = i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(FIRST_TAG)), i8x16.splat(TAGS));
  let candidates = i8x16.bitmask(v128.or(commasBehindFour(at), tags));
  for (; candidates != 0; candidates &= candidates - 1) {
    if (isSign(at + ctz(candidates), start, end)) return true;
  }
  return false;
}

/** `at`: of a comma behind a 4, or of a tag. */
function isSign(at: usize, start: usize, end: usize): bool {
  if (load<i8>(at) == COMMA) {
    if (at >= end) return false;
    if (at - start >= 7 && load<u64>(at - 7) == BASE64) return true;
    return at - start >= 14 && at + 2 <= end && load<u64>(at - 14) == BASE64_WIDE_1 && load<u64>(at - 6) == BASE64_WIDE_2;
  }
  if (at + KEY_BYTES > end) return false;
  const key = load<u64>(at) & KEY_MASK;
  for (let i = 0; i < MAX_KEYS; i++) {
    if (load<u64>(KEYS + 8 * i) == key) return true;
  }
  return false;
}
