/** Writes numbers of 32 and 64 bits, and times, as protobuf. */
import {
  type ProtobufWriter,
  reserve,
  SCALAR_BYTES,
  WIRE_TYPE,
  writeTag,
  writeUint,
} from './protobuf-writer.js';

const WORD = 2 ** 32;
const HALF_WORD = 2 ** 16;
const NANOSECONDS = 1e9;
/** Integers below are exact. */
const MAX_VARINT_NUMBER = 2 ** 53;

/** Writes a negative number in two's complement of 64 bits. */
export function writeInt64(writer: ProtobufWriter, field: number, value: number): void {
  if (value >= 0 && value < MAX_VARINT_NUMBER) {
    writeUint(writer, field, value);
    return;
  }
  reserve(writer, SCALAR_BYTES);
  writeTag(writer, field, WIRE_TYPE.varint);
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) writer.buffer[writer.position++] = Number(rest & 0x7fn) | 0x80;
  writer.buffer[writer.position++] = Number(rest);
}

export function writeDouble(writer: ProtobufWriter, field: number, value: number): void {
  reserve(writer, SCALAR_BYTES);
  writeTag(writer, field, WIRE_TYPE.fixed64);
  writer.position = writer.buffer.writeDoubleLE(value, writer.position);
}

export function writeFixed32(writer: ProtobufWriter, field: number, value: number): void {
  reserve(writer, SCALAR_BYTES);
  writeTag(writer, field, WIRE_TYPE.fixed32);
  writer.position = writer.buffer.writeUInt32LE(value, writer.position);
}

/** Writes whole seconds and nanoseconds as nanoseconds in a fixed64. */
export function writeTime(writer: ProtobufWriter, field: number, seconds: number, nanoseconds: number): void {
  reserve(writer, SCALAR_BYTES);
  writeTag(writer, field, WIRE_TYPE.fixed64);
  // In two parts: a number does not hold so many nanoseconds exactly, and a BigInt is allocated.
  const lower = (seconds % HALF_WORD) * NANOSECONDS + nanoseconds;
  const upper = Math.floor(seconds / HALF_WORD) * NANOSECONDS;
  const low = (upper % HALF_WORD) * HALF_WORD + (lower % WORD);
  const high = Math.floor(upper / HALF_WORD) + Math.floor(lower / WORD) + Math.floor(low / WORD);
  writer.position = writer.buffer.writeUInt32LE(low % WORD, writer.position);
  writer.position = writer.buffer.writeUInt32LE(high, writer.position);
}

/** Writes milliseconds with fractions as nanoseconds in a fixed64. Microseconds are exact up to the year 2255. */
export function writeTimeMs(writer: ProtobufWriter, field: number, ms: number): void {
  reserve(writer, SCALAR_BYTES);
  writeTag(writer, field, WIRE_TYPE.fixed64);
  // In halves: a number does not hold so many nanoseconds exactly, and a BigInt is allocated.
  const micros = Math.round(ms * 1000);
  const low = (micros % WORD) * 1000;
  writer.position = writer.buffer.writeUInt32LE(low % WORD, writer.position);
  const high = Math.floor(micros / WORD) * 1000 + Math.floor(low / WORD);
  writer.position = writer.buffer.writeUInt32LE(high, writer.position);
}
