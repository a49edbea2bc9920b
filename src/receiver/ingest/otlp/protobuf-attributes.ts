/** OTLP attributes in protobuf: KeyValue, AnyValue and its lists. Field numbers: opentelemetry-proto, common.proto. */

import type { Attributes, AttributeValue } from './otlp-span.js';
import {
  type ProtobufReader,
  readBytes,
  readDouble,
  readInt64,
  readMessage,
  readString,
  readVarint32,
  skipField,
} from './protobuf-reader.js';

export const varint = 0;
export const fixed64 = 1;
export const lengthDelimited = 2;

/** A field as it stands on the wire: its number and how its value is written. */
export const tag = (field: number, wireType: number) => (field << 3) | wireType;

interface KeyValue {
  key: string;
  value: AttributeValue;
}

const keyValueKey = tag(1, lengthDelimited);
const keyValueValue = tag(2, lengthDelimited);

export function readAttribute(reader: ProtobufReader, attributes: Attributes, depth: number): void {
  const { key, value } = readMessage(reader, { key: '', value: null } as KeyValue, readKeyValueField, depth);
  attributes.set(key, value);
}

function readKeyValueField(reader: ProtobufReader, fieldTag: number, pair: KeyValue, depth: number): void {
  if (fieldTag === keyValueKey) pair.key = readString(reader);
  else if (fieldTag === keyValueValue) readMessage(reader, pair, readAnyValueField, depth);
  else skipField(reader, fieldTag);
}

const anyString = tag(1, lengthDelimited);
const anyBool = tag(2, varint);
const anyInt = tag(3, varint);
const anyDouble = tag(4, fixed64);
const anyArray = tag(5, lengthDelimited);
const anyKeyValueList = tag(6, lengthDelimited);
const anyBytes = tag(7, lengthDelimited);

/** An AnyValue is a oneof: each field replaces the value, and none at all means null. */
function readAnyValueField(
  reader: ProtobufReader,
  fieldTag: number,
  into: { value: AttributeValue },
  depth: number,
): void {
  if (fieldTag === anyString) into.value = readString(reader);
  else if (fieldTag === anyBool) into.value = readVarint32(reader) !== 0;
  else if (fieldTag === anyInt) into.value = readInt64(reader);
  else if (fieldTag === anyDouble) into.value = readDouble(reader);
  else if (fieldTag === anyArray) {
    into.value = readMessage(reader, [] as AttributeValue[], readArrayField, depth);
  } else if (fieldTag === anyKeyValueList) {
    const pairs = readMessage(reader, new Map() as Attributes, readKeyValueListField, depth);
    into.value = Object.fromEntries(pairs);
  } else if (fieldTag === anyBytes) into.value = readBytes(reader);
  else skipField(reader, fieldTag);
}

const listValues = tag(1, lengthDelimited);

function readArrayField(
  reader: ProtobufReader,
  fieldTag: number,
  values: AttributeValue[],
  depth: number,
): void {
  if (fieldTag === listValues) {
    const holder: { value: AttributeValue } = { value: null };
    values.push(readMessage(reader, holder, readAnyValueField, depth).value);
  } else skipField(reader, fieldTag);
}

function readKeyValueListField(
  reader: ProtobufReader,
  fieldTag: number,
  pairs: Attributes,
  depth: number,
): void {
  if (fieldTag === listValues) readAttribute(reader, pairs, depth);
  else skipField(reader, fieldTag);
}
