/** Where the parts of a span record (records/span-records) stand in its bytes: the one place that reads its order. */

import {
  type EventReader,
  type Range,
  readArrayHeader,
  readBytes,
  readNil,
  readNumber,
  readText,
  skip,
  type TextRange,
} from '../event/event-reader.js';
import { OTEL_SPAN } from './kinds.js';
import {
  SPAN_EVENT_FIELDS,
  SPAN_FIELDS,
  SPAN_LINK_FIELDS,
  SPAN_RESOURCE_FIELDS,
  SPAN_SCOPE_FIELDS,
} from './span-records.js';

/** Since 1970, whole, and together less than 2^64 nanoseconds: OTLP's have 64 bits. */
export interface SpanTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

const MAX_SECONDS = 18_446_740_000;
const MAX_NANOSECONDS = 4e12;
const MAX_COUNT = 0xffff_ffff;

/** Members that end in `At` are where a value begins: a map of attributes, or an array. */
export interface SpanView {
  readonly resource: Range;
  readonly scope: Range;
  readonly traceId: Range;
  readonly id: Range;
  readonly parentId: Range | undefined;
  readonly flags: number;
  readonly traceState: TextRange | undefined;
  readonly name: TextRange;
  readonly kind: number;
  readonly start: SpanTime;
  readonly end: SpanTime;
  readonly attributesAt: number;
  readonly droppedAttributes: number;
  readonly eventsAt: number;
  readonly droppedEvents: number;
  readonly linksAt: number;
  readonly droppedLinks: number;
  readonly statusCode: number;
  readonly statusMessage: TextRange | undefined;
}

export interface SpanEventView {
  readonly time: SpanTime;
  readonly name: TextRange;
  readonly attributesAt: number;
  readonly droppedAttributes: number;
}

export interface SpanLinkView {
  readonly traceId: Range;
  readonly spanId: Range;
  readonly flags: number;
  readonly traceState: TextRange | undefined;
  readonly attributesAt: number;
  readonly droppedAttributes: number;
}

export interface ResourceView {
  readonly attributesAt: number;
  readonly schemaUrl: TextRange | undefined;
}

export interface ScopeView extends ResourceView {
  readonly name: TextRange;
  readonly version: TextRange | undefined;
  readonly droppedAttributes: number;
}

/** Members of a literal are evaluated in their order, which is that of the record. */
export function readSpan(reader: EventReader): SpanView {
  expectFields(reader, SPAN_FIELDS, 'span');
  const kind = readNumber(reader);
  if (kind !== OTEL_SPAN) throw new Error(`a record of kind ${kind} is no span`);
  return {
    resource: readBytes(reader),
    scope: readBytes(reader),
    traceId: readBytes(reader),
    id: readBytes(reader),
    parentId: readNil(reader) ? undefined : readBytes(reader),
    flags: readNumber(reader),
    traceState: readOptionalText(reader),
    name: readText(reader),
    kind: readCount(reader),
    start: readTime(reader),
    end: readTime(reader),
    attributesAt: skipped(reader),
    droppedAttributes: readCount(reader),
    eventsAt: skipped(reader),
    droppedEvents: readCount(reader),
    linksAt: skipped(reader),
    droppedLinks: readCount(reader),
    statusCode: readCount(reader),
    statusMessage: readOptionalText(reader),
  };
}

export function readSpanEvent(reader: EventReader): SpanEventView {
  expectFields(reader, SPAN_EVENT_FIELDS, 'event');
  return {
    time: readTime(reader),
    name: readText(reader),
    attributesAt: skipped(reader),
    droppedAttributes: readCount(reader),
  };
}

export function readSpanLink(reader: EventReader): SpanLinkView {
  expectFields(reader, SPAN_LINK_FIELDS, 'link');
  return {
    traceId: readBytes(reader),
    spanId: readBytes(reader),
    flags: readNumber(reader),
    traceState: readOptionalText(reader),
    attributesAt: skipped(reader),
    droppedAttributes: readCount(reader),
  };
}

export function readResource(reader: EventReader): ResourceView {
  expectFields(reader, SPAN_RESOURCE_FIELDS, 'resource');
  return { attributesAt: skipped(reader), schemaUrl: readOptionalText(reader) };
}

export function readScope(reader: EventReader): ScopeView {
  expectFields(reader, SPAN_SCOPE_FIELDS, 'scope');
  return {
    name: readText(reader),
    version: readOptionalText(reader),
    schemaUrl: readOptionalText(reader),
    attributesAt: skipped(reader),
    droppedAttributes: readCount(reader),
  };
}

/** Calls `read` for each member of the array that begins there. */
export function readEach(reader: EventReader, at: number, read: (reader: EventReader) => void): void {
  reader.position = at;
  for (let left = readArrayHeader(reader); left > 0; left--) read(reader);
}

function expectFields(reader: EventReader, expected: number, what: string): void {
  const fields = readArrayHeader(reader);
  if (fields !== expected) throw new Error(`a ${what} of ${fields} fields`);
}

function skipped(reader: EventReader): number {
  const { position } = reader;
  skip(reader);
  return position;
}

function readOptionalText(reader: EventReader): TextRange | undefined {
  return readNil(reader) ? undefined : readText(reader);
}

function readTime(reader: EventReader): SpanTime {
  return { seconds: readNatural(reader, MAX_SECONDS), nanoseconds: readNatural(reader, MAX_NANOSECONDS) };
}

function readCount(reader: EventReader): number {
  return readNatural(reader, MAX_COUNT);
}

/** What an application may put in the place of a time or a count is anything. */
function readNatural(reader: EventReader, most: number): number {
  const value = readNil(reader) ? 0 : readNumber(reader);
  return value > 0 ? Math.min(Math.floor(value), most) : 0;
}
