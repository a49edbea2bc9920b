/** Values of an event as OTLP's AnyValue in JSON. */
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
import { writeJsonText } from '../encoding/event-text.js';
import { type ProtobufWriter, writeAscii, writeByte } from '../encoding/protobuf-writer.js';
import { isInt64 } from './values.js';

const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** The members of a map, as an array of KeyValues. */
export function writeAttributesJson(writer: ProtobufWriter, reader: EventReader): void {
  writeByte(writer, OPEN_ARRAY);
  for (let left = readMapHeader(reader), first = true; left > 0; left--, first = false) {
    if (!first) writeByte(writer, COMMA);
    writeAscii(writer, '{"key":');
    writeJsonText(writer, reader, readText(reader));
    writeAscii(writer, ',"value":');
    writeAnyValue(writer, reader);
    writeByte(writer, CLOSE_OBJECT);
  }
  writeByte(writer, CLOSE_ARRAY);
}

function writeAnyValue(writer: ProtobufWriter, reader: EventReader): void {
  if (isText(reader)) {
    writeAscii(writer, '{"stringValue":');
    writeJsonText(writer, reader, readText(reader));
    writeByte(writer, CLOSE_OBJECT);
  } else if (isBoolean(reader)) {
    writeAscii(writer, `{"boolValue":${readBoolean(reader)}}`);
  } else if (isArray(reader)) {
    writeArray(writer, reader);
  } else if (isMap(reader)) {
    writeAscii(writer, '{"kvlistValue":{"values":');
    writeAttributesJson(writer, reader);
    writeAscii(writer, '}}');
  } else if (isBytes(reader)) {
    const { start, end } = readBytes(reader);
    writeAscii(writer, `{"bytesValue":"${reader.bytes.toString('base64', start, end)}"}`);
  } else if (readNil(reader)) {
    writeAscii(writer, '{}');
  } else {
    writeAscii(writer, numberValue(readNumber(reader)));
  }
}

function writeArray(writer: ProtobufWriter, reader: EventReader): void {
  writeAscii(writer, '{"arrayValue":{"values":[');
  for (let left = readArrayHeader(reader), first = true; left > 0; left--, first = false) {
    if (!first) writeByte(writer, COMMA);
    writeAnyValue(writer, reader);
  }
  writeAscii(writer, ']}}');
}

function numberValue(value: number): string {
  if (isInt64(value)) {
    // From 2^53 on, the digits of a number are not all its own.
    return `{"intValue":"${Number.isSafeInteger(value) ? value : BigInt(value)}"}`;
  }
  return `{"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}}`;
}
