/**
 * Converts text to UTF-8, plain or escaped as in a JSON string. Each function reads [from, end), writes at `to`, and returns where it stopped
 * writing. It looks at 16 bytes at once, also at those behind `end`, and may write up to 16 bytes behind the text.
 *
 * Most characters become one byte, or a prefix and a byte: a backslash and a letter, or the two bytes of UTF-8. Eight of these are written at
 * once. The others (\u0000, three and four bytes) are written one by one. Quotes are every eighth character of JSON in text: with a step for
 * each of them the conversion took three times as long.
 */

const QUOTE: i8 = 0x22;
const BACKSLASH: i8 = 0x5c;
const REPLACEMENT: u32 = 0xfffd;

const DIGITS = memory.data<u8>([
  0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
]);
/** What follows the backslash, for \b \t \n \f \r. 0: the character is written as \u00xx. */
const LETTERS = i8x16(0, 0, 0, 0, 0, 0, 0, 0, 0x62, 0x74, 0x6e, 0, 0x66, 0x72, 0, 0);

/** By a mask of 8 bits: which of 8 pairs (prefix, character) keep their prefix, as the order of bytes for a swizzle. */
const PAIRS = memory.data(256 * 16, 16);
for (let mask: u32 = 0; mask < 256; mask++) {
  let at = PAIRS + mask * 16;
  for (let i: u32 = 0; i < 8; i++) {
    if (mask & (1 << i)) store<u8>(at++, 2 * i);
    store<u8>(at++, 2 * i + 1);
  }
}

/** Writes 8 pairs, of which the first byte is left out where the mask has a 0. */
// @ts-ignore: decorator
@inline
function writePairs(pairs: v128, mask: u32, to: usize): void {
  v128.store(to, i8x16.swizzle(pairs, v128.load(PAIRS + ((mask & 0xff) << 4))));
}

