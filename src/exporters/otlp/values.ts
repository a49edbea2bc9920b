/** Writes values of an event as OTLP's AnyValue in protobuf: from the bytes on the ring to those on the wire. */
import { type EventReader, readMapHeader, readText, type TextRange } from '../../event/event-reader.js';
import { type ValueVisitor, visitValue } from '../../event/value-visitor.js';
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

/** Writes the members of a map as KeyValues in a repeated field. */
export function writeAttributes(writer: ProtobufWriter, field: number, reader: EventReader): void {
  writeMembers(writer, field, reader, readMapHeader(reader));
}

/** The rule of the official transformer: a number is an integer if it is whole and OTLP has room for it. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -MAX_INT64 && value < MAX_INT64;
}

/** Nil becomes OTLP's empty value. */
const ANY_VALUE_VISITOR: ValueVisitor<ProtobufWriter> = {
  text: (writer, reader, text) => writeTextField(writer, ANY_VALUE_FIELD.string, reader, text),
  map(writer, reader, members) {
    const map = beginMessage(writer, ANY_VALUE_FIELD.kvlist);
    writeMembers(writer, KVLIST_VALUES, reader, members);
    endMessage(writer, map);
  },
  array(writer, reader, length) {
    const array = beginMessage(writer, ANY_VALUE_FIELD.array);
    for (let left = length; left > 0; left--) {
      const item = beginMessage(writer, ARRAY_VALUES);
      visitValue(writer, reader, ANY_VALUE_VISITOR);
      endMessage(writer, item);
    }
    endMessage(writer, array);
  },
  nil() {},
  boolean: (writer, value) => writeBool(writer, ANY_VALUE_FIELD.bool, value),
  bytes: (writer, reader, { start, end }) =>
    writeBytes(writer, ANY_VALUE_FIELD.bytes, reader.bytes, start, end),
  number(writer, value) {
    if (isInt64(value)) writeInt64(writer, ANY_VALUE_FIELD.int, value);
    else writeDouble(writer, ANY_VALUE_FIELD.double, value);
  },
};

function writeMembers(writer: ProtobufWriter, field: number, reader: EventReader, members: number): void {
  for (let left = members; left > 0; left--) {
    const pair = beginMessage(writer, field);
    writeTextField(writer, KEY, reader, readText(reader));
    const any = beginMessage(writer, VALUE);
    visitValue(writer, reader, ANY_VALUE_VISITOR);
    endMessage(writer, any);
    endMessage(writer, pair);
  }
}

function writeTextField(writer: ProtobufWriter, field: number, reader: EventReader, range: TextRange): void {
  const text = beginMessage(writer, field);
  writePlainText(writer, reader, range);
  endMessage(writer, text);
}
