/** Decodes what the application's thread has written as MessagePack (event/event-format). */
// Not the main entry: it takes 14 ms to load native code for MessagePack's own strings, and long text is no such string.
import { Unpackr } from 'msgpackr/unpack';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { recognizeMedia } from './wrapped-media.js';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });
const mapUnpackr = new Unpackr({ useRecords: false, mapsAsObjects: false });

const PROTO = Buffer.from('__proto__');

/** `bytes` should not be shared memory: msgpackr takes six times as long with it (measured). */
export function decodeEvent(bytes: Buffer): unknown {
  // msgpackr renames this key in objects, as an assignment would change their prototype.
  return restore((bytes.includes(PROTO) ? mapUnpackr : unpackr).unpack(bytes));
}

/** Decodes a part of an event. If that fails, it returns a text that says so, so that the event is not lost. */
export function decodePart(bytes: Uint8Array): unknown {
  try {
    return decodeEvent(Buffer.from(bytes));
  } catch (error) {
    return `[Undecodable: ${messageOf(error)}]`;
  }
}

/** Turns the typed arrays and Maps that msgpackr decodes into strings and objects. */
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
