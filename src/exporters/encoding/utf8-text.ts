/**
 * Converts text from the two forms of an event to UTF-8, plain or escaped as in a JSON string. WebAssembly does it, 16 bytes at
 * once: per character 0.5-2 ns for English (V8's JSON.stringify and conversion: 4-12), 3 for Chinese (9). That is half of the
 * worker's work on a large event.
 */
import type { Range } from '../../event/event-reader.js';
import { type ProtobufWriter, reserve } from './protobuf-writer.js';
import { assembly, copyOutput } from './webassembly.js';

/** How a JSON string escapes a character, by ASCII code. 0: not at all; 'u': as \u00xx; else the letter after the backslash. */
export const ESCAPE_LETTERS = new Uint8Array(128);
ESCAPE_LETTERS.fill(code('u'), 0, 0x20);
for (const [character, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\']) {
  ESCAPE_LETTERS[code(character as string)] = code(letter as string);
}

function code(character: string): number {
  return character.charCodeAt(0);
}

/** Writes `bytes[start, end)` as UTF-8. Lone surrogates become U+FFFD. */
export function writeUtf8(
  writer: ProtobufWriter,
  bytes: Buffer,
  { start, end }: Range,
  encoding: 'latin1' | 'utf16le',
  escaped: boolean,
): void {
  if (assembly === undefined) {
    writeByV8(writer, bytes.toString(encoding, start, end), escaped);
    return;
  }
  const { memory, loaded, record, stride, output, strideBytes } = assembly;
  const convert = encoding === 'latin1' ? assembly.latin1 : assembly.utf16;
  if (bytes === loaded) {
    copyOutput(writer, convert(record + start, record + end, output, escaped));
    return;
  }
  for (let from = start; from < end; ) {
    const to = strideEnd(bytes, from, end, encoding, strideBytes);
    bytes.copy(memory, stride, from, to);
    copyOutput(writer, convert(stride, stride + to - from, output, escaped));
    from = to;
  }
}

/** Keeps the two halves of a character together. */
function strideEnd(
  bytes: Buffer,
  from: number,
  end: number,
  encoding: 'latin1' | 'utf16le',
  strideBytes: number,
): number {
  if (end - from <= strideBytes) return end;
  const to = from + strideBytes;
  const isHalf = encoding === 'utf16le' && (bytes.readUInt16LE(to - 2) & 0xfc00) === 0xd800;
  return isHalf ? to - 2 : to;
}

/** Used if there is no WebAssembly, no SIMD in it, or no memory for it. */
function writeByV8(writer: ProtobufWriter, text: string, escaped: boolean): void {
  const written = escaped ? JSON.stringify(text.toWellFormed()).slice(1, -1) : text;
  reserve(writer, 3 * written.length);
  writer.position += writer.buffer.write(written, writer.position, 'utf8');
}
