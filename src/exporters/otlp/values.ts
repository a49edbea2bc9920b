/** Values of an event as OTLP's AnyValue in protobuf: from the bytes on the ring to those on the wire. */
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
import { writePlainText } from '../encoding/event-text.js';
import { writeDouble, writeInt64 } from '../encoding/protobuf-numbers.js';
import {
  beginMessage,
  endMessage,
  type ProtobufWriter,
  writeBool,
  writeBytes,
} from '../encoding/protobuf-writer.js';
import { ANY_VALUE_FIELD, KEY, VALUE } from './attributes.js';

const ARRAY_VALUES = 1;
const KVLIST_VALUES = 1;
const MAX_INT64 = 2 ** 63;

/** The members of a map as KeyValues in a repeated field. */
export function writeAttributes(writer: ProtobufWriter, field: number, reader: EventReader): void {
  for (let left = readMapHeader(reader); left > 0; left--) {
    const pair = beginMessage(writer, field);
    writeTextField(writer, KEY, reader);
    const any = beginMessage(writer, VALUE);
    writeAnyValue(writer, reader);
    endMessage(writer, any);
    endMessage(writer, pair);
  }
}

function writeTextField(writer: ProtobufWriter, field: number, reader: EventReader): void {
  const text = beginMessage(writer, field);
  writePlainText(writer, reader, readText(reader));
  endMessage(writer, text);
}

/** The rule of the official transformer: a whole number is one as far as OTLP has room for it. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -MAX_INT64 && value < MAX_INT64;
}

/** Nothing where there is no value: that is OTLP's empty one. */
function writeAnyValue(writer: ProtobufWriter, reader: EventReader): void {
  if (isText(reader)) writeTextField(writer, ANY_VALUE_FIELD.string, reader);
  else if (isBoolean(reader)) writeBool(writer, ANY_VALUE_FIELD.bool, readBoolean(reader));
  else if (isArray(reader)) writeArray(writer, reader);
  else if (isMap(reader)) writeMap(writer, reader);
  else if (isBytes(reader)) {
    const { start, end } = readBytes(reader);
    writeBytes(writer, ANY_VALUE_FIELD.bytes, reader.bytes, start, end);
  } else if (!readNil(reader)) {
    const value = readNumber(reader);
    if (isInt64(value)) writeInt64(writer, ANY_VALUE_FIELD.int, value);
    else writeDouble(writer, ANY_VALUE_FIELD.double, value);
  }
}

function writeArray(writer: ProtobufWriter, reader: EventReader): void {
  const array = beginMessage(writer, ANY_VALUE_FIELD.array);
  for (let left = readArrayHeader(reader); left > 0; left--) {
    const item = beginMessage(writer, ARRAY_VALUES);
    writeAnyValue(writer, reader);
    endMessage(writer, item);
  }
  endMessage(writer, array);
}

function writeMap(writer: ProtobufWriter, reader: EventReader): void {
  const map = beginMessage(writer, ANY_VALUE_FIELD.kvlist);
  writeAttributes(writer, KVLIST_VALUES, reader);
  endMessage(writer, map);
}
