/**
 * Writes a value of an event as JSON text, with all that is in it. It writes what event-json.ts in the folder above writes, and leaves to it what
 * is rare or damaged: deep nesting, bytes, unknown tags. Each function returns where it stopped writing.
 */
import {
  FALSE,
  fail,
  FLOAT64,
  hasFailed,
  INT32,
  isArray,
  isMap,
  isText,
  LATIN1,
  MAX_FIXINT,
  open,
  position,
  readArray,
  readInt32,
  readMap,
  readNil,
  TRUE,
  tag,
  take,
  takeFloat64,
  takeText,
  textBytes,
  textForm,
  UTF16,
} from './event-reader';
import { latin1, utf16, utf8 } from './utf8-text';

const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const ZERO: u32 = 0x30;
const COLON: u32 = 0x3a;
const OPEN_ARRAY: u32 = 0x5b;
const CLOSE_ARRAY: u32 = 0x5d;
const OPEN_OBJECT: u32 = 0x7b;
const CLOSE_OBJECT: u32 = 0x7d;
/** `null`, `true`, and the first four letters of `false`. */
const NULL_TEXT: u32 = 0x6c6c756e;
const TRUE_TEXT: u32 = 0x65757274;
const FALS_TEXT: u32 = 0x736c6166;
const LETTER_E: u32 = 0x65;

const MAX_DEPTH: u32 = 100;

/** Writes the double at `at`, in the order of bytes of an event, as JavaScript writes a number. */
@external("javascript", "double")
declare function double(at: usize, to: usize): usize;

/** Where the reading stopped, for JavaScript. */
export const READ_END = memory.data(4, 4);

/**
 * Writes the value at `start` from `to` on. The event ends before `stop`. 0: JavaScript has to write the value. No value grows more than a control
 * character in a text, which takes six bytes.
 */
export function json(start: usize, stop: usize, to: usize): usize {
  open(start, stop);
  const written = writeJson(to);
  store<u32>(READ_END, position());
  return hasFailed() ? 0 : written;
}

export function writeJson(to: usize): usize {
  return value(to, 0);
}

/** An object without its members that are nil. */
export function writeJsonWithoutNils(to: usize): usize {
  return members(to, 0, true);
}

function value(to: usize, depth: u32): usize {
  if (depth > MAX_DEPTH) fail();
  if (isText()) return readNil() ? nil(to) : text(to);
  if (isMap()) return members(to, depth, false);
  if (isArray()) return items(to, depth);
  const next = tag();
  if (next <= MAX_FIXINT || next == INT32) return integer(readInt32(), to);
  if (next == TRUE || next == FALSE) return boolean(to);
  if (next == FLOAT64) return double(takeFloat64(), to);
  if (!readNil()) fail();
  return nil(to);
}

function nil(to: usize): usize {
  store<u32>(to, NULL_TEXT);
  return to + 4;
}

function boolean(to: usize): usize {
  const isTrue = load<u8>(take(1)) == TRUE;
  store<u32>(to, isTrue ? TRUE_TEXT : FALS_TEXT);
  store<u8>(to, LETTER_E, 4);
  return to + (isTrue ? 4 : 5);
}

function members(to: usize, depth: u32, withoutNils: bool): usize {
  store<u8>(to++, OPEN_OBJECT);
  const first = to;
  for (let count = readMap(); count > 0 && !hasFailed(); count--) {
    const before = to;
    if (to > first) store<u8>(to++, COMMA);
    to = text(to);
    if (withoutNils && readNil()) {
      to = before;
      continue;
    }
    store<u8>(to, COLON);
    to = value(to + 1, depth + 1);
  }
  store<u8>(to, CLOSE_OBJECT);
  return to + 1;
}

function items(to: usize, depth: u32): usize {
  store<u8>(to++, OPEN_ARRAY);
  for (let count = readArray(); count > 0 && !hasFailed(); count--) {
    to = value(to, depth + 1);
    if (count > 1) store<u8>(to++, COMMA);
  }
  store<u8>(to, CLOSE_ARRAY);
  return to + 1;
}

function text(to: usize): usize {
  const start = takeText();
  const end = start + textBytes;
  store<u8>(to++, QUOTE);
  if (textForm == LATIN1) to = latin1(start, end, to, true);
  else if (textForm == UTF16) to = utf16(start, end, to, true);
  else to = utf8(start, end, to, true);
  store<u8>(to, QUOTE);
  return to + 1;
}

function integer(number: i32, to: usize): usize {
  let rest: u32 = number < 0 ? -number : number;
  if (number < 0) store<u8>(to++, MINUS);
  let digits: u32 = 1;
  for (let power = rest; power >= 10; power /= 10) digits++;
  for (let at = to + digits; at > to; rest /= 10) store<u8>(--at, ZERO + (rest % 10));
  return to + digits;
}
