/**
 * The functions in WebAssembly, and the memory that they work on. A record of the ring is copied there once: the functions read it without
 * another copy, and JavaScript reads it faster than shared memory. The source is assembly/encoding.ts.
 */
import { endianness } from 'node:os';
import { MEDIA_KEYS, PART_TYPES } from '../../revision/media/detection.js';
import { instantiate } from '../../shared/runtime/webassembly.js';
import { BINARY } from './encoding-module.js';
import { type ProtobufWriter, reserve } from './protobuf-writer.js';

interface Address {
  readonly value: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly RECORD: Address;
  readonly RECORD_BYTES: { readonly value: number };
  readonly STRIDE: Address;
  readonly STRIDE_BYTES: { readonly value: number };
  readonly OUTPUT: Address;
  readonly READ_END: Address;
  readonly RESULTS: Address;
  readonly PIECE_AREA: Address;
  readonly OUTPUT_BYTES: { readonly value: number };
  readonly KEYS: Address;
  readonly PART_TYPES: Address;
  latin1(from: number, end: number, to: number, escaped: boolean): number;
  utf16(from: number, end: number, to: number, escaped: boolean): number;
  json(from: number, end: number, to: number): number;
  holdsMedia(from: number, end: number): number;
  spanHoldsMedia(from: number, end: number): number;
  fields(from: number, end: number, to: number, limit: number): number;
}

interface Assembly
  extends Pick<Exports, 'latin1' | 'utf16' | 'json' | 'holdsMedia' | 'spanHoldsMedia' | 'fields'> {
  readonly memory: Buffer;
  /** Addresses: of the record, of text that lies elsewhere, and of what the functions write. */
  readonly record: number;
  readonly stride: number;
  readonly output: number;
  readonly outputEnd: number;
  /** The memory in words, and the indices of those that say where `json` stopped reading, and what `fields` has read. */
  readonly words: Int32Array;
  readonly readEnd: number;
  readonly results: number;
  /** Address of the pieces that `fields` writes. */
  readonly pieces: number;
  readonly maxRecordBytes: number;
  readonly strideBytes: number;
  /** What has been loaded last. */
  loaded: Buffer | undefined;
}

/** Undefined if there is no WebAssembly, no SIMD in it, or no memory for it. */
export const assembly: Assembly | undefined = openAssembly();

/**
 * Copies a record into the memory of the functions. The result is valid until the next call. It is the record itself if there is no room for it.
 * Both begin at a multiple of 8: V8 copies 4,600 bytes of shared memory in 0.2 µs then, otherwise in 1.3 (measured).
 */
export function loadRecord(record: Buffer): Buffer {
  if (assembly === undefined || record === assembly.loaded) return record;
  if (record.byteLength > assembly.maxRecordBytes) return record;
  const { memory } = assembly;
  memory.set(record, assembly.record);
  assembly.loaded = memory.subarray(assembly.record, assembly.record + record.byteLength);
  return assembly.loaded;
}

/** Copies what a function has written up to `end`. */
export function copyOutput(writer: ProtobufWriter, end: number): void {
  const { memory, output } = assembly as Assembly;
  reserve(writer, end - output);
  writer.position += memory.copy(writer.buffer, writer.position, output, end);
}

/** Puts bytes into the memory where the functions know them by their index: each with its length before it, in places of `placeBytes`. */
export function placeEach(
  memory: Buffer,
  address: number,
  placeBytes: number,
  items: readonly Uint8Array[],
): void {
  for (const [i, item] of items.entries()) {
    const at = address + i * placeBytes;
    memory[at] = item.byteLength;
    memory.set(item, at + 1);
  }
}

function openAssembly(): Assembly | undefined {
  // WebAssembly is little-endian, the words and the UTF-16 of an event are as the machine.
  if (endianness() === 'BE') return undefined;
  const writeDouble = (at: number, to: number): number =>
    to + memory.write(String(memory.readDoubleBE(at)), to, 'latin1');
  const writeTime = (ms: number, to: number): number =>
    to + memory.write(JSON.stringify(new Date(ms)), to, 'latin1');
  const exports = instantiate<Exports>(BINARY, { javascript: { double: writeDouble, time: writeTime } });
  if (exports === undefined) return undefined;
  const memory = Buffer.from(exports.memory.buffer);
  placeEach(memory, exports.KEYS.value, 32, MEDIA_KEYS);
  placeEach(memory, exports.PART_TYPES.value, 32, PART_TYPES);
  return {
    latin1: exports.latin1,
    utf16: exports.utf16,
    json: exports.json,
    holdsMedia: exports.holdsMedia,
    spanHoldsMedia: exports.spanHoldsMedia,
    fields: exports.fields,
    memory,
    record: exports.RECORD.value,
    stride: exports.STRIDE.value,
    output: exports.OUTPUT.value,
    outputEnd: exports.OUTPUT.value + exports.OUTPUT_BYTES.value,
    words: new Int32Array(exports.memory.buffer),
    readEnd: exports.READ_END.value >> 2,
    results: exports.RESULTS.value >> 2,
    pieces: exports.PIECE_AREA.value,
    maxRecordBytes: exports.RECORD_BYTES.value,
    strideBytes: exports.STRIDE_BYTES.value,
    loaded: undefined,
  };
}
