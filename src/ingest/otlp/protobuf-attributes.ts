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

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;

/** A field's tag on the wire: its number and its wire type. */
export const tag = (field: number, wireType: number) => (field << 3) | wireType;

interface KeyValue {
  key: string;
  value: AttributeValue;
}

const KEY_VALUE_KEY = tag(1, LENGTH_DELIMITED);
const KEY_VALUE_VALUE = tag(2, LENGTH_DELIMITED);

export function readAttribute(reader: ProtobufReader, attributes: Attributes, depth: number): void {
  const { key, value } = readMessage(reader, { key: '', value: null } as KeyValue, readKeyValueField, depth);
  attributes.set(key, value);
}

function readKeyValueField(reader: ProtobufReader, fieldTag: number, pair: KeyValue, depth: number): void {
  if (fieldTag === KEY_VALUE_KEY) pair.key = readString(reader);
  else if (fieldTag === KEY_VALUE_VALUE) readMessage(reader, pair, readAnyValueField, depth);
  else skipField(reader, fieldTag);
}

const ANY_STRING = tag(1, LENGTH_DELIMITED);
const ANY_BOOL = tag(2, VARINT);
const ANY_INT = tag(3, VARINT);
const ANY_DOUBLE = tag(4, FIXED64);
const ANY_ARRAY = tag(5, LENGTH_DELIMITED);
const ANY_KEY_VALUE_LIST = tag(6, LENGTH_DELIMITED);
const ANY_BYTES = tag(7, LENGTH_DELIMITED);

/** An AnyValue is a oneof: each field replaces the value; without any field the value is null. */
function readAnyValueField(
  reader: ProtobufReader,
  fieldTag: number,
  into: { value: AttributeValue },
  depth: number,
): void {
  if (fieldTag === ANY_STRING) into.value = readString(reader);
  else if (fieldTag === ANY_BOOL) into.value = readVarint32(reader) !== 0;
  else if (fieldTag === ANY_INT) into.value = readInt64(reader);
  else if (fieldTag === ANY_DOUBLE) into.value = readDouble(reader);
  else if (fieldTag === ANY_ARRAY) {
    into.value = readMessage(reader, [] as AttributeValue[], readArrayField, depth);
  } else if (fieldTag === ANY_KEY_VALUE_LIST) {
    const pairs = readMessage(reader, new Map() as Attributes, readKeyValueListField, depth);
    into.value = Object.fromEntries(pairs);
  } else if (fieldTag === ANY_BYTES) into.value = readBytes(reader);
  else skipField(reader, fieldTag);
}

const LIST_VALUES = tag(1, LENGTH_DELIMITED);

function readArrayField(
  reader: ProtobufReader,
  fieldTag: number,
  values: AttributeValue[],
  depth: number,
): void {
  if (fieldTag === LIST_VALUES) {
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
  if (fieldTag === LIST_VALUES) readAttribute(reader, pairs, depth);
  else skipField(reader, fieldTag);
}
