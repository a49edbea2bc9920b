/**
 * The format of an event on the ring: MessagePack (msgpack/spec.md), which msgpackr reads, with text in three forms.
 *
 *   str                          keys, and short text in ASCII
 *   ext TYPED_ARRAY, LATIN1_TEXT   text without a character above U+00FF, one byte each
 *   ext TYPED_ARRAY, UTF16_TEXT    all other text, as UTF-16 in the order of the machine
 *
 * The last two are a string's own bytes in V8, so the application's thread only copies them (20 KB: 0.7 and 1.3 µs;
 * as UTF-8 up to 80 µs). The worker converts it where UTF-8 is needed. The extensions have msgpackr's own codes of
 * Uint8ClampedArray and Uint16Array. No event holds these otherwise: a Uint8Array crosses as bytes (bin), other typed arrays
 * as arrays of numbers. The code of Int8Array, without a byte in it, is the brand of wrapped media (event/wrapped-media): no
 * value of an application is written like that.
 */
export const NIL = 0xc0;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const BIN8 = 0xc4;
export const BIN32 = 0xc6;
export const EXT8 = 0xc7;
export const EXT32 = 0xc9;
export const FLOAT64 = 0xcb;
export const INT32 = 0xd2;
export const STR8 = 0xd9;
export const STR32 = 0xdb;
export const ARRAY32 = 0xdd;
export const MAP32 = 0xdf;

/** Tags that carry their number in their low bits: 7, 4 and 5 bits. */
export const MAX_FIXINT = 0x7f;
export const FIXARRAY = 0x90;
export const MAX_FIXARRAY = 15;
export const FIXSTR = 0xa0;
export const MAX_FIXSTR = 31;

export const TYPED_ARRAY = 0x74;
export const LATIN1_TEXT = 2;
export const UTF16_TEXT = 4;
export const BRAND = 0;
