/** Writes text of an event as UTF-8, plain or as a JSON string. */
import type { EventReader, Range, TextRange } from '../../event/event-reader.js';
import { type ProtobufWriter, reserve, writeAscii, writeByte } from './protobuf-writer.js';
import { ESCAPE_LETTERS, writeUtf8 } from './utf8-text.js';

/** Shorter text is copied or converted in a loop: the call of a faster function costs as much. */
const SHORT_BYTES = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** The longest escape is \u0000. */
const MAX_ESCAPED_BYTES = 6;

export function writePlainText(writer: ProtobufWriter, { bytes }: EventReader, text: TextRange): void {
  const { encoding, start, end } = text;
  if (encoding === 'utf8') {
    reserve(writer, end - start);
    if (end - start > SHORT_BYTES) {
      writer.position += bytes.copy(writer.buffer, writer.position, start, end);
    } else {
      const { buffer } = writer;
      for (let i = start; i < end; i++) buffer[writer.position++] = bytes[i] as number;
    }
  } else {
    writeUtf8(writer, bytes, text, encoding, false);
  }
}

/** Writes the quotes as well. */
export function writeJsonText(writer: ProtobufWriter, { bytes }: EventReader, text: TextRange): void {
  const { encoding, start, end } = text;
  writeByte(writer, QUOTE);
  if (encoding === 'utf8' || (encoding === 'latin1' && end - start <= SHORT_BYTES)) {
    writeEscapedBytes(writer, bytes, text, encoding === 'latin1');
  } else {
    writeUtf8(writer, bytes, text, encoding, true);
  }
  writeByte(writer, QUOTE);
}

/** Converts Latin-1 to UTF-8; copies UTF-8. */
function writeEscapedBytes(
  writer: ProtobufWriter,
  bytes: Uint8Array,
  { start, end }: Range,
  isLatin1: boolean,
): void {
  reserve(writer, MAX_ESCAPED_BYTES * (end - start));
  const { buffer } = writer;
  let at = writer.position;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    const letter = byte < 0x80 ? (ESCAPE_LETTERS[byte] as number) : 0;
    if (byte >= 0x80 && isLatin1) {
      buffer[at++] = 0xc0 | (byte >> 6);
      buffer[at++] = 0x80 | (byte & 0x3f);
    } else if (letter === 0) {
      buffer[at++] = byte;
    } else {
      buffer[at++] = BACKSLASH;
      buffer[at++] = letter;
      if (letter === LETTER_U) {
        writer.position = at;
        writeAscii(writer, byte.toString(16).padStart(4, '0'));
        at = writer.position;
      }
    }
  }
  writer.position = at;
}
