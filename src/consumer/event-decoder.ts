/** Decodes what the application's thread had serialised with msgpackr. */
import { Unpackr } from 'msgpackr';
import { messageOf } from '../shared/errors.js';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'string' });

/** Decodes a value; whole 64-bit integers come as strings, as JSON has no other way to hold them. */
export function decodeEvent(bytes: Uint8Array): unknown {
  return unpackr.unpack(bytes);
}

/**
 * Decodes a part of an event. One that cannot be decoded does not cost the event: another library may have registered
 * an extension for its classes in the application, which this thread does not know.
 */
export function decodeFrozen(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch (error) {
    return `[Undecodable: ${messageOf(error)}]`;
  }
}
