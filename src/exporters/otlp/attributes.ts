/** Writes a span's attributes (opentelemetry-proto, common/v1/common.proto: KeyValue, AnyValue) as protobuf. */
import {
  beginMessage,
  createProtobufWriter,
  endMessage,
  finish,
  type ProtobufWriter,
  writeBool,
  writeRaw,
  writeString,
  writeUint,
} from '../encoding/protobuf-writer.js';

/** Numbers must be integers, and not negative. */
export type AttributeValue = string | boolean | number | readonly string[];

/** Fields of a KeyValue. */
export const KEY = 1;
export const VALUE = 2;

export const ANY_VALUE_FIELD = {
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  array: 5,
  kvlist: 6,
  bytes: 7,
} as const;

const ARRAY_VALUES = 1;

/** Writes one KeyValue in a repeated field. */
export function writeAttribute(
  writer: ProtobufWriter,
  field: number,
  key: string,
  value: AttributeValue,
): void {
  const pair = beginMessage(writer, field);
  writeString(writer, KEY, key);
  const any = beginMessage(writer, VALUE);
  if (typeof value === 'string') {
    writeString(writer, ANY_VALUE_FIELD.string, value);
  } else if (typeof value === 'boolean') {
    writeBool(writer, ANY_VALUE_FIELD.bool, value);
  } else if (typeof value === 'number') {
    writeUint(writer, ANY_VALUE_FIELD.int, value);
  } else {
    const array = beginMessage(writer, ANY_VALUE_FIELD.array);
    for (const one of value) {
      const item = beginMessage(writer, ARRAY_VALUES);
      writeString(writer, ANY_VALUE_FIELD.string, one);
      endMessage(writer, item);
    }
    endMessage(writer, array);
  }
  endMessage(writer, any);
  endMessage(writer, pair);
}

/** Writes the constants, one after the other, when the exporter is loaded. */
const constants = createProtobufWriter();

/** Encodes an attribute that never changes, to be written with `writeRaw`. */
export function encodeAttribute(field: number, key: string, value: AttributeValue): Buffer {
  writeAttribute(constants, field, key, value);
  return finish(constants);
}

/** Encodes an attribute's key, to be passed to `beginTextAttribute`. */
export function encodeKey(key: string): Buffer {
  writeString(constants, KEY, key);
  return finish(constants);
}

/** The open messages around an attribute's text: where the content of each starts. */
interface OpenAttribute {
  readonly pair: number;
  readonly any: number;
  readonly text: number;
}

/** Starts an attribute whose value is the text that the caller writes next. */
export function beginTextAttribute(writer: ProtobufWriter, field: number, key: Uint8Array): OpenAttribute {
  const pair = beginMessage(writer, field);
  writeRaw(writer, key);
  return beginText(writer, pair);
}

/** Starts an attribute whose key begins with `prefix` and goes on with what the caller writes next. */
export function beginKey(
  writer: ProtobufWriter,
  field: number,
  prefix: Uint8Array,
): { pair: number; key: number } {
  const pair = beginMessage(writer, field);
  const key = beginMessage(writer, KEY);
  writeRaw(writer, prefix);
  return { pair, key };
}

/** Ends that key; the value is the text that the caller writes next. */
export function endKey(writer: ProtobufWriter, { pair, key }: { pair: number; key: number }): OpenAttribute {
  endMessage(writer, key);
  return beginText(writer, pair);
}

export function endTextAttribute(writer: ProtobufWriter, { pair, any, text }: OpenAttribute): void {
  endMessage(writer, text);
  endMessage(writer, any);
  endMessage(writer, pair);
}

function beginText(writer: ProtobufWriter, pair: number): OpenAttribute {
  const any = beginMessage(writer, VALUE);
  return { pair, any, text: beginMessage(writer, ANY_VALUE_FIELD.string) };
}
