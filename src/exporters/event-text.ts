/**
 * Text of an event as UTF-8, plain or as a JSON string. Whichever way is the fastest for its kind (per byte, all
 * slower on a busy machine): short text byte by byte, as a call into V8 costs 100 ns; long text in Latin-1 by V8 (3 ns,
 * a loop 4); UTF-16 by a loop (5 ns, V8's conversion 12).
 */
import { type EventReader, type TextSpan, textOf } from './event-reader.js';
import { type ProtobufWriter, reserve, writeByte } from './protobuf-writer.js';

/** Characters converted between two looks at the room that is left. */
const STRIDE_CHARS = 16 * 1024;
/** \u0000, the longest. */
const MAX_ESCAPED_BYTES_PER_CHAR = 6;
const MAX_UTF8_BYTES_PER_CHAR = 3;
const SHORT_BYTES = 64;

/** By byte: 0, it stands for itself; 'u', it needs \u00xx; else the letter after its backslash. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(code('u'), 0, 0x20);
for (const [byte, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\']) {
  ESCAPES[code(byte as string)] = code(letter as string);
}

const QUOTE = code('"');
const BACKSLASH = code('\\');
const LETTER_U = code('u');
const HEX_DIGITS = Buffer.from('0123456789abcdef');

/** U+FFFD: protobuf's strings must be valid UTF-8, so a lone surrogate cannot stay. */
const REPLACEMENT = 0xfffd;

export function writePlainText(writer: ProtobufWriter, reader: EventReader, text: TextSpan): void {
  const { bytes } = reader;
  const { encoding, start, end } = text;
  if (encoding === 'utf16le') {
    writeUtf16(writer, bytes, start, end, false);
  } else {
    reserve(writer, 2 * (end - start));
    if (encoding === 'utf8') writer.position += bytes.copy(writer.buffer, writer.position, start, end);
    else writer.position += writer.buffer.write(textOf(reader, text), writer.position, 'utf8');
  }
}

/** With its quotes. */
export function writeJsonText(writer: ProtobufWriter, reader: EventReader, text: TextSpan): void {
  const { encoding, start, end } = text;
  if (encoding !== 'utf16le' && end - start > SHORT_BYTES) {
    const json = JSON.stringify(textOf(reader, text));
    reserve(writer, MAX_UTF8_BYTES_PER_CHAR * json.length);
    writer.position += writer.buffer.write(json, writer.position, 'utf8');
    return;
  }
  writeByte(writer, QUOTE);
  if (encoding === 'utf16le') writeUtf16(writer, reader.bytes, start, end, true);
  else writeEscapedBytes(writer, reader.bytes, start, end, encoding === 'latin1');
  writeByte(writer, QUOTE);
}

/** Bytes of Latin-1, to be made UTF-8, or of UTF-8, to be left as they are. */
function writeEscapedBytes(
  writer: ProtobufWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
  isLatin1: boolean,
): void {
  reserve(writer, MAX_ESCAPED_BYTES_PER_CHAR * (end - start));
  const { buffer } = writer;
  let at = writer.position;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 0x7f && isLatin1) {
      buffer[at++] = 0xc0 | (byte >> 6);
      buffer[at++] = 0x80 | (byte & 0x3f);
    } else if (ESCAPES[byte] === 0) {
      buffer[at++] = byte;
    } else {
      at = writeEscape(buffer, at, byte);
    }
  }
  writer.position = at;
}

function writeUtf16(
  writer: ProtobufWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
  escaped: boolean,
): void {
  const unitAt = (i: number): number => (bytes[i] as number) | ((bytes[i + 1] as number) << 8);
  for (let from = start; from < end; ) {
    const to = Math.min(end, from + 2 * STRIDE_CHARS);
    reserve(writer, MAX_ESCAPED_BYTES_PER_CHAR * ((to - from) / 2 + 1));
    const { buffer } = writer;
    let at = writer.position;
    for (; from < to; from += 2) {
      const unit = unitAt(from);
      if (unit < 0x80) {
        if (escaped && ESCAPES[unit] !== 0) at = writeEscape(buffer, at, unit);
        else buffer[at++] = unit;
      } else if (unit < 0x800) {
        buffer[at++] = 0xc0 | (unit >> 6);
        buffer[at++] = 0x80 | (unit & 0x3f);
      } else if ((unit & 0xf800) !== 0xd800) {
        at = writeThreeBytes(buffer, at, unit);
      } else {
        const next = (unit & 0xfc00) === 0xd800 && from + 2 < end ? unitAt(from + 2) : 0;
        if ((next & 0xfc00) === 0xdc00) {
          at = writeFourBytes(buffer, at, 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff));
          from += 2;
        } else if (escaped) {
          at = writeUnicodeEscape(buffer, at, unit);
        } else {
          at = writeThreeBytes(buffer, at, REPLACEMENT);
        }
      }
    }
    writer.position = at;
  }
}

function writeThreeBytes(buffer: Uint8Array, at: number, unit: number): number {
  buffer[at] = 0xe0 | (unit >> 12);
  buffer[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
  buffer[at + 2] = 0x80 | (unit & 0x3f);
  return at + 3;
}

function writeFourBytes(buffer: Uint8Array, at: number, point: number): number {
  buffer[at] = 0xf0 | (point >> 18);
  buffer[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  buffer[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  buffer[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}

function writeEscape(buffer: Uint8Array, at: number, byte: number): number {
  const letter = ESCAPES[byte] as number;
  if (letter === LETTER_U) return writeUnicodeEscape(buffer, at, byte);
  buffer[at] = BACKSLASH;
  buffer[at + 1] = letter;
  return at + 2;
}

function writeUnicodeEscape(buffer: Uint8Array, at: number, unit: number): number {
  buffer[at] = BACKSLASH;
  buffer[at + 1] = LETTER_U;
  for (let digit = 0; digit < 4; digit++) {
    buffer[at + 2 + digit] = HEX_DIGITS[(unit >> (12 - 4 * digit)) & 0xf] as number;
  }
  return at + 6;
}

function code(character: string): number {
  return character.charCodeAt(0);
}
