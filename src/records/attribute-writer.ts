/**
 * Writes attributes as they stand on a span. What OTLP has no value for is written as none, as the official
 * transformer does it.
 */
import {
  beginMap,
  type EventWriter,
  endMap,
  writeArrayHeader,
  writeBoolean,
  writeBytes,
  writeFloat,
  writeKey,
  writeNil,
  writeNumber,
  writeText,
} from '../event/event-writer.js';

/**
 * Deeper values are left out. In protobuf a map in a map is three messages, and many a decoder takes no more than a
 * hundred, one in the other.
 */
const MAX_DEPTH = 30;
const TOO_DEEP = '[Too deep]';

const { hasOwnProperty: hasOwn } = Object.prototype;

export function writeAttributes(out: EventWriter, attributes: object | undefined | null): void {
  writeMap(out, attributes ?? {}, MAX_DEPTH);
}

function writeMap(out: EventWriter, object: object, depthLeft: number): void {
  const start = beginMap(out);
  let members = 0;
  for (const key in object) {
    if (!hasOwn.call(object, key)) continue;
    writeKey(out, key);
    writeAny(out, (object as Record<string, unknown>)[key], depthLeft);
    members++;
  }
  endMap(out, start, members);
}

function writeAny(out: EventWriter, value: unknown, depthLeft: number): void {
  switch (typeof value) {
    case 'string':
      writeText(out, value);
      break;
    case 'number':
      // A number that JSON has none for is one in protobuf.
      if ((value | 0) === value) writeNumber(out, value);
      else writeFloat(out, value);
      break;
    case 'boolean':
      writeBoolean(out, value);
      break;
    case 'object':
      if (value === null) writeNil(out);
      else if (value instanceof Uint8Array) writeBytes(out, value);
      else if (depthLeft === 0) writeText(out, TOO_DEEP);
      else if (Array.isArray(value)) writeArray(out, value, depthLeft - 1);
      else writeMap(out, value, depthLeft - 1);
      break;
    default:
      writeNil(out);
  }
}

function writeArray(out: EventWriter, array: readonly unknown[], depthLeft: number): void {
  // Read once: a getter in it may change it.
  const { length } = array;
  writeArrayHeader(out, length);
  for (let i = 0; i < length; i++) writeAny(out, array[i], depthLeft);
}
