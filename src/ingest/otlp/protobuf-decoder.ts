/** OTLP `ExportTraceServiceRequest` in protobuf → spans. Field numbers: opentelemetry-proto, trace.proto and common.proto. */

import { MAX_SPAN_FIELDS, MAX_SPANS, tooMany } from '../bounds.js';
import type { Steps } from '../steps.js';
import {
  emptySpan,
  type OtlpEvent,
  type OtlpLink,
  type OtlpResource,
  type OtlpScope,
  type OtlpSpan,
  requireValidIds,
} from './otlp-span.js';
import { FIXED64, LENGTH_DELIMITED, readAttribute, tag, VARINT } from './protobuf-attributes.js';
import {
  enterMessage,
  nextTag,
  type ProtobufReader,
  protobufReader,
  readFixed64,
  readHex,
  readMessage,
  readString,
  readVarint32,
  skipField,
} from './protobuf-reader.js';

/** Throws ProtobufError for bytes that are not such a message, OtlpError for ids that OTLP forbids, HttpError 413. */
export function* decodeOtlpProtobuf(body: Buffer): Steps<OtlpSpan[]> {
  const spans: OtlpSpan[] = [];
  yield* readRequest(protobufReader(body), spans);
  for (const span of spans) {
    requireValidIds(span);
    yield;
  }
  return spans;
}

const REQUEST_RESOURCE_SPANS = tag(1, LENGTH_DELIMITED);

function* readRequest(reader: ProtobufReader, spans: OtlpSpan[]): Steps<void> {
  for (let fieldTag = nextTag(reader); fieldTag !== 0; fieldTag = nextTag(reader)) {
    if (fieldTag === REQUEST_RESOURCE_SPANS) {
      const outerEnd = enterMessage(reader);
      yield* readResourceSpans(reader, spans);
      reader.end = outerEnd;
    } else skipField(reader, fieldTag);
    yield;
  }
}

const RESOURCE_SPANS_RESOURCE = tag(1, LENGTH_DELIMITED);
const RESOURCE_SPANS_SCOPE_SPANS = tag(2, LENGTH_DELIMITED);
/** Nesting depth of these messages below the request. */
const RESOURCE_SPANS_DEPTH = 1;
const SCOPE_SPANS_DEPTH = 2;

function* readResourceSpans(reader: ProtobufReader, spans: OtlpSpan[]): Steps<void> {
  // The resource may come after its spans on the wire: they share one object, which is filled when it is read.
  const resource: OtlpResource = { attributes: new Map() };
  for (let fieldTag = nextTag(reader); fieldTag !== 0; fieldTag = nextTag(reader)) {
    if (fieldTag === RESOURCE_SPANS_RESOURCE) {
      readMessage(reader, resource, readResourceField, RESOURCE_SPANS_DEPTH);
    } else if (fieldTag === RESOURCE_SPANS_SCOPE_SPANS) {
      const outerEnd = enterMessage(reader);
      yield* readScopeSpans(reader, resource, spans);
      reader.end = outerEnd;
    } else skipField(reader, fieldTag);
    yield;
  }
}

const SCOPE_SPANS_SCOPE = tag(1, LENGTH_DELIMITED);
const SCOPE_SPANS_SPAN = tag(2, LENGTH_DELIMITED);

function* readScopeSpans(reader: ProtobufReader, resource: OtlpResource, spans: OtlpSpan[]): Steps<void> {
  const scope: OtlpScope = { name: '', version: '', attributes: new Map() };
  for (let fieldTag = nextTag(reader); fieldTag !== 0; fieldTag = nextTag(reader)) {
    if (fieldTag === SCOPE_SPANS_SCOPE) readMessage(reader, scope, readScopeField, SCOPE_SPANS_DEPTH);
    else if (fieldTag === SCOPE_SPANS_SPAN) {
      if (spans.length >= MAX_SPANS) throw tooMany('spans', MAX_SPANS);
      spans.push(readSpan(reader, emptySpan(resource, scope)));
    } else skipField(reader, fieldTag);
    yield;
  }
}

const RESOURCE_ATTRIBUTES = tag(1, LENGTH_DELIMITED);

function readResourceField(
  reader: ProtobufReader,
  fieldTag: number,
  into: OtlpResource,
  depth: number,
): void {
  if (fieldTag === RESOURCE_ATTRIBUTES) readAttribute(reader, into.attributes, depth);
  else skipField(reader, fieldTag);
}

function readSpan(reader: ProtobufReader, span: OtlpSpan): OtlpSpan {
  const { fieldsLeft } = reader;
  reader.fieldsLeft = Math.min(fieldsLeft, MAX_SPAN_FIELDS);
  const allowed = reader.fieldsLeft;
  try {
    readMessage(reader, span, readSpanField, SCOPE_SPANS_DEPTH);
  } catch (error) {
    throw reader.fieldsLeft < 0 && allowed === MAX_SPAN_FIELDS
      ? tooMany('fields', MAX_SPAN_FIELDS, 'a span')
      : error;
  }
  reader.fieldsLeft += fieldsLeft - allowed;
  return span;
}

