/** OTLP `ExportTraceServiceRequest` in protobuf → spans. Field numbers: opentelemetry-proto, trace.proto and common.proto. */

import type { Steps } from '../../slices.js';
import { maxSpanFields, maxSpans, tooMany } from '../bounds.js';
import {
  emptySpan,
  type OtlpEvent,
  type OtlpLink,
  type OtlpResource,
  type OtlpScope,
  type OtlpSpan,
  requireValidIds,
} from './otlp-span.js';
import { fixed64, lengthDelimited, readAttribute, tag, varint } from './protobuf-attributes.js';
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

const requestResourceSpans = tag(1, lengthDelimited);

function* readRequest(reader: ProtobufReader, spans: OtlpSpan[]): Steps<void> {
  for (let fieldTag = nextTag(reader); fieldTag !== 0; fieldTag = nextTag(reader)) {
    if (fieldTag === requestResourceSpans) {
      const outerEnd = enterMessage(reader);
      yield* readResourceSpans(reader, spans);
      reader.end = outerEnd;
    } else skipField(reader, fieldTag);
    yield;
  }
}

const resourceSpansResource = tag(1, lengthDelimited);
const resourceSpansScopeSpans = tag(2, lengthDelimited);
/** How deep these three messages are below the request. */
const resourceSpansDepth = 1;
const scopeSpansDepth = 2;

function* readResourceSpans(reader: ProtobufReader, spans: OtlpSpan[]): Steps<void> {
  // The resource may stand behind its spans on the wire, so they share the object and it is filled when met.
  const resource: OtlpResource = { attributes: new Map() };
  for (let fieldTag = nextTag(reader); fieldTag !== 0; fieldTag = nextTag(reader)) {
    if (fieldTag === resourceSpansResource) {
      readMessage(reader, resource, readResourceField, resourceSpansDepth);
    } else if (fieldTag === resourceSpansScopeSpans) {
      const outerEnd = enterMessage(reader);
      yield* readScopeSpans(reader, resource, spans);
      reader.end = outerEnd;
    } else skipField(reader, fieldTag);
    yield;
  }
}

const scopeSpansScope = tag(1, lengthDelimited);
const scopeSpansSpan = tag(2, lengthDelimited);

function* readScopeSpans(reader: ProtobufReader, resource: OtlpResource, spans: OtlpSpan[]): Steps<void> {
  const scope: OtlpScope = { name: '', version: '', attributes: new Map() };
  for (let fieldTag = nextTag(reader); fieldTag !== 0; fieldTag = nextTag(reader)) {
    if (fieldTag === scopeSpansScope) readMessage(reader, scope, readScopeField, scopeSpansDepth);
    else if (fieldTag === scopeSpansSpan) {
      if (spans.length >= maxSpans) throw tooMany('spans', maxSpans);
      spans.push(readSpan(reader, emptySpan(resource, scope)));
    } else skipField(reader, fieldTag);
    yield;
  }
}

const resourceAttributes = tag(1, lengthDelimited);

function readResourceField(
  reader: ProtobufReader,
  fieldTag: number,
  into: OtlpResource,
  depth: number,
): void {
  if (fieldTag === resourceAttributes) readAttribute(reader, into.attributes, depth);
  else skipField(reader, fieldTag);
}

function readSpan(reader: ProtobufReader, span: OtlpSpan): OtlpSpan {
  const { fieldsLeft } = reader;
  reader.fieldsLeft = Math.min(fieldsLeft, maxSpanFields);
  const allowed = reader.fieldsLeft;
  try {
    readMessage(reader, span, readSpanField, scopeSpansDepth);
  } catch (error) {
    throw reader.fieldsLeft < 0 && allowed === maxSpanFields
      ? tooMany('fields', maxSpanFields, 'a span')
      : error;
  }
  reader.fieldsLeft += fieldsLeft - allowed;
  return span;
}

const scopeName = tag(1, lengthDelimited);
const scopeVersion = tag(2, lengthDelimited);
const scopeAttributes = tag(3, lengthDelimited);

