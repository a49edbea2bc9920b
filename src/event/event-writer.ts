/**
 * Writes the parts of an event as MessagePack (event/event-format) straight into its memory. It is written by hand, as it
 * runs on the application's thread for every event: msgpackr, which reads events in the worker, takes 2 times as long for two
 * fields of 300 B, 10 times for 20 KB of Chinese (bench/RESULTS.md).
 */
import {
  ARRAY32,
  BIN8,
  BIN32,
  BRAND,
  EXT8,
  EXT32,
  FALSE,
  FIXARRAY,
  FIXSTR,
  FLOAT64,
  INT32,
  LATIN1_TEXT,
  MAP32,
  MAX_FIXARRAY,
  MAX_FIXINT,
  MAX_FIXSTR,
  NIL,
  STR8,
  STR32,
  TRUE,
  TYPED_ARRAY,
  UTF16_TEXT,
} from './event-format.js';
import type { Frozen, KeptText } from './frozen.js';
import { IS_LITTLE_ENDIAN, type KnownKey, knownKey } from './known-keys.js';

/** Where an event is written: `buffer[position, limit)`. */
export interface EventWriter {
  buffer: TextBuffer;
  view: DataView;
  position: number;
  /** The writer never writes at or behind this position. */
  limit: number;
  /** When the buffer is full, a larger one of up to this many bytes replaces it; 0: never. */
  readonly growsToBytes: number;
  /**
   * Whether a handle keeps what is written for later. Text that is not short is then not copied but kept as a string, which
   * cannot change. `texts` holds these strings.
   */
  keepsTexts: boolean;
  texts: KeptText[] | null;
}

/** The methods that Buffer.write calls: calling them directly saves 8 % of a small event (measured). */
interface TextBuffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

/** Loaded once: V8 looks them up at each call, as Buffer.prototype has many properties. */
const { latin1Write, ucs2Write } = Buffer.prototype as TextBuffer;

/** Thrown when the buffer is full. Created once: a stack trace costs more than the event. */
export const NO_ROOM = new RangeError('no room for the event');
/** Shorter text is copied in a loop: a call into Node costs 100 ns. */
const SHORT_TEXT_CHARS = 48;
/** A shorter key is written as fast as it is looked up. */
const MIN_KNOWN_KEY_CHARS = 12;
const SHORT_BYTES = 64;
const MAX_UTF8_BYTES_PER_CHAR = 3;

/**
 * Matches text with a character above U+00FF. V8 answers at once for strings that it stores in one byte per character, as the
 * pattern matches none of them; in others it searches up to the first such character.
 */
const BEYOND_LATIN1 = /[\u0100-\uffff]/;

export function createEventWriter(buffer: Buffer, limit: number, growsToBytes = 0): EventWriter {
  return {
    buffer: buffer as TextBuffer,
    view: viewOf(buffer),
    position: 0,
    limit,
    growsToBytes,
    keepsTexts: false,
    texts: null,
  };
}

export function writeNil(out: EventWriter): void {
  reserve(out, 1);
  out.buffer[out.position++] = NIL;
}

/** Fields that are missing, one behind the other. */
export function writeNils(out: EventWriter, count: number): void {
  reserve(out, count);
  const { buffer } = out;
  let at = out.position;
  for (const end = at + count; at < end; at++) buffer[at] = NIL;
  out.position = at;
}

/** Integers of 32 bits have a tag of their own. NaN and the infinities become nil, as JSON has no number for them. */
export function writeNumber(out: EventWriter, value: number): void {
  reserve(out, 9);
  if ((value | 0) === value) {
    if (value >= 0 && value <= MAX_FIXINT) {
      out.buffer[out.position++] = value;
      return;
    }
    out.buffer[out.position] = INT32;
    out.view.setInt32(out.position + 1, value);
    out.position += 5;
  } else if (Number.isFinite(value)) {
    writeFloat(out, value);
  } else {
    out.buffer[out.position++] = NIL;
  }
}

/** Writes a number always in the same form, integer or not: a time. */
export function writeFloat(out: EventWriter, value: number): void {
  reserve(out, 9);
  out.buffer[out.position] = FLOAT64;
  out.view.setFloat64(out.position + 1, value);
  out.position += 9;
}

export function writeArrayHeader(out: EventWriter, length: number): void {
  reserve(out, 5);
  if (length <= MAX_FIXARRAY) out.buffer[out.position++] = FIXARRAY | length;
  else writeTagAndLength(out, ARRAY32, length);
}

/** Starts bytes whose content the caller writes by `writeWord`. */
export function writeWordsHeader(out: EventWriter, words: number): void {
  reserve(out, 2);
  out.buffer[out.position] = BIN8;
  out.buffer[out.position + 1] = 4 * words;
  out.position += 2;
}

/** Writes 32 bits, the most significant byte first. */
export function writeWord(out: EventWriter, word: number): void {
  reserve(out, 4);
  out.view.setInt32(out.position, word);
  out.position += 4;
}

export function writeText(out: EventWriter, text: string): void {
  if (text.length < SHORT_TEXT_CHARS && writeShortAscii(out, text)) return;
  if (out.keepsTexts) keepText(out, text);
  else if (BEYOND_LATIN1.test(text)) writeUtf16(out, text);
  else writeLatin1(out, text);
}

/** Writes what a handle keeps: an encoded value, or null if there is none yet. */
export function writeFrozen(out: EventWriter, frozen: Frozen | null): void {
  if (frozen === null) {
    writeNil(out);
    return;
  }
  const { buffer, view, start, end, texts } = frozen;
  let from = start;
  if (texts !== null) {
    for (const { at, text } of texts) {
      copyBytes(out, buffer, view, from, at);
      writeText(out, text);
      from = at;
    }
  }
  copyBytes(out, buffer, view, from, end);
}

