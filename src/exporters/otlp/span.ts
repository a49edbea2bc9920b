/** Writes a span record as OTLP's protobuf: the span, and separately the resource and the scope that it shares with others. */
import type { EventReader, Range, TextRange } from '../../event/event-reader.js';
import { readEach, type SpanView } from '../../records/span.js';
import { readResource, readScope } from '../../records/span-origin.js';
import { readSpanEvent, readSpanLink } from '../../records/span-parts.js';
import { writePlainText } from '../encoding/event-text.js';
import { writeFixed32, writeTime } from '../encoding/protobuf-numbers.js';
import {
  beginMessage,
  endMessage,
  type ProtobufWriter,
  writeBytes,
  writeUint,
} from '../encoding/protobuf-writer.js';
import { SCOPE_SPANS_SPANS, SPAN_FIELD, writeStatus } from './messages.js';
import { writeAttributes } from './values.js';

const EVENT_FIELD = { time: 1, name: 2, attributes: 3, droppedAttributes: 4 } as const;

const LINK_FIELD = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  attributes: 4,
  droppedAttributes: 5,
  flags: 6,
} as const;

const RESOURCE_SPANS_RESOURCE = 1;
const RESOURCE_SPANS_SCHEMA_URL = 3;
const RESOURCE_ATTRIBUTES = 1;

const SCOPE_SPANS_SCOPE = 1;
const SCOPE_SPANS_SCHEMA_URL = 3;
const SCOPE_FIELD = { name: 1, version: 2, attributes: 3, droppedAttributes: 4 } as const;

/** Writes the span with its tag and length among the spans of its scope. */
export function writeSpan(writer: ProtobufWriter, reader: EventReader, view: SpanView): void {
  const span = beginMessage(writer, SCOPE_SPANS_SPANS);
  writeRange(writer, SPAN_FIELD.traceId, reader, view.traceId);
  writeRange(writer, SPAN_FIELD.spanId, reader, view.id);
  writeText(writer, SPAN_FIELD.traceState, reader, view.traceState);
  if (view.parentId !== undefined) writeRange(writer, SPAN_FIELD.parentSpanId, reader, view.parentId);
  writeText(writer, SPAN_FIELD.name, reader, view.name);
  writeCount(writer, SPAN_FIELD.kind, view.kind);
  writeTime(writer, SPAN_FIELD.startTimeUnixNano, view.start.seconds, view.start.nanoseconds);
  writeTime(writer, SPAN_FIELD.endTimeUnixNano, view.end.seconds, view.end.nanoseconds);
  writeAttributesAt(writer, SPAN_FIELD.attributes, reader, view.attributesAt);
  writeCount(writer, SPAN_FIELD.droppedAttributesCount, view.droppedAttributes);
  readEach(reader, view.eventsAt, () => writeSpanEvent(writer, reader));
  writeCount(writer, SPAN_FIELD.droppedEventsCount, view.droppedEvents);
  readEach(reader, view.linksAt, () => writeLink(writer, reader));
  writeCount(writer, SPAN_FIELD.droppedLinksCount, view.droppedLinks);
  const { statusCode, statusMessage } = view;
  writeStatus(writer, statusCode, statusMessage && (() => writePlainText(writer, reader, statusMessage)));
  writeFixed32(writer, SPAN_FIELD.flags, view.flags);
  endMessage(writer, span);
}

/** Writes the fields of a ResourceSpans for a `SpanResource`, except its scopes. */
export function writeResource(writer: ProtobufWriter, reader: EventReader): void {
  const { attributesAt, schemaUrl } = readResource(reader);
  const resource = beginMessage(writer, RESOURCE_SPANS_RESOURCE);
  writeAttributesAt(writer, RESOURCE_ATTRIBUTES, reader, attributesAt);
  endMessage(writer, resource);
  writeText(writer, RESOURCE_SPANS_SCHEMA_URL, reader, schemaUrl);
}

/** Writes the fields of a ScopeSpans for a `SpanScope`, except its spans. */
export function writeScope(writer: ProtobufWriter, reader: EventReader): void {
  const { name, version, schemaUrl, attributesAt, droppedAttributes } = readScope(reader);
  const scope = beginMessage(writer, SCOPE_SPANS_SCOPE);
  writeText(writer, SCOPE_FIELD.name, reader, name);
  writeText(writer, SCOPE_FIELD.version, reader, version);
  writeAttributesAt(writer, SCOPE_FIELD.attributes, reader, attributesAt);
  writeCount(writer, SCOPE_FIELD.droppedAttributes, droppedAttributes);
  endMessage(writer, scope);
  writeText(writer, SCOPE_SPANS_SCHEMA_URL, reader, schemaUrl);
}

function writeSpanEvent(writer: ProtobufWriter, reader: EventReader): void {
  const { time, name, attributesAt, droppedAttributes } = readSpanEvent(reader);
  const next = reader.position;
  const event = beginMessage(writer, SPAN_FIELD.events);
  writeTime(writer, EVENT_FIELD.time, time.seconds, time.nanoseconds);
  writeText(writer, EVENT_FIELD.name, reader, name);
  writeAttributesAt(writer, EVENT_FIELD.attributes, reader, attributesAt);
  writeCount(writer, EVENT_FIELD.droppedAttributes, droppedAttributes);
  endMessage(writer, event);
  reader.position = next;
}

function writeLink(writer: ProtobufWriter, reader: EventReader): void {
  const { traceId, spanId, flags, traceState, attributesAt, droppedAttributes } = readSpanLink(reader);
  const next = reader.position;
  const link = beginMessage(writer, SPAN_FIELD.links);
  writeRange(writer, LINK_FIELD.traceId, reader, traceId);
  writeRange(writer, LINK_FIELD.spanId, reader, spanId);
  writeText(writer, LINK_FIELD.traceState, reader, traceState);
  writeAttributesAt(writer, LINK_FIELD.attributes, reader, attributesAt);
  writeCount(writer, LINK_FIELD.droppedAttributes, droppedAttributes);
  writeFixed32(writer, LINK_FIELD.flags, flags);
  endMessage(writer, link);
  reader.position = next;
}

function writeAttributesAt(writer: ProtobufWriter, field: number, reader: EventReader, at: number): void {
  reader.position = at;
  writeAttributes(writer, field, reader);
}

function writeRange(
  writer: ProtobufWriter,
  field: number,
  { bytes }: EventReader,
  { start, end }: Range,
): void {
  writeBytes(writer, field, bytes, start, end);
}

function writeText(
  writer: ProtobufWriter,
  field: number,
  reader: EventReader,
  text: TextRange | undefined,
): void {
  if (text === undefined) return;
  const start = beginMessage(writer, field);
  writePlainText(writer, reader, text);
  endMessage(writer, start);
}

/** Leaves out a count of 0. */
function writeCount(writer: ProtobufWriter, field: number, count: number): void {
  if (count > 0) writeUint(writer, field, count);
}