function readScopeField(reader: ProtobufReader, fieldTag: number, into: OtlpScope, depth: number): void {
  if (fieldTag === scopeName) into.name = readString(reader);
  else if (fieldTag === scopeVersion) into.version = readString(reader);
  else if (fieldTag === scopeAttributes) readAttribute(reader, into.attributes, depth);
  else skipField(reader, fieldTag);
}

const spanTraceId = tag(1, lengthDelimited);
const spanSpanId = tag(2, lengthDelimited);
const spanTraceState = tag(3, lengthDelimited);
const spanParentSpanId = tag(4, lengthDelimited);
const spanName = tag(5, lengthDelimited);
const spanKind = tag(6, varint);
const spanStartTime = tag(7, fixed64);
const spanEndTime = tag(8, fixed64);
const spanAttributes = tag(9, lengthDelimited);
const spanEvents = tag(11, lengthDelimited);
const spanLinks = tag(13, lengthDelimited);
const spanStatus = tag(15, lengthDelimited);

function readSpanField(reader: ProtobufReader, fieldTag: number, span: OtlpSpan, depth: number): void {
  if (fieldTag === spanAttributes) readAttribute(reader, span.attributes, depth);
  else if (fieldTag === spanTraceId) span.traceId = readHex(reader);
  else if (fieldTag === spanSpanId) span.spanId = readHex(reader);
  else if (fieldTag === spanTraceState) span.traceState = readString(reader);
  else if (fieldTag === spanParentSpanId) span.parentSpanId = readHex(reader);
  else if (fieldTag === spanName) span.name = readString(reader);
  else if (fieldTag === spanKind) span.kind = readVarint32(reader);
  else if (fieldTag === spanStartTime) span.startTimeUnixNano = readFixed64(reader);
  else if (fieldTag === spanEndTime) span.endTimeUnixNano = readFixed64(reader);
  else if (fieldTag === spanEvents) {
    const event: OtlpEvent = { timeUnixNano: 0n, name: '', attributes: new Map() };
    span.events.push(readMessage(reader, event, readEventField, depth));
  } else if (fieldTag === spanLinks) {
    const link: OtlpLink = { traceId: '', spanId: '', traceState: '', attributes: new Map() };
    span.links.push(readMessage(reader, link, readLinkField, depth));
  } else if (fieldTag === spanStatus) readMessage(reader, span.status, readStatusField, depth);
  else skipField(reader, fieldTag);
}

const eventTime = tag(1, fixed64);
const eventName = tag(2, lengthDelimited);
const eventAttributes = tag(3, lengthDelimited);

function readEventField(reader: ProtobufReader, fieldTag: number, event: OtlpEvent, depth: number): void {
  if (fieldTag === eventTime) event.timeUnixNano = readFixed64(reader);
  else if (fieldTag === eventName) event.name = readString(reader);
  else if (fieldTag === eventAttributes) readAttribute(reader, event.attributes, depth);
  else skipField(reader, fieldTag);
}

const linkTraceId = tag(1, lengthDelimited);
const linkSpanId = tag(2, lengthDelimited);
const linkTraceState = tag(3, lengthDelimited);
const linkAttributes = tag(4, lengthDelimited);

function readLinkField(reader: ProtobufReader, fieldTag: number, link: OtlpLink, depth: number): void {
  if (fieldTag === linkTraceId) link.traceId = readHex(reader);
  else if (fieldTag === linkSpanId) link.spanId = readHex(reader);
  else if (fieldTag === linkTraceState) link.traceState = readString(reader);
  else if (fieldTag === linkAttributes) readAttribute(reader, link.attributes, depth);
  else skipField(reader, fieldTag);
}

const statusMessage = tag(2, lengthDelimited);
const statusCode = tag(3, varint);

function readStatusField(reader: ProtobufReader, fieldTag: number, status: OtlpSpan['status']): void {
  if (fieldTag === statusMessage) status.message = readString(reader);
  else if (fieldTag === statusCode) status.code = readVarint32(reader);
  else skipField(reader, fieldTag);
}
