/**
 * The record of a finished OpenTelemetry span: its fields, its writer, its reader. It crosses the ring as an array with a
 * fixed order of fields, which this file alone knows. It holds all that is on the span, so that a worker that succeeds another
 * needs nothing else.
 */
import {
  type EventReader,
  type Range,
  readArrayHeader,
  readBytes,
  readNil,
  readNumber,
  readText,
  type TextRange,
} from '../event/event-reader.js';
import { type EventWriter, writeArrayHeader, writeNil, writeNumber } from '../event/event-writer.js';
import type { FinishedSpan, SpanContextLike } from './finished-span.js';
import { writeSpanIdDigits, writeTraceIdDigits } from './ids.js';
import { OTEL_SPAN } from './kinds.js';
import { writeOrigin } from './span-origin.js';
import {
  type SpanEventRecord,
  type SpanLinkRecord,
  usableLinks,
  writeSpanEvent,
  writeSpanLink,
  writeTraceState,
} from './span-parts.js';
import {
  expectFields,
  flagsOf,
  flagsOfUnknown,
  type Nanoseconds,
  readCount,
  readOptionalText,
  readTime,
  type Seconds,
  type SpanAttributes,
  type SpanTime,
  skipped,
  writeAttributes,
  writeName,
  writeOptionalText,
  writeTime,
} from './span-values.js';

export type SpanRecord = readonly [
  kind: typeof OTEL_SPAN,
  /** A `SpanResource`, encoded: many spans have the same, and its bytes tell whether they do. */
  resource: Uint8Array,
  /** A `SpanScope`, encoded. */
  scope: Uint8Array,
  traceId: Uint8Array,
  id: Uint8Array,
  parentId: Uint8Array | null,
  /** As in OTLP. */
  flags: number,
  traceState: string | null,
  name: string,
  /** As in OTLP: 0 if there is none, else one more than in OpenTelemetry's API. */
  spanKind: number,
  startSeconds: Seconds,
  startNanoseconds: Nanoseconds,
  endSeconds: Seconds,
  endNanoseconds: Nanoseconds,
  attributes: SpanAttributes,
  droppedAttributes: number,
  events: readonly SpanEventRecord[],
  droppedEvents: number,
  links: readonly SpanLinkRecord[],
  droppedLinks: number,
  statusCode: number,
  statusMessage: string | null,
];

export const SPAN_FIELD_COUNT: SpanRecord['length'] = 22;

const INVALID_SPAN_ID = '0000000000000000';

/** A `WriteEvent` (producer/push/event-codec): it may be called twice for the same span. */
export function writeSpan(out: EventWriter, span: FinishedSpan): void {
  const context = span.spanContext();
  writeArrayHeader(out, SPAN_FIELD_COUNT);
  writeNumber(out, OTEL_SPAN);
  writeOrigin(out, span.resource, span.instrumentationScope ?? span.instrumentationLibrary);
  writeTraceIdDigits(out, context.traceId);
  writeSpanIdDigits(out, context.spanId);
  writeParent(out, span, context);
  writeTraceState(out, context);
  writeName(out, span.name);
  // OTLP has a value for "none".
  writeNumber(out, span.kind == null ? 0 : span.kind + 1);
  writeTime(out, span.startTime);
  writeTime(out, span.endTime);
  writeAttributes(out, span.attributes);
  writeNumber(out, span.droppedAttributesCount ?? 0);
  writeList(out, span.events, writeSpanEvent);
  writeNumber(out, span.droppedEventsCount ?? 0);
  const links = usableLinks(span.links);
  writeList(out, links, writeSpanLink);
  writeNumber(out, (span.droppedLinksCount ?? 0) + span.links.length - links.length);
  writeNumber(out, span.status.code);
  writeOptionalText(out, span.status.message);
}

/** The parent's id, and the flags, which say whether it is remote. sdk-trace 1.x does not know that. */
function writeParent(out: EventWriter, span: FinishedSpan, { traceFlags }: SpanContextLike): void {
  const parent = span.parentSpanContext;
  const id = parent?.spanId ?? span.parentSpanId;
  const hasParent = id !== undefined && id !== '' && id !== INVALID_SPAN_ID;
  if (hasParent) writeSpanIdDigits(out, id);
  else writeNil(out);
  if (hasParent && parent === undefined) writeNumber(out, flagsOfUnknown(traceFlags));
  else writeNumber(out, flagsOf(traceFlags, parent?.isRemote));
}

function writeList<T>(
  out: EventWriter,
  list: readonly T[],
  writeOne: (out: EventWriter, one: T) => void,
): void {
  const { length } = list;
  writeArrayHeader(out, length);
  for (let i = 0; i < length; i++) writeOne(out, list[i] as T);
}

/** The parts of a record in its bytes. A member that ends in `At` is the position of a value: a map of attributes, or an array. */
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
  readonly statusMessageAt: number;
  readonly statusMessage: TextRange | undefined;
}

/** JavaScript evaluates the members of a literal in their order, which is that of the record. */
export function readSpan(reader: EventReader): SpanView {
  expectFields(reader, SPAN_FIELD_COUNT, 'span');
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
    statusMessageAt: reader.position,
    statusMessage: readOptionalText(reader),
  };
}

/** Calls `read` for each member of the array that begins there. */
export function readEach(reader: EventReader, at: number, read: (reader: EventReader) => void): void {
  reader.position = at;
  for (let left = readArrayHeader(reader); left > 0; left--) read(reader);
}
