/**
 * Writes the fields of an observation (records/observation) as those of an OTLP span, up to the metadata: what writeFields in
 * exporters/langfuse/spans.ts writes, to which it leaves what is rare. Each function returns where it stopped writing.
 */
import { writeJson, writeJsonWithoutNils } from './event-json';
import {
  byteCount,
  fail,
  hasFailed,
  isMap,
  isText,
  LATIN1,
  left,
  open,
  position,
  readArray,
  readMap,
  readNil,
  readNumber,
  takeBytes,
  takeText,
  textBytes,
  textForm,
  UTF16,
} from './event-reader';
import { latin1, utf16, utf8 } from './utf8-text';

const FIELDS: u32 = 26;
const TRACE: f64 = 1;
const LEVEL_ERROR: u32 = 3;
const NO_LEVEL: u32 = 255;
/** The last indices (records/vocabulary). */
const LAST_TYPE: f64 = 9;
const LAST_LEVEL: f64 = 3;
const SPAN_ID_BYTES: usize = 8;

/** Tags of a span's fields: number and wire type. */
const TRACE_ID: u32 = 0x0a;
const SPAN_ID: u32 = 0x12;
const PARENT_SPAN_ID: u32 = 0x22;
const NAME: u32 = 0x2a;
const KIND: u32 = 0x30;
const START_TIME: u32 = 0x39;
const END_TIME: u32 = 0x41;
const ATTRIBUTES: u32 = 0x4a;
const STATUS: u32 = 0x7a;
const INTERNAL: u32 = 1;
/** Of a KeyValue, an AnyValue and a Status. */
const KEY: u32 = 0x0a;
const VALUE: u32 = 0x12;
const STRING: u32 = 0x0a;
const INT: u32 = 0x18;
const STATUS_MESSAGE: u32 = 0x12;
const STATUS_CODE: u32 = 0x18;
const STATUS_ERROR: u32 = 2;

/** Pieces that JavaScript has put here, in the order of exporters/langfuse/span-assembly. */
const TYPES: u32 = 0;
const LEVELS: u32 = 16;
const VERSION: u32 = 20;
const ENVIRONMENT: u32 = 21;
const MODEL: u32 = 22;
const MODEL_PARAMETERS: u32 = 23;
const USAGE_DETAILS: u32 = 24;
const COST_DETAILS: u32 = 25;
const PROMPT_NAME: u32 = 26;
const PROMPT_VERSION: u32 = 27;
const INPUT: u32 = 28;
const OUTPUT: u32 = 29;
const METADATA: u32 = 30;
const STATUS_TEXT: u32 = 31;
const COMPLETION_START_TIME: u32 = 32;
const NAMES: u32 = 33;
const PIECES: u32 = 64;
/** The length of each piece, in one byte, and its bytes. */
const PIECE_BYTES: u32 = 128;
export const PIECE_AREA = memory.data(64 * 128, 16);

/** Width of the length of a nested message. */
const LENGTH_BYTES: usize = 4;
/** A smaller number is one byte of a varint. */
const ONE_BYTE: u32 = 128;
const MAX_INT32: f64 = 0x7fffffff;
/** Microseconds up to the year 2112 and their halves are exact. */
const MAX_MICROS: f64 = 4503599627370496;
const MAX_STATUS_BYTES: usize = 4096;
/** What an attribute takes besides its key and its value. */
const ATTRIBUTE_BYTES: usize = 128;
const MAX_GROWTH: usize = 6;

/** Writes a time as a JSON string. */
@external("javascript", "time")
declare function writeTimeText(ms: f64, to: usize): usize;

/**
 * For JavaScript, a word each: where the reading stopped, where the span's id and the record's metadata start, whether the record is a trace, and
 * whether it has a parent.
 */
export const RESULTS = memory.data(5 * 4, 4);

