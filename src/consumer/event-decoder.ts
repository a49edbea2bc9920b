/** Decodes what the application's thread had serialised with msgpackr. */
import { Unpackr } from 'msgpackr';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'string' });

/** Decodes a value; whole 64-bit integers come as strings, as JSON has no other way to hold them. */
export function decodeEvent(bytes: Uint8Array): unknown {
  return unpackr.unpack(bytes);
}
