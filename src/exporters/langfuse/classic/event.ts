/** The envelope of a classic event: how its id, type and time are written, and found again in its bytes. */
import { randomBytes } from 'node:crypto';
import { OBSERVATION_TYPES, type ObservationType } from '../../../records/vocabulary.js';
import { setNewest } from '../../../shared/newest.js';
import { type ProtobufWriter, writeAscii, writeRaw } from '../../encoding/protobuf-writer.js';

/** The types that servers from before the autumn of 2025 know; they refuse events of other types. */
const OLDER_TYPES = ['span', 'generation', 'event'];

/** Both have the same length, so that one can overwrite the other. */
interface TypeText {
  readonly own: Buffer;
  /** The closest type of an older server. */
  readonly older: Buffer;
}

const TYPES: readonly TypeText[] = OBSERVATION_TYPES.map(typeText);

/** An event begins with its id, always of the same length, and its type. */
const HEAD = '{"id":"';
const ID_CHARACTERS = 25;
const TYPE_HEAD = '","type":';
const TYPE_AT = HEAD.length + ID_CHARACTERS + TYPE_HEAD.length;
/** Appended to the id of an observation's event, it makes the id of the event for the trace that the observation brings. */
const TRACE_SUFFIX = '-trace';

/**
 * Each encoded event gets another id: the server drops an event whose id it has seen, and an observation that is sent again has
 * changed. A retried request carries the same bytes, and so the same ids.
 */
export interface EventIds {
  readonly prefix: string;
  events: number;
}

export function createEventIds(): EventIds {
  return { prefix: randomBytes(8).toString('hex'), events: 0 };
}

export function nextEventId(ids: EventIds): string {
  ids.events = (ids.events + 1) >>> 0;
  return `${ids.prefix}-${ids.events.toString(16).padStart(8, '0')}`;
}

/** The id of the event for the trace, which follows that of the observation. */
export function traceEventId(id: string): string {
  return id + TRACE_SUFFIX;
}

/** Writes an event up to the first field of its body, which `endEvent` ends. */
export function beginEvent(writer: ProtobufWriter, id: string, type: Uint8Array): void {
  writeAscii(writer, HEAD + id + TYPE_HEAD);
  writeRaw(writer, type);
  writeAscii(writer, ',"body":{');
}

export function endEvent(writer: ProtobufWriter, timeMs: number): void {
  writeAscii(writer, `},"timestamp":"${new Date(timeMs).toISOString()}"}`);
}

/** The ids of the event or the two events that a record became. */
export function eventIdsOf({ bytes }: { readonly bytes: Uint8Array }): [string, string] {
  const id = Buffer.from(bytes.subarray(HEAD.length, HEAD.length + ID_CHARACTERS)).toString('latin1');
  return [id, traceEventId(id)];
}

export const TRACE_TYPE = Buffer.from('"trace-create"');

/** `type` is an index into OBSERVATION_TYPES. */
export function eventType(type: number, isOlderServer: boolean): Uint8Array {
  const { own, older } = TYPES[type] as TypeText;
  return isOlderServer ? older : own;
}

/** Gives an event the type that an older server knows. Returns false if it has that type already. */
export function writeOlderType({ bytes }: { readonly bytes: Uint8Array }): boolean {
  const type = TYPES.find(({ own }) => own.equals(bytes.subarray(TYPE_AT, TYPE_AT + own.byteLength)));
  if (type === undefined || type.own === type.older) return false;
  bytes.set(type.older, TYPE_AT);
  return true;
}

function typeText(type: ObservationType): TypeText {
  const own = JSON.stringify(`${type}-create`);
  if (OLDER_TYPES.includes(type)) {
    const text = Buffer.from(own);
    return { own: text, older: text };
  }
  // Only a generation has a model and tokens.
  const older = JSON.stringify(`${type === 'embedding' ? 'generation' : 'span'}-create`);
  const characters = Math.max(own.length, older.length);
  return { own: Buffer.from(own.padEnd(characters)), older: Buffer.from(older.padEnd(characters)) };
}

/**
 * A server merges the events of one id in the order of their times, in whole milliseconds, and of two in the same millisecond
 * the older wins (`toTimeSortedEventList` in Langfuse's worker/src/services/IngestionService/index.ts): so the times of one id
 * have to rise. The last time of so many ids is remembered: many more than change within a millisecond.
 */
const MAX_IDS = 4096;

/** Returns `saidAtMs`, or the next millisecond after the last event of this id. */
export type EventTimes = (id: string, saidAtMs: number) => number;

export function createEventTimes(): EventTimes {
  const last = new Map<string, number>();
  return (id, saidAtMs) => {
    const time = Math.max(Math.floor(saidAtMs), (last.get(id) ?? Number.NEGATIVE_INFINITY) + 1);
    setNewest(last, id, time, MAX_IDS);
    return time;
  };
}
