/**
 * Reads the bytes of an event (event/event-format), for exporters that know what to expect and need no JavaScript values. It
 * reads what the event writer writes, and throws at anything else.
 */
import {
  ARRAY32,
  BIN8,
  BIN32,
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

export interface EventReader {
  bytes: Buffer;
  position: number;
}

/** `bytes[start, end)`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface TextRange extends Range {
  readonly encoding: 'utf8' | 'latin1' | 'utf16le';
}

const BRAND_BYTES = 4;

/** Text in an EXT8 has at least one byte. */
function isBrand({ bytes, position }: EventReader): boolean {
  return bytes[position] === EXT8 && bytes[position + 1] === 1;
}

/** If the next value is nil, moves behind it and returns true. The brand of wrapped media counts as nil, as it is not shown. */
export function readNil(reader: EventReader): boolean {
  if (reader.bytes[reader.position] === NIL) reader.position++;
  else if (isBrand(reader)) reader.position += BRAND_BYTES;
  else return false;
  return true;
}

export function isText(reader: EventReader): boolean {
  const tag = reader.bytes[reader.position] as number;
  return (
    (tag >= FIXSTR && tag <= FIXSTR + MAX_FIXSTR) ||
    tag === STR8 ||
    tag === STR32 ||
    tag === EXT32 ||
    (tag === EXT8 && !isBrand(reader))
  );
}

export function isMap({ bytes, position }: EventReader): boolean {
  return bytes[position] === MAP32;
}

export function isArray({ bytes, position }: EventReader): boolean {
  const tag = bytes[position] as number;
  return (tag >= FIXARRAY && tag <= FIXARRAY + MAX_FIXARRAY) || tag === ARRAY32;
}

export function isBoolean({ bytes, position }: EventReader): boolean {
  return bytes[position] === TRUE || bytes[position] === FALSE;
}

export function isBytes({ bytes, position }: EventReader): boolean {
  return bytes[position] === BIN8 || bytes[position] === BIN32;
}

export function readArrayHeader(reader: EventReader): number {
  const tag = readByte(reader);
  if (tag >= FIXARRAY && tag <= FIXARRAY + MAX_FIXARRAY) return tag - FIXARRAY;
  if (tag === ARRAY32) return readUint32(reader);
  return unexpected(reader, 'an array');
}

export function readMapHeader(reader: EventReader): number {
  return readByte(reader) === MAP32 ? readUint32(reader) : unexpected(reader, 'a map');
}

export function readNumber(reader: EventReader): number {
  const tag = readByte(reader);
  if (tag <= MAX_FIXINT) return tag;
  if (tag === INT32) return readUint32(reader) | 0;
  if (tag === FLOAT64) return readFloat64(reader);
  return unexpected(reader, 'a number');
}

export function readBoolean(reader: EventReader): boolean {
  const tag = readByte(reader);
  return tag === TRUE || tag === FALSE ? tag === TRUE : unexpected(reader, 'a boolean');
}

export function readBytes(reader: EventReader): Range {
  const tag = readByte(reader);
  if (tag !== BIN8 && tag !== BIN32) return unexpected(reader, 'bytes');
  const length = tag === BIN8 ? readByte(reader) : readUint32(reader);
  return advance(reader, length);
}

export function readText(reader: EventReader): TextRange {
  const tag = readByte(reader);
  if (tag >= FIXSTR && tag <= FIXSTR + MAX_FIXSTR) return textRange(reader, 'utf8', tag - FIXSTR);
  if (tag === STR8) return textRange(reader, 'utf8', readByte(reader));
  if (tag === STR32) return textRange(reader, 'utf8', readUint32(reader));
  if (tag !== EXT8 && tag !== EXT32) return unexpected(reader, 'text');
  const length = tag === EXT8 ? readByte(reader) : readUint32(reader);
  const type = readByte(reader);
  const code = readByte(reader);
  if (type === TYPED_ARRAY && code === LATIN1_TEXT) return textRange(reader, 'latin1', length - 1);
  if (type === TYPED_ARRAY && code === UTF16_TEXT) return textRange(reader, 'utf16le', length - 1);
  return unexpected(reader, 'text');
}

/** Moves behind the next value of any type. */
export function skip(reader: EventReader): void {
  reader.position = endOf(reader.bytes, reader.position);
}

/** Returns where the value that starts there ends. The frequent tags come first: it runs for most values of a record. */
function endOf(bytes: Buffer, start: number): number {
  const tag = bytes[start] as number;
  if (tag <= MAX_FIXINT || tag === NIL || tag === TRUE || tag === FALSE) return start + 1;
  if (tag >= FIXSTR && tag <= FIXSTR + MAX_FIXSTR) return within(bytes, start + 1, tag - FIXSTR);
  if (tag >= FIXARRAY && tag <= FIXARRAY + MAX_FIXARRAY) return endOfValues(bytes, start + 1, tag - FIXARRAY);
  switch (tag) {
    case MAP32:
      return endOfValues(bytes, start + 5, 2 * bytes.readUInt32BE(start + 1));
    case ARRAY32:
      return endOfValues(bytes, start + 5, bytes.readUInt32BE(start + 1));
    case FLOAT64:
      return within(bytes, start + 1, 8);
    case INT32:
      return within(bytes, start + 1, 4);
    case STR8:
    case BIN8:
      return within(bytes, start + 2, bytes[start + 1] as number);
    // The byte behind the length says which extension it is.
    case EXT8:
      return within(bytes, start + 3, bytes[start + 1] as number);
    case EXT32:
      return within(bytes, start + 6, bytes.readUInt32BE(start + 1));
    case STR32:
    case BIN32:
      return within(bytes, start + 5, bytes.readUInt32BE(start + 1));
    default:
      return unexpected({ bytes, position: start }, 'a value');
  }
}

function endOfValues(bytes: Buffer, start: number, count: number): number {
  let end = start;
  for (let left = count; left > 0; left--) end = endOf(bytes, end);
  return end;
}

function within(bytes: Buffer, start: number, length: number): number {
  const end = start + length;
  return end > bytes.length ? unexpected({ bytes, position: start }, `${length} bytes`) : end;
}

/** Returns the bytes of the next value. */
export function bytesOfNext(reader: EventReader): Buffer {
  const start = reader.position;
  skip(reader);
  return reader.bytes.subarray(start, reader.position);
}

function unexpected({ bytes, position }: EventReader, expected: string): never {
  throw new Error(`expected ${expected} at byte ${position} of an event of ${bytes.byteLength}`);
}

function textRange(reader: EventReader, encoding: TextRange['encoding'], bytes: number): TextRange {
  const { start, end } = advance(reader, bytes);
  return { encoding, start, end };
}

/** Moves behind the next bytes. Throws if there are not as many. */
function advance(reader: EventReader, bytes: number): Range {
  const start = reader.position;
  if (start + bytes > reader.bytes.length) return unexpected(reader, `${bytes} bytes`);
  reader.position = start + bytes;
  return { start, end: reader.position };
}

function readByte(reader: EventReader): number {
  return reader.bytes[reader.position++] as number;
}

function readUint32(reader: EventReader): number {
  reader.position += 4;
  return reader.bytes.readUInt32BE(reader.position - 4);
}

function readFloat64(reader: EventReader): number {
  reader.position += 8;
  return reader.bytes.readDoubleBE(reader.position - 8);
}
