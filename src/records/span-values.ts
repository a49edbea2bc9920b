/** The values that spans, their events, links, resources and scopes are made of: how they are written and read. */
import {
  type EventReader,
  readArrayHeader,
  readNil,
  readNumber,
  readText,
  skip,
  type TextRange,
} from '../event/event-reader.js';
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
import type { HrTime } from './finished-span.js';

/**
 * A value is text, a boolean, a number (also one that JSON has none for), bytes, an array or a map of values; null if it is
 * none of these, or was null.
 */
export type SpanAttributes = Readonly<Record<string, unknown>>;

/** Since 1970, as OpenTelemetry's HrTime. */
export type Seconds = number;
export type Nanoseconds = number;

/** Since 1970, whole, and together less than 2^64 nanoseconds: OTLP's times have 64 bits. */
export interface SpanTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** Bits of OTLP's `flags`; below them are the W3C trace flags. */
const TRACE_FLAGS = 0xff;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const MAX_SECONDS = 18_446_740_000;
const MAX_NANOSECONDS = 4e12;
const MAX_COUNT = 0xffff_ffff;

/**
 * Deeper values are left out. In protobuf a map in a map is three messages, and many decoders accept at most a hundred, one
 * in the other.
 */
const MAX_DEPTH = 30;
const TOO_DEEP = '[Too deep]';

const { hasOwnProperty: hasOwn } = Object.prototype;

/** Writes attributes as they are on a span. It writes nil for a value that OTLP has none for, as the official transformer does. */
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
  // Not `switch`, as in event/value-writer.
  if (typeof value === 'string') writeText(out, value);
  // Protobuf has NaN and the infinities, which JSON has not.
  else if (typeof value === 'number')
    (value | 0) === value ? writeNumber(out, value) : writeFloat(out, value);
  else if (typeof value === 'boolean') writeBoolean(out, value);
  else if (typeof value !== 'object' || value === null) writeNil(out);
  else if (value instanceof Uint8Array) writeBytes(out, value);
  else if (depthLeft === 0) writeText(out, TOO_DEEP);
  else if (Array.isArray(value)) writeArray(out, value, depthLeft - 1);
  else writeMap(out, value, depthLeft - 1);
}

function writeArray(out: EventWriter, array: readonly unknown[], depthLeft: number): void {
  // Read once: a getter in it may change it.
  const { length } = array;
  writeArrayHeader(out, length);
  for (let i = 0; i < length; i++) writeAny(out, array[i], depthLeft);
}

/**
 * OpenTelemetry's API accepts any value as a name or message, and many tracers are created without a name: a span is not lost
 * for that.
 */
export function writeName(out: EventWriter, name: unknown): void {
  writeText(out, typeof name === 'string' ? name : String(name ?? ''));
}

export function writeOptionalText(out: EventWriter, text: unknown): void {
  if (text === undefined || text === null || text === '') writeNil(out);
  else writeName(out, text);
}

export function writeTime(out: EventWriter, time: HrTime): void {
  writeNumber(out, time[0]);
  writeNumber(out, time[1]);
}

/** OTLP's flags of a span's parent or of a link's span. `isRemote` undefined: it is not remote. */
export function flagsOf(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & TRACE_FLAGS) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}

/** The flags if nothing is known of the parent but its id: a span of sdk-trace 1.x. */
export function flagsOfUnknown(traceFlags: number): number {
  return traceFlags & TRACE_FLAGS;
}

export function expectFields(reader: EventReader, expected: number, what: string): void {
  const fields = readArrayHeader(reader);
  if (fields !== expected) throw new Error(`a ${what} of ${fields} fields`);
}

/** Moves behind the next value. Returns where it starts. */
export function skipped(reader: EventReader): number {
  const { position } = reader;
  skip(reader);
  return position;
}

export function readOptionalText(reader: EventReader): TextRange | undefined {
  return readNil(reader) ? undefined : readText(reader);
}

export function readTime(reader: EventReader): SpanTime {
  return { seconds: readNatural(reader, MAX_SECONDS), nanoseconds: readNatural(reader, MAX_NANOSECONDS) };
}

export function readCount(reader: EventReader): number {
  return readNatural(reader, MAX_COUNT);
}

/** An application may set a time or a count to any value. */
function readNatural(reader: EventReader, most: number): number {
  const value = readNil(reader) ? 0 : readNumber(reader);
  return value > 0 ? Math.min(Math.floor(value), most) : 0;
}
