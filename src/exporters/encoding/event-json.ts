/** A value of an event as JSON text, byte by byte: as JSON.stringify would write it, but for half a character: U+FFFD. */
import {
  type EventReader,
  isArray,
  isBoolean,
  isBytes,
  isMap,
  isText,
  readArrayHeader,
  readBoolean,
  readBytes,
  readMapHeader,
  readNil,
  readNumber,
  readText,
} from '../../event/event-reader.js';
import { writeJsonText } from './event-text.js';
import { type ProtobufWriter, writeAscii, writeByte } from './protobuf-writer.js';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export function writeJson(writer: ProtobufWriter, reader: EventReader): void {
  if (isText(reader)) writeJsonText(writer, reader, readText(reader));
  else if (isMap(reader)) writeObject(writer, reader);
  else if (isArray(reader)) writeArray(writer, reader);
  else if (readNil(reader)) writeAscii(writer, 'null');
  else if (isBoolean(reader)) writeAscii(writer, String(readBoolean(reader)));
  else if (isBytes(reader)) writeBytes(writer, reader);
  else writeAscii(writer, String(readNumber(reader)));
}

/** As JSON.stringify writes a Buffer. */
function writeBytes(writer: ProtobufWriter, reader: EventReader): void {
  const { start, end } = readBytes(reader);
  writeAscii(writer, JSON.stringify(reader.bytes.subarray(start, end)));
}

function writeArray(writer: ProtobufWriter, reader: EventReader): void {
  const length = readArrayHeader(reader);
  writeByte(writer, OPEN_ARRAY);
  for (let i = 0; i < length; i++) {
    if (i > 0) writeByte(writer, COMMA);
    writeJson(writer, reader);
  }
  writeByte(writer, CLOSE_ARRAY);
}

function writeObject(writer: ProtobufWriter, reader: EventReader): void {
  writeMembers(writer, reader, false);
}

/** An object, without its members that are null. */
export function writeJsonWithoutNulls(writer: ProtobufWriter, reader: EventReader): void {
  writeMembers(writer, reader, true);
}

function writeMembers(writer: ProtobufWriter, reader: EventReader, withoutNulls: boolean): void {
  const members = readMapHeader(reader);
  writeByte(writer, OPEN_OBJECT);
  let isFirst = true;
  for (let i = 0; i < members; i++) {
    const name = readText(reader);
    if (withoutNulls && readNil(reader)) continue;
    if (!isFirst) writeByte(writer, COMMA);
    isFirst = false;
    writeJsonText(writer, reader, name);
    writeByte(writer, COLON);
    writeJson(writer, reader);
  }
  writeByte(writer, CLOSE_OBJECT);
}
