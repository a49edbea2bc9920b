/**
 * The protobuf wire format, read-only: varints, fixed-width numbers, strings and nested messages.
 *
 * A decoder for one fixed schema needs no library: a message is a loop over tags (`field << 3 | wire type`), and a
 * tag that is not in the schema, or has another wire type than the schema says, is skipped as protobuf demands.
 */

import { MAX_FIELDS, tooMany } from '../bounds.js';

export interface ProtobufReader {
  readonly bytes: Buffer;
  position: number;
  /** End of the message being read, not of the buffer: nothing may be read beyond it. */
  end: number;
  /** How many more fields may be read. Two bytes of an empty message become an object of a hundred bytes. */
  fieldsLeft: number;
}

export class ProtobufError extends Error {}

/** Deeper nesting is not data but an attack on the stack. */
const MAX_DEPTH = 100;

export function protobufReader(bytes: Buffer): ProtobufReader {
  return { bytes, position: 0, end: bytes.length, fieldsLeft: MAX_FIELDS };
}

/** Reads fields up to the end of the current message; `readField` gets the whole tag and must consume the value. */
function readFields<T>(
  reader: ProtobufReader,
  into: T,
  readField: (reader: ProtobufReader, tag: number, into: T, depth: number) => void,
  depth = 0,
): T {
  if (depth > MAX_DEPTH) throw new ProtobufError(`messages are nested deeper than ${MAX_DEPTH} levels`);
  for (let tag = nextTag(reader); tag !== 0; tag = nextTag(reader)) readField(reader, tag, into, depth);
  return into;
}

/** The tag of the next field of the current message, or 0 at its end. */
export function nextTag(reader: ProtobufReader): number {
  if (reader.position >= reader.end) return 0;
  reader.fieldsLeft -= 1;
  if (reader.fieldsLeft < 0) throw tooMany('fields', MAX_FIELDS);
  const tag = readVarint32(reader);
  if (tag >>> 3 === 0) throw new ProtobufError(`field number 0 at byte ${reader.position}`);
  return tag;
}

/** Reads a length-delimited message into `into`. */
export function readMessage<T>(
  reader: ProtobufReader,
  into: T,
  readField: (reader: ProtobufReader, tag: number, into: T, depth: number) => void,
  depth = 0,
): T {
  const outerEnd = enterMessage(reader);
  readFields(reader, into, readField, depth + 1);
  reader.end = outerEnd;
  return into;
}

/** Makes a length-delimited message the current one, and returns the end of the one around it. */
export function enterMessage(reader: ProtobufReader): number {
  const end = readLength(reader);
  const outerEnd = reader.end;
  reader.end = end;
  return outerEnd;
}

export function readString(reader: ProtobufReader): string {
  const end = readLength(reader);
  const text = reader.bytes.toString('utf8', reader.position, end);
  reader.position = end;
  return text;
}

/** A copy: a kept value must not keep the whole request body alive. */
export function readBytes(reader: ProtobufReader): Uint8Array {
  const end = readLength(reader);
  const bytes = Uint8Array.from(reader.bytes.subarray(reader.position, end));
  reader.position = end;
  return bytes;
}

export function readHex(reader: ProtobufReader): string {
  const end = readLength(reader);
  const hex = reader.bytes.toString('hex', reader.position, end);
  reader.position = end;
  return hex;
}

export function readFixed64(reader: ProtobufReader): bigint {
  const value = reader.bytes.readBigUInt64LE(advance(reader, 8));
  return value;
}

export function readDouble(reader: ProtobufReader): number {
  return reader.bytes.readDoubleLE(advance(reader, 8));
}

/** The low 32 bits of a varint, unsigned: tags, lengths, enums, booleans. */
export function readVarint32(reader: ProtobufReader): number {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(reader);
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  throw new ProtobufError(`varint longer than 10 bytes at byte ${reader.position}`);
}

/** A signed 64-bit integer: a number if that is exact, else a bigint. */
export function readInt64(reader: ProtobufReader): number | bigint {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(reader);
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) return joinInt64(low, high);
  }
  throw new ProtobufError(`varint longer than 10 bytes at byte ${reader.position}`);
}

export function skipField(reader: ProtobufReader, tag: number): void {
  switch (tag & 7) {
    case 0:
      readVarint32(reader);
      return;
    case 1:
      advance(reader, 8);
      return;
    case 2:
      reader.position = readLength(reader);
      return;
    case 5:
      advance(reader, 4);
      return;
    default:
      throw new ProtobufError(`wire type ${tag & 7} at byte ${reader.position}`);
  }
}

function joinInt64(low: number, high: number): number | bigint {
  const value = high * 0x1_0000_0000 + (low >>> 0);
  if (Number.isSafeInteger(value)) return value;
  return BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}

function readByte(reader: ProtobufReader): number {
  if (reader.position >= reader.end) throw new ProtobufError(`message cut off at byte ${reader.end}`);
  return reader.bytes[reader.position++] as number;
}

/** Reads a length and returns where the value ends; the position is then at its first byte. */
function readLength(reader: ProtobufReader): number {
  const length = readVarint32(reader);
  const end = reader.position + length;
  if (end > reader.end)
    throw new ProtobufError(
      `${length} bytes announced at byte ${reader.position}, message ends at ${reader.end}`,
    );
  return end;
}

/** Advances by `size` bytes and returns where they start. */
function advance(reader: ProtobufReader, size: number): number {
  const start = reader.position;
  if (start + size > reader.end) throw new ProtobufError(`message cut off at byte ${reader.end}`);
  reader.position = start + size;
  return start;
}
