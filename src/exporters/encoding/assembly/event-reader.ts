/**
 * Reads the bytes of an event (event/event-format) in order. After anything unexpected it stands at the end and has failed, which is asked
 * once at last: JavaScript then reads the event, and knows what to do.
 */

export const NIL: u32 = 0xc0;
export const FALSE: u32 = 0xc2;
export const TRUE: u32 = 0xc3;
const BIN8: u32 = 0xc4;
const BIN32: u32 = 0xc6;
const EXT8: u32 = 0xc7;
const EXT32: u32 = 0xc9;
export const FLOAT64: u32 = 0xcb;
export const INT32: u32 = 0xd2;
const STR8: u32 = 0xd9;
const STR32: u32 = 0xdb;
const ARRAY32: u32 = 0xdd;
const MAP32: u32 = 0xdf;
export const MAX_FIXINT: u32 = 0x7f;
const FIXARRAY: u32 = 0x90;
const MAX_FIXARRAY: u32 = 15;
const FIXSTR: u32 = 0xa0;
const MAX_FIXSTR: u32 = 31;

/** Forms of text: in the last two, the type and the code of an extension, as one number. */
export const UTF8: u32 = 0;
export const LATIN1: u32 = 0x0274;
export const UTF16: u32 = 0x0474;
/** The brand of wrapped media, which counts as nil: tag, length, type and code. */
const BRAND: u32 = 0x007401c7;
const BRAND_BYTES: usize = 4;

/** No tag of an event. */
const NOTHING: u32 = 0xc1;

let at: usize = 0;
let end: usize = 0;
let failed = false;

export function open(start: usize, stop: usize): void {
  at = start;
  end = stop;
  failed = false;
}

export function position(): usize {
  return at;
}

export function left(): usize {
  return end - at;
}

export function hasFailed(): bool {
  return failed;
}

export function fail(): void {
  failed = true;
  at = end;
}

/** Moves behind the next bytes. Returns where they start. */
export function take(bytes: usize): usize {
  if (bytes > end - at) {
    fail();
    // Memory that may be read, in any case.
    return end - min<usize>(bytes, 16);
  }
  at += bytes;
  return at - bytes;
}

export function tag(): u32 {
  return at < end ? load<u8>(at) : NOTHING;
}

export function readNil(): bool {
  if (tag() == NIL) at += 1;
  else if (end - at >= BRAND_BYTES && load<u32>(at) == BRAND) at += BRAND_BYTES;
  else return false;
  return true;
}

export function isMap(): bool {
  return tag() == MAP32;
}

export function isArray(): bool {
  return tag() - FIXARRAY <= MAX_FIXARRAY || tag() == ARRAY32;
}

export function isText(): bool {
  const next = tag();
  return next - FIXSTR <= MAX_FIXSTR || next == STR8 || next == STR32 || next == EXT8 || next == EXT32;
}

/** Returns the number of members, each a key and a value. */
export function readMap(): u32 {
  const header = take(5);
  return failed ? 0 : bswap(load<u32>(header, 1));
}

export function readArray(): u32 {
  const next = tag();
  if (next - FIXARRAY <= MAX_FIXARRAY) {
    at += 1;
    return next - FIXARRAY;
  }
  if (next != ARRAY32) fail();
  const header = take(5);
  return failed ? 0 : bswap(load<u32>(header, 1));
}

export function readInt32(): i32 {
  const next = tag();
  const start = take(next <= MAX_FIXINT ? 1 : 5);
  return next <= MAX_FIXINT ? next : bswap(load<u32>(start, 1));
}

/** Returns where the number starts. */
export function takeFloat64(): usize {
  return take(9) + 1;
}

/** A number in any form. */
export function readNumber(): f64 {
  if (tag() == FLOAT64) return reinterpret<f64>(bswap(load<u64>(takeFloat64())));
  if (tag() <= MAX_FIXINT || tag() == INT32) return readInt32();
  fail();
  return 0;
}

/** The form and the bytes of the text that has been read last. */
export let textForm: u32 = UTF8;
export let textBytes: usize = 0;

/** Moves behind a text. Returns where it starts. */
export function takeText(): usize {
  const next = tag();
  textForm = UTF8;
  textBytes = 0;
  if (next - FIXSTR <= MAX_FIXSTR) {
    take(1);
    textBytes = next - FIXSTR;
  } else if (next == STR8 || next == EXT8) {
    textBytes = load<u8>(take(2), 1);
  } else if (next == STR32 || next == EXT32) {
    textBytes = bswap(load<u32>(take(5), 1));
  } else {
    fail();
  }
  if (next == EXT8 || next == EXT32) {
    textForm = load<u16>(take(2));
    textBytes -= 1;
    if (textForm != LATIN1 && textForm != UTF16) fail();
  }
  const start = take(textBytes);
  if (failed) textBytes = 0;
  return start;
}

/** The length of the bytes that have been read last. */
export let byteCount: usize = 0;

export function takeBytes(): usize {
  const next = tag();
  byteCount = 0;
  if (next == BIN8) byteCount = load<u8>(take(2), 1);
  else if (next == BIN32) byteCount = bswap(load<u32>(take(5), 1));
  else fail();
  const start = take(byteCount);
  if (failed) byteCount = 0;
  return start;
}