// @ts-ignore: decorator
@inline
function lowPairs(prefixes: v128, characters: v128): v128 {
  return i8x16.shuffle(prefixes, characters, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function highPairs(prefixes: v128, characters: v128): v128 {
  return i8x16.shuffle(prefixes, characters, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

export function utf8(from: usize, end: usize, to: usize, escaped: bool): usize {
  return oneByteText(from, end, to, i8x16.splat(escaped ? -1 : 0), i8x16.splat(0));
}

export function latin1(from: usize, end: usize, to: usize, escaped: bool): usize {
  return oneByteText(from, end, to, i8x16.splat(escaped ? -1 : 0), i8x16.splat(-1));
}

/** `escaped`, `isLatin1`: all bits are 1 or 0. */
function oneByteText(from: usize, end: usize, to: usize, escaped: v128, isLatin1: v128): usize {
  while (from < end) {
    const bytes = v128.load(from);
    v128.store(to, bytes);
    const controls = i8x16.lt_u(bytes, i8x16.splat(0x20));
    const escapes = v128.and(
      escaped,
      v128.or(controls, v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH)))),
    );
    const high = v128.and(isLatin1, i8x16.lt_s(bytes, i8x16.splat(0)));
    const left = min<u32>(16, <u32>(end - from));
    let prefixed = i8x16.bitmask(v128.or(escapes, high)) & ((1 << left) - 1);
    if (prefixed == 0) {
      from += left;
      to += left;
      continue;
    }
    const letters = i8x16.swizzle(LETTERS, bytes);
    const long = i8x16.bitmask(v128.and(v128.and(escapes, controls), i8x16.eq(letters, i8x16.splat(0))));
    const count = min<u32>(left, ctz(long | 0x10000));
    prefixed &= (1 << count) - 1;
    const characters = v128.bitselect(letters, v128.andnot(bytes, v128.and(high, i8x16.splat(0x40))), v128.and(escapes, controls));
    const prefixes = v128.bitselect(i8x16.sub(i8x16.splat(<i8>0xc2), i8x16.ge_u(bytes, i8x16.splat(<i8>0xc0))), i8x16.splat(BACKSLASH), high);
    writePairs(lowPairs(prefixes, characters), prefixed, to);
    if (count > 8) {
      const second = to + 8 + popcnt(prefixed & 0xff);
      writePairs(highPairs(prefixes, characters), prefixed >> 8, second);
    }
    from += count;
    to += count + popcnt(prefixed);
    if (count < left) to = unicodeEscape(load<u8>(from++), to);
  }
  return to;
}

/** Leaves out half a unit at the end, as V8 does. */
export function utf16(from: usize, end: usize, to: usize, escaped: bool): usize {
  end -= (end - from) & 1;
  const all = i16x8.splat(escaped ? -1 : 0);
  while (from < end) {
    const units = v128.load(from);
    const bytes = i8x16.narrow_i16x8_u(units, units);
    const controls = i16x8.lt_u(units, i16x8.splat(0x20));
    const escapes = v128.and(
      all,
      v128.or(controls, v128.or(i16x8.eq(units, i16x8.splat(QUOTE)), i16x8.eq(units, i16x8.splat(BACKSLASH)))),
    );
    const high = i16x8.gt_u(units, i16x8.splat(0x7f));
    const letters = i8x16.swizzle(LETTERS, bytes);
    const isEscapedControl = v128.and(escapes, controls);
    const isLong = v128.or(
      i16x8.gt_u(units, i16x8.splat(0x7ff)),
      v128.and(isEscapedControl, i16x8.extend_low_i8x16_s(i8x16.eq(letters, i8x16.splat(0)))),
    );
    const left = min<u32>(8, <u32>((end - from) >> 1));
    const count = min<u32>(left, ctz(i16x8.bitmask(isLong) | 0x100));
    const prefixed = i16x8.bitmask(v128.or(escapes, high)) & ((1 << count) - 1);
    if (prefixed == 0) {
      v128.store64_lane(to, bytes, 0);
    } else {
      const tails = v128.or(i16x8.splat(0x80), v128.and(units, i16x8.splat(0x3f)));
      const heads = v128.or(i16x8.splat(0xc0), i16x8.shr_u(units, 6));
      const characters = v128.bitselect(
        i16x8.extend_low_i8x16_u(letters),
        v128.bitselect(tails, units, high),
        isEscapedControl,
      );
      const prefixes = v128.bitselect(heads, i16x8.splat(BACKSLASH), high);
      const pairs = lowPairs(
        i8x16.narrow_i16x8_u(prefixes, prefixes),
        i8x16.narrow_i16x8_u(characters, characters),
      );
      writePairs(pairs, prefixed, to);
    }
    from += 2 * count;
    to += count + popcnt(prefixed);
    if (count == left) continue;
    // One by one up to the next ASCII: looking at 16 bytes is not worth it in the midst of Chinese.
    do {
      const unit: u32 = load<u16>(from);
      from += 2;
      if (unit < 0x80) {
        to = unicodeEscape(unit, to);
      } else if (unit < 0x800) {
        to = twoBytes(unit, to);
      } else if ((unit & 0xf800) != 0xd800) {
        to = threeBytes(unit, to);
      } else {
        const low: u32 = from < end ? load<u16>(from) : 0;
        if ((unit & 0xfc00) == 0xd800 && (low & 0xfc00) == 0xdc00) {
          from += 2;
          to = fourBytes(0x10000 + (((unit & 0x3ff) << 10) | (low & 0x3ff)), to);
        } else {
          // A surrogate without its other half.
          to = threeBytes(REPLACEMENT, to);
        }
      }
    } while (from < end && load<u16>(from) >= 0x80);
  }
  return to;
}

/** \u00xx */
function unicodeEscape(code: u32, to: usize): usize {
  store<u32>(to, 0x3030755c);
  store<u8>(to, load<u8>(DIGITS + (code >> 4)), 4);
  store<u8>(to, load<u8>(DIGITS + (code & 15)), 5);
  return to + 6;
}

function twoBytes(code: u32, to: usize): usize {
  store<u8>(to, 0xc0 | (code >> 6));
  store<u8>(to, 0x80 | (code & 0x3f), 1);
  return to + 2;
}

/** Stores four bytes: one store is faster than three, and the next character overwrites the last byte. */
function threeBytes(code: u32, to: usize): usize {
  store<u32>(to, 0x8080e0 | (code >> 12) | ((code << 2) & 0x3f00) | ((code & 0x3f) << 16));
  return to + 3;
}

function fourBytes(code: u32, to: usize): usize {
  store<u8>(to, 0xf0 | (code >> 18));
  store<u8>(to, 0x80 | ((code >> 12) & 0x3f), 1);
  store<u8>(to, 0x80 | ((code >> 6) & 0x3f), 2);
  store<u8>(to, 0x80 | (code & 0x3f), 3);
  return to + 4;
}
