/**
 * Writes a span record as OTLP's JSON ("JSON Protobuf Encoding" in the OTLP specification, and proto3's JSON mapping beneath it):
 * ids in hexadecimal digits, integers of 64 bits as text, enums as numbers. Fields with their default value are left out, except
 * messages.
 */
import type { EventReader, Range, TextRange } from '../../event/event-reader.js';
import { readEach, type SpanView } from '../../records/span.js';
import { readResource, readScope } from '../../records/span-origin.js';
import { readSpanEvent, readSpanLink } from '../../records/span-parts.js';
import type { SpanTime } from '../../records/span-values.js';
import { writeJsonText } from '../encoding/event-text.js';
import { type ProtobufWriter, writeAscii, writeByte } from '../encoding/protobuf-writer.js';
import { writeAttributesJson } from './json-values.js';

const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;
const NANOSECOND_DIGITS = 9;
const NANOSECONDS = 1e9;

export function writeSpanJson(writer: ProtobufWriter, reader: EventReader, view: SpanView): void {
  writeAscii(writer, '{"traceId":"');
  writeHex(writer, reader, view.traceId);
  writeAscii(writer, '","spanId":"');
  writeHex(writer, reader, view.id);
  if (view.parentId !== undefined) {
    writeAscii(writer, '","parentSpanId":"');
    writeHex(writer, reader, view.parentId);
  }
  writeAscii(writer, `","flags":${view.flags},"name":`);
  writeJsonText(writer, reader, view.name);
  writeText(writer, 'traceState', reader, view.traceState);
  writeCount(writer, 'kind', view.kind);
  writeTimeMember(writer, 'startTimeUnixNano', view.start);
  writeTimeMember(writer, 'endTimeUnixNano', view.end);
  writeAttributesAt(writer, reader, view.attributesAt);
  writeCount(writer, 'droppedAttributesCount', view.droppedAttributes);
  writeList(writer, 'events', reader, view.eventsAt, writeSpanEvent);
  writeCount(writer, 'droppedEventsCount', view.droppedEvents);
  writeList(writer, 'links', reader, view.linksAt, writeLink);
  writeCount(writer, 'droppedLinksCount', view.droppedLinks);
  writeAscii(writer, `,"status":{"code":${view.statusCode}`);
  writeText(writer, 'message', reader, view.statusMessage);
  writeAscii(writer, '}}');
}

/** Writes the members of a ResourceSpans for a `SpanResource`, except its scopes. */
export function writeResourceJson(writer: ProtobufWriter, reader: EventReader): void {
  const { attributesAt, schemaUrl } = readResource(reader);
  reader.position = attributesAt;
  writeAscii(writer, '"resource":{"attributes":');
  writeAttributesJson(writer, reader);
  writeByte(writer, CLOSE_OBJECT);
  writeText(writer, 'schemaUrl', reader, schemaUrl);
}

/** Writes the members of a ScopeSpans for a `SpanScope`, except its spans. */
export function writeScopeJson(writer: ProtobufWriter, reader: EventReader): void {
  const { name, version, schemaUrl, attributesAt, droppedAttributes } = readScope(reader);
  writeAscii(writer, '"scope":{"name":');
  writeJsonText(writer, reader, name);
  writeText(writer, 'version', reader, version);
  writeAttributesAt(writer, reader, attributesAt);
  writeCount(writer, 'droppedAttributesCount', droppedAttributes);
  writeByte(writer, CLOSE_OBJECT);
  writeText(writer, 'schemaUrl', reader, schemaUrl);
}

function writeSpanEvent(writer: ProtobufWriter, reader: EventReader): void {
  const { time, name, attributesAt, droppedAttributes } = readSpanEvent(reader);
  const next = reader.position;
  writeAscii(writer, '{"name":');
  writeJsonText(writer, reader, name);
  writeTimeMember(writer, 'timeUnixNano', time);
  writeAttributesAt(writer, reader, attributesAt);
  writeCount(writer, 'droppedAttributesCount', droppedAttributes);
  writeByte(writer, CLOSE_OBJECT);
  reader.position = next;
}

function writeLink(writer: ProtobufWriter, reader: EventReader): void {
  const { traceId, spanId, flags, traceState, attributesAt, droppedAttributes } = readSpanLink(reader);
  const next = reader.position;
  writeAscii(writer, '{"traceId":"');
  writeHex(writer, reader, traceId);
  writeAscii(writer, '","spanId":"');
  writeHex(writer, reader, spanId);
  writeAscii(writer, `","flags":${flags}`);
  writeText(writer, 'traceState', reader, traceState);
  writeAttributesAt(writer, reader, attributesAt);
  writeCount(writer, 'droppedAttributesCount', droppedAttributes);
  writeByte(writer, CLOSE_OBJECT);
  reader.position = next;
}

/** These and the following members are never the first of their object. */
function writeAttributesAt(writer: ProtobufWriter, reader: EventReader, at: number): void {
  reader.position = at;
  writeAscii(writer, ',"attributes":');
  writeAttributesJson(writer, reader);
}

function writeList(
  writer: ProtobufWriter,
  key: string,
  reader: EventReader,
  at: number,
  writeOne: (writer: ProtobufWriter, reader: EventReader) => void,
): void {
  let written = 0;
  readEach(reader, at, () => {
    if (written++ === 0) writeAscii(writer, `,"${key}":[`);
    else writeByte(writer, COMMA);
    writeOne(writer, reader);
  });
  if (written > 0) writeByte(writer, CLOSE_ARRAY);
}

function writeText(
  writer: ProtobufWriter,
  key: string,
  reader: EventReader,
  text: TextRange | undefined,
): void {
  if (text === undefined) return;
  writeAscii(writer, `,"${key}":`);
  writeJsonText(writer, reader, text);
}

function writeCount(writer: ProtobufWriter, key: string, count: number): void {
  if (count > 0) writeAscii(writer, `,"${key}":${count}`);
}

function writeHex(writer: ProtobufWriter, { bytes }: EventReader, { start, end }: Range): void {
  writeAscii(writer, bytes.toString('hex', start, end));
}

function writeTimeMember(writer: ProtobufWriter, key: string, { seconds, nanoseconds }: SpanTime): void {
  const whole = seconds + Math.floor(nanoseconds / NANOSECONDS);
  const rest = String(nanoseconds % NANOSECONDS);
  const digits = whole === 0 ? rest : whole + rest.padStart(NANOSECOND_DIGITS, '0');
  writeAscii(writer, `,"${key}":"${digits}"`);
}
