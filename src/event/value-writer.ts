/** Writes any JavaScript value as an event, or as a part of one. */
import { mediaOf } from '../shared/contract/media.js';
import {
  beginMap,
  type EventWriter,
  endMap,
  NO_ROOM,
  writeArrayHeader,
  writeBoolean,
  writeBytes,
  writeFrozen,
  writeKey,
  writeNil,
  writeNumber,
  writeText,
} from './event-writer.js';
import { Frozen } from './frozen.js';
import { MAX_SERIALIZABLE_DEPTH, placeholder, toSerializable } from './serializable.js';
import { writeMedia } from './wrapped-media.js';

/** Thrown at a value that only `toSerializable` can express. Created once: a stack trace costs more than the event. */
const EXOTIC = new TypeError('not a plain value');

/** `toSerializable` handles deeper values, and so cycles. A cycle is written up to this depth before it is found. */
const MAX_PLAIN_DEPTH = 16;

const { hasOwnProperty: hasOwn, toString: tagOf } = Object.prototype;

/**
 * Writes any value as JSON.stringify would see it, with a placeholder where JSON.stringify would throw or drop. Throws
 * `NO_ROOM`, and nothing else.
 */
export function writeValue(out: EventWriter, value: unknown): void {
  const { position } = out;
  const texts = out.texts?.length ?? 0;
  try {
    writePlain(out, value, MAX_PLAIN_DEPTH);
  } catch (error) {
    // A cycle may have filled the buffer. If the writer cannot grow, its caller tries again with one that can.
    if (error === NO_ROOM && out.growsToBytes === 0) throw error;
    out.position = position;
    out.texts?.splice(texts);
    writePlain(out, toSerializable(value), MAX_SERIALIZABLE_DEPTH);
  }
}

function writePlain(out: EventWriter, value: unknown, depthLeft: number): void {
  // Not `switch`: V8 then makes a text of the type and compares texts.
  if (typeof value === 'string') writeText(out, value);
  else if (typeof value === 'number') writeNumber(out, value);
  else if (typeof value === 'boolean') writeBoolean(out, value);
  else if (value === undefined || value === null) writeNil(out);
  else if (typeof value === 'object') writeStructure(out, value, depthLeft);
  else if (hasToJSON(value)) throw EXOTIC;
  else writeText(out, placeholder(value));
}

function writeStructure(out: EventWriter, value: object, depthLeft: number): void {
  if (depthLeft === 0) throw EXOTIC;
  if (Array.isArray(value)) writeArray(out, value, depthLeft - 1);
  else writeObject(out, value, depthLeft - 1);
}

/** A function or BigInt may have a toJSON. At the revoked proxy of a function this throws. */
function hasToJSON(value: unknown): boolean {
  return typeof value !== 'symbol' && (value as { toJSON?: unknown }).toJSON !== undefined;
}

function writeArray(out: EventWriter, array: readonly unknown[], depthLeft: number): void {
  if ((array as { toJSON?: unknown }).toJSON !== undefined) throw EXOTIC;
  // Read once: a getter in it may change it.
  const { length } = array;
  writeArrayHeader(out, length);
  for (let i = 0; i < length; i++) writePlain(out, array[i], depthLeft);
}

function writeObject(out: EventWriter, object: object, depthLeft: number): void {
  const prototype = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null) writeMembers(out, object, depthLeft);
  else if (object instanceof Frozen) writeFrozen(out, object);
  else if (object instanceof Uint8Array && hasOrdinaryJSON(object)) writeBytes(out, object);
  else if (object instanceof Date && object.toJSON === Date.prototype.toJSON)
    writePlain(out, object.toJSON(), 0);
  else writeInstance(out, object, depthLeft);
}

/** Writes an instance of a class, the application's or ours. */
function writeInstance(out: EventWriter, object: object, depthLeft: number): void {
  const media = mediaOf(object);
  if (media !== undefined) writeMedia(out, media);
  else if (tagOf.call(object) === '[object Object]') writeMembers(out, object, depthLeft);
  else throw EXOTIC;
}

/** Whether it has no toJSON, or Buffer's, whose result an exporter writes for bytes anyway. */
function hasOrdinaryJSON(bytes: Uint8Array): boolean {
  const { toJSON } = bytes as { toJSON?: unknown };
  return toJSON === undefined || toJSON === Buffer.prototype.toJSON;
}

function writeMembers(out: EventWriter, object: object, depthLeft: number): void {
  if (typeof (object as { toJSON?: unknown }).toJSON === 'function') throw EXOTIC;
  const start = beginMap(out);
  let members = 0;
  for (const key in object) {
    if (!hasOwn.call(object, key)) continue;
    const member = (object as Record<string, unknown>)[key];
    if (member === undefined) continue;
    writeKey(out, key);
    writePlain(out, member, depthLeft);
    members++;
  }
  endMap(out, start, members);
}
