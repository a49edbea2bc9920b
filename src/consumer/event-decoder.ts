/** Decodes what the application's thread had serialised with msgpackr. */
import { Unpackr } from 'msgpackr/pack';
import { messageOf } from '../shared/errors.js';

/** Whole 64-bit integers come as strings: JSON has no other way to hold them. */
const OPTIONS = { useRecords: false, int64AsType: 'string' } as const;
const unpackr = new Unpackr({ ...OPTIONS, mapsAsObjects: true });
const mapUnpackr = new Unpackr({ ...OPTIONS, mapsAsObjects: false });

const PROTO = Buffer.from('__proto__');

export function decodeEvent(bytes: Buffer): unknown {
  // msgpackr renames this key in the objects that it makes, as assigning it would change their prototype.
  return bytes.includes(PROTO) ? fromMaps(mapUnpackr.unpack(bytes)) : unpackr.unpack(bytes);
}

/**
 * Decodes a part of an event. One that cannot be decoded does not cost the event: another library may have registered
 * an extension for its classes in the application, which this thread does not know.
 */
export function decodeFrozen(bytes: Uint8Array): unknown {
  try {
    return decodeEvent(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    return `[Undecodable: ${messageOf(error)}]`;
  }
}

function fromMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromMaps);
  if (!(value instanceof Map)) return value;
  const object = {};
  for (const [key, member] of value) {
    Object.defineProperty(object, key, {
      value: fromMaps(member),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}