const SCOPE_NAME = tag(1, LENGTH_DELIMITED);
const SCOPE_VERSION = tag(2, LENGTH_DELIMITED);
const SCOPE_ATTRIBUTES = tag(3, LENGTH_DELIMITED);

function readScopeField(reader: ProtobufReader, fieldTag: number, into: OtlpScope, depth: number): void {
  if (fieldTag === SCOPE_NAME) into.name = readString(reader);
  else if (fieldTag === SCOPE_VERSION) into.version = readString(reader);
  else if (fieldTag === SCOPE_ATTRIBUTES) readAttribute(reader, into.attributes, depth);
  else skipField(reader, fieldTag);
}

const SPAN_TRACE_ID = tag(1, LENGTH_DELIMITED);
const SPAN_SPAN_ID = tag(2, LENGTH_DELIMITED);
const SPAN_TRACE_STATE = tag(3, LENGTH_DELIMITED);
const SPAN_PARENT_SPAN_ID = tag(4, LENGTH_DELIMITED);
const SPAN_NAME = tag(5, LENGTH_DELIMITED);
const SPAN_KIND = tag(6, VARINT);
const SPAN_START_TIME = tag(7, FIXED64);
const SPAN_END_TIME = tag(8, FIXED64);
const SPAN_ATTRIBUTES = tag(9, LENGTH_DELIMITED);
const SPAN_EVENTS = tag(11, LENGTH_DELIMITED);
const SPAN_LINKS = tag(13, LENGTH_DELIMITED);
const SPAN_STATUS = tag(15, LENGTH_DELIMITED);

function readSpanField(reader: ProtobufReader, fieldTag: number, span: OtlpSpan, depth: number): void {
  if (fieldTag === SPAN_ATTRIBUTES) readAttribute(reader, span.attributes, depth);
  else if (fieldTag === SPAN_TRACE_ID) span.traceId = readHex(reader);
  else if (fieldTag === SPAN_SPAN_ID) span.spanId = readHex(reader);
  else if (fieldTag === SPAN_TRACE_STATE) span.traceState = readString(reader);
  else if (fieldTag === SPAN_PARENT_SPAN_ID) span.parentSpanId = readHex(reader);
  else if (fieldTag === SPAN_NAME) span.name = readString(reader);
  else if (fieldTag === SPAN_KIND) span.kind = readVarint32(reader);
  else if (fieldTag === SPAN_START_TIME) span.startTimeUnixNano = readFixed64(reader);
  else if (fieldTag === SPAN_END_TIME) span.endTimeUnixNano = readFixed64(reader);
  else if (fieldTag === SPAN_EVENTS) {
    const event: OtlpEvent = { timeUnixNano: 0n, name: '', attributes: new Map() };
    span.events.push(readMessage(reader, event, readEventField, depth));
  } else if (fieldTag === SPAN_LINKS) {
    const link: OtlpLink = { traceId: '', spanId: '', traceState: '', attributes: new Map() };
    span.links.push(readMessage(reader, link, readLinkField, depth));
  } else if (fieldTag === SPAN_STATUS) readMessage(reader, span.status, readStatusField, depth);
  else skipField(reader, fieldTag);
}

const EVENT_TIME = tag(1, FIXED64);
const EVENT_NAME = tag(2, LENGTH_DELIMITED);
const EVENT_ATTRIBUTES = tag(3, LENGTH_DELIMITED);

function readEventField(reader: ProtobufReader, fieldTag: number, event: OtlpEvent, depth: number): void {
  if (fieldTag === EVENT_TIME) event.timeUnixNano = readFixed64(reader);
  else if (fieldTag === EVENT_NAME) event.name = readString(reader);
  else if (fieldTag === EVENT_ATTRIBUTES) readAttribute(reader, event.attributes, depth);
  else skipField(reader, fieldTag);
}

const LINK_TRACE_ID = tag(1, LENGTH_DELIMITED);
const LINK_SPAN_ID = tag(2, LENGTH_DELIMITED);
const LINK_TRACE_STATE = tag(3, LENGTH_DELIMITED);
const LINK_ATTRIBUTES = tag(4, LENGTH_DELIMITED);

function readLinkField(reader: ProtobufReader, fieldTag: number, link: OtlpLink, depth: number): void {
  if (fieldTag === LINK_TRACE_ID) link.traceId = readHex(reader);
  else if (fieldTag === LINK_SPAN_ID) link.spanId = readHex(reader);
  else if (fieldTag === LINK_TRACE_STATE) link.traceState = readString(reader);
  else if (fieldTag === LINK_ATTRIBUTES) readAttribute(reader, link.attributes, depth);
  else skipField(reader, fieldTag);
}

const STATUS_MESSAGE = tag(2, LENGTH_DELIMITED);
const STATUS_CODE = tag(3, VARINT);

function readStatusField(reader: ProtobufReader, fieldTag: number, status: OtlpSpan['status']): void {
  if (fieldTag === STATUS_MESSAGE) status.message = readString(reader);
  else if (fieldTag === STATUS_CODE) status.code = readVarint32(reader);
  else skipField(reader, fieldTag);
}