function copyBytes(
  out: EventWriter,
  source: Buffer,
  view: DataView | null,
  start: number,
  end: number,
): void {
  const bytes = end - start;
  if (bytes === 0) return;
  reserve(out, bytes);
  const { buffer, view: target, position } = out;
  if (bytes <= SHORT_BYTES) {
    // In words, 40 bytes take 20 ns; one by one, 50 (measured).
    const words = view === null ? 0 : bytes & ~3;
    for (let i = 0; i < words; i += 4) target.setInt32(position + i, (view as DataView).getInt32(start + i));
    for (let i = words; i < bytes; i++) buffer[position + i] = source[start + i] as number;
  } else {
    source.copy(buffer, position, start, end);
  }
  out.position = position + bytes;
}

function keepText(out: EventWriter, text: string): void {
  const kept = { at: out.position, text };
  // Mostly there is one text, and pushing to an empty array allocates room for 17.
  if (out.texts === null) out.texts = [kept];
  else out.texts.push(kept);
}

export function writeBoolean(out: EventWriter, value: boolean): void {
  reserve(out, 1);
  out.buffer[out.position++] = value ? TRUE : FALSE;
}

export function writeBytes(out: EventWriter, bytes: Uint8Array): void {
  reserve(out, 5 + bytes.byteLength);
  writeTagAndLength(out, BIN32, bytes.byteLength);
  out.buffer.set(bytes, out.position);
  out.position += bytes.byteLength;
}

/** Writes the value that marks the map around it as wrapped media. Nothing else writes it. */
export function writeBrand(out: EventWriter): void {
  reserve(out, 4);
  out.buffer[out.position] = EXT8;
  out.buffer[out.position + 1] = 1;
  out.buffer[out.position + 2] = TYPED_ARRAY;
  out.buffer[out.position + 3] = BRAND;
  out.position += 4;
}

/** Starts a map. Pass the result to `endMap`, with the number of members. */
export function beginMap(out: EventWriter): number {
  reserve(out, 5);
  out.position += 5;
  return out.position - 5;
}

export function endMap(out: EventWriter, start: number, members: number): void {
  // The buffer may have been replaced since; the position in it is the same.
  out.buffer[start] = MAP32;
  out.view.setUint32(start + 1, members);
}

/** Writes a key of a map, always as str, so that msgpackr reads it as a key. */
export function writeKey(out: EventWriter, key: string): void {
  const { length } = key;
  if (length < SHORT_TEXT_CHARS) {
    const known = length < MIN_KNOWN_KEY_CHARS ? undefined : knownKey(key);
    if (known !== undefined) {
      writeKnownKey(out, known);
      return;
    }
    if (writeShortAscii(out, key)) return;
  }
  reserve(out, 5 + length * MAX_UTF8_BYTES_PER_CHAR);
  const start = out.position;
  const bytes = out.buffer.write(key, start + 5, 'utf8');
  writeTagAndLength(out, STR32, bytes);
  out.position = start + 5 + bytes;
}

function writeKnownKey(out: EventWriter, { words, bytes }: KnownKey): void {
  const { length } = words;
  reserve(out, 4 * length);
  const { view, position } = out;
  for (let i = 0; i < length; i++) view.setInt32(position + 4 * i, words[i] as number, IS_LITTLE_ENDIAN);
  out.position = position + bytes;
}

/** Returns false, and writes nothing, if the text has a character beyond ASCII. */
function writeShortAscii(out: EventWriter, text: string): boolean {
  const { length } = text;
  reserve(out, length + 2);
  const { buffer } = out;
  let at = out.position;
  if (length <= MAX_FIXSTR) {
    buffer[at++] = FIXSTR | length;
  } else {
    buffer[at] = STR8;
    buffer[at + 1] = length;
    at += 2;
  }
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    buffer[at++] = code;
  }
  out.position = at;
  return true;
}

function writeLatin1(out: EventWriter, text: string): void {
  writeTextHeader(out, LATIN1_TEXT, text.length);
  out.position += latin1Write.call(out.buffer, text, out.position, text.length);
}

function writeUtf16(out: EventWriter, text: string): void {
  const bytes = 2 * text.length;
  writeTextHeader(out, UTF16_TEXT, bytes);
  out.position += ucs2Write.call(out.buffer, text, out.position, bytes);
}

/** Also reserves room for the text. */
function writeTextHeader(out: EventWriter, code: number, bytes: number): void {
  reserve(out, 7 + bytes);
  if (bytes < 0xff) {
    out.buffer[out.position] = EXT8;
    out.buffer[out.position + 1] = bytes + 1;
    out.position += 2;
  } else {
    writeTagAndLength(out, EXT32, bytes + 1);
  }
  out.buffer[out.position] = TYPED_ARRAY;
  out.buffer[out.position + 1] = code;
  out.position += 2;
}

function writeTagAndLength(out: EventWriter, tag: number, length: number): void {
  out.buffer[out.position] = tag;
  out.view.setUint32(out.position + 1, length);
  out.position += 5;
}

/** Makes sure that there is room for so many bytes. Throws `NO_ROOM` if there is none. */
export function reserve(out: EventWriter, bytes: number): void {
  if (out.position + bytes > out.limit) makeRoom(out, bytes);
}

function makeRoom(out: EventWriter, bytes: number): void {
  const needed = out.position + bytes;
  if (needed > out.growsToBytes) throw NO_ROOM;
  const larger = Buffer.allocUnsafeSlow(Math.min(out.growsToBytes, Math.max(needed, 2 * out.limit)));
  out.buffer.copy(larger, 0, 0, out.position);
  out.buffer = larger as TextBuffer;
  out.view = viewOf(larger);
  out.limit = larger.byteLength;
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
