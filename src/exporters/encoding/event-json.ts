/** Writes a value of an event as JSON text, byte by byte: as JSON.stringify does, but with U+FFFD for half a character. */
import { type EventReader, readMapHeader, readNil, readText } from '../../event/event-reader.js';
import { type ValueVisitor, visitValue } from '../../event/value-visitor.js';
import { writeJsonText } from './event-text.js';
import { type ProtobufWriter, writeAscii, writeByte } from './protobuf-writer.js';
import { assembly, copyOutput } from './webassembly.js';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export function writeJson(writer: ProtobufWriter, reader: EventReader): void {
  if (!writeByAssembly(writer, reader)) visitValue(writer, reader, JSON_VISITOR);
}

/** Returns false if it has written nothing. */
function writeByAssembly(writer: ProtobufWriter, reader: EventReader): boolean {
  const { bytes } = reader;
  if (assembly === undefined || bytes !== assembly.loaded) return false;
  const { record, output, words, readEnd } = assembly;
  const end = assembly.json(record + reader.position, record + bytes.length, output);
  if (end === 0) return false;
  copyOutput(writer, end);
  reader.position = (words[readEnd] as number) - record;
  return true;
}

/** Writes an object without its members that are null. */
export function writeJsonWithoutNulls(writer: ProtobufWriter, reader: EventReader): void {
  writeMembers(writer, reader, readMapHeader(reader), true);
}

const JSON_VISITOR: ValueVisitor<ProtobufWriter> = {
  text: writeJsonText,
  map: (writer, reader, members) => writeMembers(writer, reader, members, false),
  array: writeArray,
  nil: (writer) => writeAscii(writer, 'null'),
  boolean: (writer, value) => writeAscii(writer, String(value)),
  // As JSON.stringify writes a Buffer.
  bytes: (writer, reader, { start, end }) =>
    writeAscii(writer, JSON.stringify(reader.bytes.subarray(start, end))),
  number: (writer, value) => writeAscii(writer, String(value)),
};

function writeArray(writer: ProtobufWriter, reader: EventReader, length: number): void {
  writeByte(writer, OPEN_ARRAY);
  for (let i = 0; i < length; i++) {
    if (i > 0) writeByte(writer, COMMA);
    visitValue(writer, reader, JSON_VISITOR);
  }
  writeByte(writer, CLOSE_ARRAY);
}

function writeMembers(
  writer: ProtobufWriter,
  reader: EventReader,
  members: number,
  withoutNulls: boolean,
): void {
  writeByte(writer, OPEN_OBJECT);
  let isFirst = true;
  for (let i = 0; i < members; i++) {
    const name = readText(reader);
    if (withoutNulls && readNil(reader)) continue;
    if (!isFirst) writeByte(writer, COMMA);
    isFirst = false;
    writeJsonText(writer, reader, name);
    writeByte(writer, COLON);
    visitValue(writer, reader, JSON_VISITOR);
  }
  writeByte(writer, CLOSE_OBJECT);
}
