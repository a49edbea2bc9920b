/**
 * Converts text from the two forms of an event to UTF-8, plain or escaped as in a JSON string. WebAssembly does it, 16 bytes at
 * once: per character 0.5-2 ns for English (V8's JSON.stringify and conversion: 4-12), 3 for Chinese (9). That is half of the
 * worker's work on a large event. The source is assembly/utf8-text.ts.
 */
import type { Range } from '../../event/event-reader.js';
import { type ProtobufWriter, reserve } from './protobuf-writer.js';
import { BINARY } from './utf8-text-module.js';

/** How a JSON string escapes a character, by ASCII code. 0: not at all; 'u': as \u00xx; else the letter after the backslash. */
export const ESCAPE_LETTERS = new Uint8Array(128);
ESCAPE_LETTERS.fill(code('u'), 0, 0x20);
for (const [character, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\']) {
  ESCAPE_LETTERS[code(character as string)] = code(letter as string);
}

function code(character: string): number {
  return character.charCodeAt(0);
}

/** Node's types do not declare it. */
declare const WebAssembly:
  | undefined
  | {
      readonly Module: new (binary: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: unknown };
    };

interface Functions {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly INPUT: { readonly value: number };
  readonly OUTPUT: { readonly value: number };
  latin1(from: number, end: number, to: number, escaped: boolean): number;
  utf16(from: number, end: number, to: number, escaped: boolean): number;
}

/** Bytes converted at once: the room in its memory. */
const STRIDE_BYTES = 16 * 1024;

const functions = instantiate();
const memory = functions && Buffer.from(functions.memory.buffer);

/** Writes `bytes[start, end)` as UTF-8. Lone surrogates become U+FFFD. */
export function writeUtf8(
  writer: ProtobufWriter,
  bytes: Buffer,
  { start, end }: Range,
  encoding: 'latin1' | 'utf16le',
  escaped: boolean,
): void {
  if (functions === undefined || memory === undefined) {
    writeByV8(writer, bytes.toString(encoding, start, end), escaped);
    return;
  }
  const input = functions.INPUT.value;
  const output = functions.OUTPUT.value;
  const convert = encoding === 'latin1' ? functions.latin1 : functions.utf16;
  for (let from = start; from < end; ) {
    const to = strideEnd(bytes, from, end, encoding);
    bytes.copy(memory, input, from, to);
    const stop = convert(input, input + to - from, output, escaped);
    reserve(writer, stop - output);
    writer.position += memory.copy(writer.buffer, writer.position, output, stop);
    from = to;
  }
}

/** Keeps the two halves of a character together. */
function strideEnd(bytes: Buffer, from: number, end: number, encoding: 'latin1' | 'utf16le'): number {
  if (end - from <= STRIDE_BYTES) return end;
  const to = from + STRIDE_BYTES;
  const isHalf = encoding === 'utf16le' && (bytes.readUInt16LE(to - 2) & 0xfc00) === 0xd800;
  return isHalf ? to - 2 : to;
}

/** Used if there is no WebAssembly, no SIMD in it, or no memory for it. */
function writeByV8(writer: ProtobufWriter, text: string, escaped: boolean): void {
  const written = escaped ? JSON.stringify(text.toWellFormed()).slice(1, -1) : text;
  reserve(writer, 3 * written.length);
  writer.position += writer.buffer.write(written, writer.position, 'utf8');
}

function instantiate(): Functions | undefined {
  // A reference to an undeclared global would throw.
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    const module = new WebAssembly.Module(Buffer.from(BINARY, 'base64'));
    return new WebAssembly.Instance(module).exports as Functions;
  } catch {
    return undefined;
  }
}
