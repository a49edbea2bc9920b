/** Wrapped media (shared/contract/media): on the ring a map with a brand among its values, in the worker an object of a known set. */
import { MEDIA_KEY, MEDIA_MEMBERS, type MediaContent } from '../shared/contract/media.js';
import {
  beginMap,
  type EventWriter,
  endMap,
  writeBrand,
  writeBytes,
  writeKey,
  writeText,
} from './event-writer.js';

/** Objects that were decoded from a map with the brand, and copies of them. */
const decoded = new WeakSet<object>();

export function writeMedia(out: EventWriter, content: MediaContent): void {
  const start = beginMap(out);
  let members = 1;
  writeKey(out, MEDIA_KEY);
  writeBrand(out);
  for (const name of MEDIA_MEMBERS) {
    const member = content[name];
    if (member === undefined) continue;
    writeKey(out, name);
    if (typeof member === 'string') writeText(out, member);
    else writeBytes(out, member);
    members++;
  }
  endMap(out, start, members);
}

/** Called for each decoded object. Removes the brand of an object that has it, and remembers the object. */
export function recognizeMedia(object: Record<string, unknown>): void {
  if (!(object[MEDIA_KEY] instanceof Int8Array)) return;
  delete object[MEDIA_KEY];
  decoded.add(object);
}

export function isDecodedMedia(object: object): boolean {
  return decoded.has(object);
}

/** Returns `to`; if `from` is wrapped media, `to` is from here on as well. */
export function keepMedia<T extends object>(from: object, to: T): T {
  if (decoded.has(from)) decoded.add(to);
  return to;
}
