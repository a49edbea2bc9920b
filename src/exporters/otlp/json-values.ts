/** Writes values of an event as OTLP's AnyValue in JSON. */
import { type EventReader, readMapHeader, readText } from '../../event/event-reader.js';
import { type ValueVisitor, visitValue } from '../../event/value-visitor.js';
import { writeJsonText } from '../encoding/event-text.js';
import { type ProtobufWriter, writeAscii, writeByte } from '../encoding/protobuf-writer.js';
import { isInt64 } from './values.js';

const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Writes the members of a map as an array of KeyValues. */
export function writeAttributesJson(writer: ProtobufWriter, reader: EventReader): void {
  writeMembers(writer, reader, readMapHeader(reader));
}

const ANY_VALUE_VISITOR: ValueVisitor<ProtobufWriter> = {
  text(writer, reader, text) {
    writeAscii(writer, '{"stringValue":');
    writeJsonText(writer, reader, text);
    writeByte(writer, CLOSE_OBJECT);
  },
  map(writer, reader, members) {
    writeAscii(writer, '{"kvlistValue":{"values":');
    writeMembers(writer, reader, members);
    writeAscii(writer, '}}');
  },
  array(writer, reader, length) {
    writeAscii(writer, '{"arrayValue":{"values":[');
    for (let left = length, first = true; left > 0; left--, first = false) {
      if (!first) writeByte(writer, COMMA);
      visitValue(writer, reader, ANY_VALUE_VISITOR);
    }
    writeAscii(writer, ']}}');
  },
  nil: (writer) => writeAscii(writer, '{}'),
  boolean: (writer, value) => writeAscii(writer, `{"boolValue":${value}}`),
  bytes: (writer, reader, { start, end }) =>
    writeAscii(writer, `{"bytesValue":"${reader.bytes.toString('base64', start, end)}"}`),
  number: (writer, value) => writeAscii(writer, numberValue(value)),
};

function writeMembers(writer: ProtobufWriter, reader: EventReader, members: number): void {
  writeByte(writer, OPEN_ARRAY);
  for (let left = members, first = true; left > 0; left--, first = false) {
    if (!first) writeByte(writer, COMMA);
    writeAscii(writer, '{"key":');
    writeJsonText(writer, reader, readText(reader));
    writeAscii(writer, ',"value":');
    visitValue(writer, reader, ANY_VALUE_VISITOR);
    writeByte(writer, CLOSE_OBJECT);
  }
  writeByte(writer, CLOSE_ARRAY);
}

function numberValue(value: number): string {
  if (isInt64(value)) {
    // From 2^53 on, the digits of a number are not all its own.
    return `{"intValue":"${Number.isSafeInteger(value) ? value : BigInt(value)}"}`;
  }
  return `{"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}}`;
}