/** 0: JavaScript has to write the span. `limit`: end of the room from `to` on. */
export function fields(start: usize, stop: usize, to: usize, limit: usize): usize {
  open(start, stop);
  if (readArray() != FIELDS) fail();
  const isTrace = readNumber() == TRACE;
  const type = readWhole(LAST_TYPE);
  to = bytes(TRACE_ID, takeBytes(), to);
  const id = takeBytes();
  if (byteCount != SPAN_ID_BYTES) fail();
  to = bytes(SPAN_ID, id, to);
  const hasParent = !readNil();
  if (hasParent) to = bytes(PARENT_SPAN_ID, takeBytes(), to);
  to = name(isTrace ? NAMES : NAMES + 1 + type, to);
  store<u16>(to, (INTERNAL << 8) | KIND);
  to += 2;
  const startTime = readNumber();
  to = time(START_TIME, startTime, to);
  to = time(END_TIME, max(startTime, readNumber()), to);
  to = piece(TYPES + type, to);
  to = completionStartTime(to);
  let level = NO_LEVEL;
  if (!readNil()) {
    level = readWhole(LAST_LEVEL);
    to = piece(LEVELS + level, to);
  }
  to = statusMessage(level == LEVEL_ERROR, to);
  to = attribute(VERSION, to);
  to = attribute(ENVIRONMENT, to);
  to = attribute(MODEL, to);
  to = modelParameters(to);
  to = attribute(USAGE_DETAILS, to);
  to = attribute(COST_DETAILS, to);
  // The unit of the usage, which no span has.
  if (!readNil()) takeText();
  to = attribute(PROMPT_NAME, to);
  to = promptVersion(to);
  to = attribute(INPUT, to);
  to = attribute(OUTPUT, to);
  store<u32>(RESULTS, position(), 8);
  to = metadata(to, limit);
  store<u32>(RESULTS, position());
  store<u32>(RESULTS, id, 4);
  store<u32>(RESULTS, isTrace, 12);
  store<u32>(RESULTS, hasParent, 16);
  return hasFailed() ? 0 : to;
}

/** A whole number from 0 to `limit`. */
function readWhole(limit: f64): u32 {
  const number = readNumber();
  if (number >= 0 && number <= limit && floor(number) == number) return <u32>number;
  fail();
  return 0;
}

/** Starts a nested message. Returns where its content starts. */
function beginMessage(tag: u32, to: usize): usize {
  store<u8>(to, tag);
  return to + 1 + LENGTH_BYTES;
}

/** A varint, padded to its width: the length is known only now. */
function endMessage(start: usize, end: usize): usize {
  const length = <u32>(end - start);
  const low = (length & 0x7f) | ((length << 1) & 0x7f00) | ((length << 2) & 0x7f0000) | 0x808080;
  store<u32>(start - LENGTH_BYTES, low | ((length >> 21) << 24));
  return end;
}

function piece(index: u32, to: usize): usize {
  const start = PIECE_AREA + index * PIECE_BYTES;
  const length = load<u8>(start);
  copy(start + 1, length, to);
  return to + length;
}

/** Up to 15 bytes more are written. */
function copy(from: usize, length: usize, to: usize): void {
  for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
}

/** Bytes that have been taken just before. */
function bytes(tag: u32, start: usize, to: usize): usize {
  if (byteCount >= ONE_BYTE) fail();
  store<u8>(to, tag);
  store<u8>(to, byteCount, 1);
  copy(start, byteCount, to + 2);
  return to + 2 + byteCount;
}

function name(fallback: u32, to: usize): usize {
  const start = beginMessage(NAME, to);
  return endMessage(start, readNil() ? piece(fallback, start) : plainText(takeText(), start));
}

/** Nanoseconds, of which the microseconds are exact. */
function time(tag: u32, ms: f64, to: usize): usize {
  const exact = ms * 1000;
  const below = floor(exact);
  if (!(exact >= 0 && exact < MAX_MICROS)) {
    fail();
    return to;
  }
  store<u8>(to, tag);
  store<u64>(to, (<u64>below + (exact - below >= 0.5 ? 1 : 0)) * 1000, 1);
  return to + 9;
}

