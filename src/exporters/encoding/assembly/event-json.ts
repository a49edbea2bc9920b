/**
 * Writes a value of an event (event/event-format) as JSON text, with all that is in it. It writes what event-json.ts in the folder above
 * writes, and leaves to it what is rare or damaged: deep nesting, bytes, unknown tags.
 */
import { latin1, utf16, utf8 } from './utf8-text';

const NIL: u32 = 0xc0;
const FALSE: u32 = 0xc2;
const TRUE: u32 = 0xc3;
const EXT8: u32 = 0xc7;
const EXT32: u32 = 0xc9;
const FLOAT64: u32 = 0xcb;
const INT32: u32 = 0xd2;
const STR8: u32 = 0xd9;
const STR32: u32 = 0xdb;
const ARRAY32: u32 = 0xdd;
const MAP32: u32 = 0xdf;
const MAX_FIXINT: u32 = 0x7f;
const FIXARRAY: u32 = 0x90;
const MAX_FIXARRAY: u32 = 15;
const FIXSTR: u32 = 0xa0;
const MAX_FIXSTR: u32 = 31;
/** Type and code of an extension, as one number. */
const LATIN1_TEXT: u32 = 0x0274;
const UTF16_TEXT: u32 = 0x0474;
const BRAND: u32 = 0x0074;

const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const COLON: u32 = 0x3a;
/** `null`, `true`, and the first four of `false`. */
const NULL_TEXT: u32 = 0x6c6c756e;
const TRUE_TEXT: u32 = 0x65757274;
const FALS_TEXT: u32 = 0x736c6166;
const LETTER_E: u32 = 0x65;

const MAX_DEPTH: u32 = 100;

/** Writes the double at `at`, in the order of bytes of an event, as JavaScript writes a number. Returns where it stopped. */
@external("javascript", "double")
declare function double(at: usize, to: usize): usize;

/** Where the reading stopped, for JavaScript. */
export const READ_END = memory.data(4, 4);

let from: usize = 0;
let end: usize = 0;

/**
 * Reads the value at `start`, which ends before `stop`, and writes from `to` on. Returns where it stopped writing. 0: JavaScript has to
 * write the value. No value grows more than a control character in a text, which takes six bytes.
 */
export function json(start: usize, stop: usize, to: usize): usize {
  from = start;
  end = stop;
  const written = value(to, 0);
  store<u32>(READ_END, from);
  return written;
}

function value(to: usize, depth: u32): usize {
  if (from >= end || depth > MAX_DEPTH) return 0;
  const tag: u32 = load<u8>(from);
  if (tag <= MAX_FIXINT) {
    from += 1;
    return integer(tag, to);
  }
  if (tag == MAP32) return members(headerCount(), to, depth);
  if (tag - FIXARRAY <= MAX_FIXARRAY) {
    from += 1;
    return items(tag - FIXARRAY, to, depth);
  }
  if (tag == ARRAY32) return items(headerCount(), to, depth);
  if (tag == NIL || isBrand(tag)) {
    from += tag == NIL ? 1 : 4;
    store<u32>(to, NULL_TEXT);
    return to + 4;
  }
  if (tag == TRUE || tag == FALSE) {
    from += 1;
    store<u32>(to, tag == TRUE ? TRUE_TEXT : FALS_TEXT);
    store<u8>(to, LETTER_E, 4);
    return to + (tag == TRUE ? 4 : 5);
  }
  if (tag == INT32) {
    if (from + 5 > end) return 0;
    from += 5;
    return integer(bswap(load<u32>(from - 4)), to);
  }
  if (tag == FLOAT64) {
    if (from + 9 > end) return 0;
    from += 9;
    return double(from - 8, to);
  }
  return text(tag, to);
}

function isBrand(tag: u32): bool {
  return tag == EXT8 && from + 4 <= end && load<u8>(from, 1) == 1 && load<u16>(from, 2) == BRAND;
}

/** Moves behind the header of a map or an array. */
function headerCount(): u32 {
  from += 5;
  return from <= end ? bswap(load<u32>(from - 4)) : 0;
}

function members(count: u32, to: usize, depth: u32): usize {
  store<u8>(to++, 0x7b);
  for (; count > 0; count--) {
    if (from >= end) return 0;
    to = text(load<u8>(from), to);
    if (to == 0) return 0;
    store<u8>(to, COLON);
    to = value(to + 1, depth + 1);
    if (to == 0) return 0;
    if (count > 1) store<u8>(to++, COMMA);
  }
  store<u8>(to, 0x7d);
  return to + 1;
}

function items(count: u32, to: usize, depth: u32): usize {
  store<u8>(to++, 0x5b);
  for (; count > 0; count--) {
    to = value(to, depth + 1);
    if (to == 0) return 0;
    if (count > 1) store<u8>(to++, COMMA);
  }
  store<u8>(to, 0x5d);
  return to + 1;
}

function text(tag: u32, to: usize): usize {
  let length: usize = 0;
  let form: u32 = 0;
  if (tag - FIXSTR <= MAX_FIXSTR) {
    length = tag - FIXSTR;
    from += 1;
  } else if (tag == STR8 || tag == EXT8) {
    length = load<u8>(from, 1);
    from += 2;
  } else if (tag == STR32 || tag == EXT32) {
    length = bswap(load<u32>(from, 1));
    from += 5;
  } else {
    return 0;
  }
  if (tag == EXT8 || tag == EXT32) {
    form = load<u16>(from);
    if ((form != LATIN1_TEXT && form != UTF16_TEXT) || length == 0) return 0;
    from += 2;
    length -= 1;
    if (form == UTF16_TEXT && length % 2 != 0) return 0;
  }
  const start = from;
  // In this order, so that a length near 4 GiB does not go round.
  if (start > end || length > end - start) return 0;
  from = start + length;
  store<u8>(to++, QUOTE);
  if (form == LATIN1_TEXT) to = latin1(start, from, to, true);
  else if (form == UTF16_TEXT) to = utf16(start, from, to, true);
  else to = utf8(start, from, to);
  store<u8>(to, QUOTE);
  return to + 1;
}

function integer(value: i32, to: usize): usize {
  let rest: u32 = value < 0 ? -value : value;
  if (value < 0) store<u8>(to++, 0x2d);
  let digits: u32 = 1;
  for (let power: u32 = rest; power >= 10; power /= 10) digits++;
  for (let at = to + digits; at > to; rest /= 10) store<u8>(--at, 0x30 + (rest % 10));
  return to + digits;
}
