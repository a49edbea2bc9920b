/** Decodes what the application's thread has written as MessagePack (event/event-format). */
// Not the main entry: that loads native code for MessagePack's own strings, for 14 ms, and long text is none of them.
import { Unpackr } from 'msgpackr/unpack';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { recognizeMedia } from './wrapped-media.js';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });
const mapUnpackr = new Unpackr({ useRecords: false, mapsAsObjects: false });

const PROTO = Buffer.from('__proto__');

/** `bytes` had better not be shared memory: msgpackr takes six times as long with it (measured). */
export function decodeEvent(bytes: Buffer): unknown {
  // msgpackr renames this key in the objects that it makes, as assigning it would change their prototype.
  return restore((bytes.includes(PROTO) ? mapUnpackr : unpackr).unpack(bytes));
}

/** Decodes a part of an event: one that cannot be decoded does not cost the event. */
export function decodePart(bytes: Uint8Array): unknown {
  try {
    return decodeEvent(Buffer.from(bytes));
  } catch (error) {
    return `[Undecodable: ${messageOf(error)}]`;
  }
}

/** Makes strings and objects of what msgpackr decodes to typed arrays and Maps. */
function restore(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8ClampedArray) return textOf(value, 'latin1');
  if (value instanceof Uint16Array) return textOf(value, 'utf16le');
  if (value instanceof Uint8Array) return value;
  if (value instanceof Map) return objectOf(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = restore(value[i]);
  } else {
    const object = value as Record<string, unknown>;
    for (const key of Object.keys(object)) object[key] = restore(object[key]);
    recognizeMedia(object);
  }
  return value;
}

function textOf(
  { buffer, byteOffset, byteLength }: Uint8ClampedArray | Uint16Array,
  encoding: BufferEncoding,
) {
  return Buffer.from(buffer, byteOffset, byteLength).toString(encoding);
}

function objectOf(map: Map<string, unknown>): object {
  const object = {};
  for (const [key, member] of map) {
    Object.defineProperty(object, key, {
      value: restore(member),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  recognizeMedia(object as Record<string, unknown>);
  return object;
}
