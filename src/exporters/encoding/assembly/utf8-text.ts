/**
 * Converts text to UTF-8, plain or escaped as in a JSON string. Each function reads [from, end), writes at `to`, and returns where it stopped
 * writing. It looks at 16 bytes at once; only where one of them is special, the scalar part takes that one.
 */

const QUOTE: i8 = 0x22;
const BACKSLASH: i8 = 0x5c;
const LETTER_U: u32 = 0x75;
const REPLACEMENT: u32 = 0xfffd;

const STRIDE_BYTES = 16 * 1024;
/** \u0000 */
const MAX_ESCAPED_BYTES = 6;

/** Where JavaScript puts the text, at most STRIDE_BYTES, and finds the UTF-8. */
export const INPUT = memory.data(STRIDE_BYTES, 16);
export const OUTPUT = memory.data(STRIDE_BYTES * MAX_ESCAPED_BYTES + 16, 16);

const DIGITS = memory.data<u8>([
  0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
]);

export function latin1(from: usize, end: usize, to: usize, escaped: bool): usize {
  while (from < end) {
    if (from + 16 <= end) {
      const bytes = v128.load(from);
      v128.store(to, bytes);
      // Signed, so that bytes from 0x80 on are less as well.
      const special = i8x16.bitmask(
        v128.or(
          i8x16.lt_s(bytes, i8x16.splat(0x20)),
          v128.or(i8x16.eq(bytes, i8x16.splat(QUOTE)), i8x16.eq(bytes, i8x16.splat(BACKSLASH))),
        ),
      );
      const plain = special == 0 ? 16 : ctz(special);
      from += plain;
      to += plain;
      if (special == 0) continue;
    }
    const code: u32 = load<u8>(from++);
    to = code < 0x80 ? ascii(code, to, escaped) : twoBytes(code, to);
  }
  return to;
}

export function utf16(from: usize, end: usize, to: usize, escaped: bool): usize {
  while (from < end) {
    if (from + 16 <= end) {
      const units = v128.load(from);
      v128.store64_lane(to, i8x16.narrow_i16x8_u(units, units), 0);
      const special = i16x8.bitmask(
        v128.or(
          v128.or(i16x8.lt_u(units, i16x8.splat(0x20)), i16x8.gt_u(units, i16x8.splat(0x7f))),
          v128.or(i16x8.eq(units, i16x8.splat(QUOTE)), i16x8.eq(units, i16x8.splat(BACKSLASH))),
        ),
      );
      const plain = special == 0 ? 8 : ctz(special);
      from += 2 * plain;
      to += plain;
      if (special == 0) continue;
    }
    // One by one up to the next ASCII: looking at 16 bytes is not worth it in the midst of Chinese.
    while (from < end) {
      const unit: u32 = load<u16>(from);
      from += 2;
      if (unit < 0x80) {
        to = ascii(unit, to, escaped);
        break;
      }
      if (unit < 0x800) {
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
    }
  }
  return to;
}

function ascii(code: u32, to: usize, escaped: bool): usize {
  const letter = escaped ? escapeLetter(code) : 0;
  if (letter == 0) {
    store<u8>(to, code);
    return to + 1;
  }
  store<u8>(to, BACKSLASH);
  store<u8>(to, letter, 1);
  if (letter != LETTER_U) return to + 2;
  store<u16>(to, 0x3030, 2);
  store<u8>(to, load<u8>(DIGITS + (code >> 4)), 4);
  store<u8>(to, load<u8>(DIGITS + (code & 15)), 5);
  return to + 6;
}

/** The letter behind the backslash. 0: the character stands for itself. */
function escapeLetter(code: u32): u32 {
  if (code == QUOTE || code == BACKSLASH) return code;
  if (code >= 0x20) return 0;
  switch (code) {
    case 0x08:
      return 0x62;
    case 0x09:
      return 0x74;
    case 0x0a:
      return 0x6e;
    case 0x0c:
      return 0x66;
    case 0x0d:
      return 0x72;
    default:
      return LETTER_U;
  }
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