function completionStartTime(to: usize): usize {
  if (readNil()) return to;
  const ms = readNumber();
  if (hasFailed()) return to;
  const pair = beginMessage(ATTRIBUTES, to);
  const text = beginText(piece(COMPLETION_START_TIME, pair));
  return endAttribute(pair, text, writeTimeText(ms, text));
}

/** An attribute, and in an error the message of the span's status as well. */
function statusMessage(isError: bool, to: usize): usize {
  let status: usize = 0;
  if (readNil()) {
    if (!isError) return to;
    status = beginMessage(STATUS, to);
    to = status;
  } else {
    const start = takeText();
    const pair = beginMessage(ATTRIBUTES, to);
    const text = beginText(piece(STATUS_TEXT, pair));
    to = endAttribute(pair, text, plainText(start, text));
    if (!isError) return to;
    // The room is for one text of each value.
    if (textBytes > MAX_STATUS_BYTES) fail();
    if (hasFailed()) return to;
    status = beginMessage(STATUS, to);
    const message = beginMessage(STATUS_MESSAGE, status);
    to = endMessage(message, plainText(start, message));
  }
  store<u16>(to, (STATUS_ERROR << 8) | STATUS_CODE);
  return endMessage(status, to + 2);
}

function beginText(to: usize): usize {
  return beginMessage(STRING, beginMessage(VALUE, to));
}

/** Ends the text, the value around it, and the attribute. */
function endAttribute(pair: usize, text: usize, end: usize): usize {
  endMessage(text, end);
  endMessage(text - 1 - LENGTH_BYTES, end);
  return endMessage(pair, end);
}

/** Writes nothing if there is no value. */
function attribute(key: u32, to: usize): usize {
  if (readNil()) return to;
  const pair = beginMessage(ATTRIBUTES, to);
  const text = beginText(piece(key, pair));
  return endAttribute(pair, text, textOrJson(text));
}

function modelParameters(to: usize): usize {
  if (!isMap()) return attribute(MODEL_PARAMETERS, to);
  const pair = beginMessage(ATTRIBUTES, to);
  const text = beginText(piece(MODEL_PARAMETERS, pair));
  return endAttribute(pair, text, writeJsonWithoutNils(text));
}

function promptVersion(to: usize): usize {
  if (readNil()) return to;
  const pair = beginMessage(ATTRIBUTES, to);
  const value = beginMessage(VALUE, piece(PROMPT_VERSION, pair));
  store<u8>(value, INT);
  to = value + 1;
  let rest = readWhole(MAX_INT32);
  for (; rest >= ONE_BYTE; rest >>= 7) store<u8>(to++, rest | 0x80);
  store<u8>(to++, rest);
  endMessage(value, to);
  return endMessage(pair, to);
}

/** One object, without its members that are nil. */
function metadata(to: usize, limit: usize): usize {
  if (readNil()) return to;
  if (readArray() != 1 || !isMap()) fail();
  for (let count = readMap(); count > 0 && !hasFailed(); count--) {
    if (to + MAX_GROWTH * left() + ATTRIBUTE_BYTES > limit) fail();
    const start = takeText();
    if (readNil()) continue;
    const pair = beginMessage(ATTRIBUTES, to);
    const key = beginMessage(KEY, pair);
    const text = beginText(endMessage(key, plainText(start, piece(METADATA, key))));
    to = endAttribute(pair, text, textOrJson(text));
  }
  return to;
}

function textOrJson(to: usize): usize {
  return isText() ? plainText(takeText(), to) : writeJson(to);
}

/** The text that has been taken last. */
function plainText(start: usize, to: usize): usize {
  const end = start + textBytes;
  if (textForm == LATIN1) return latin1(start, end, to, false);
  if (textForm == UTF16) return utf16(start, end, to, false);
  return utf8(start, end, to, false);
}
