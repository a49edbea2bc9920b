/** Writes a finished OpenTelemetry span as a record (records/span-records). Runs on the application's thread for each. */
import {
  type EventWriter,
  writeArrayHeader,
  writeBytes,
  writeNil,
  writeNumber,
  writeWord,
  writeWordsHeader,
} from '../event/event-writer.js';
import { writeAttributes } from './attribute-writer.js';
import type {
  FinishedSpan,
  FinishedSpanEvent,
  FinishedSpanLink,
  HrTime,
  SpanContextLike,
} from './finished-span.js';
import { OTEL_SPAN } from './kinds.js';
import { encodedResource, encodedScope } from './span-origin.js';
import {
  HAS_IS_REMOTE,
  IS_REMOTE,
  SPAN_EVENT_FIELDS,
  SPAN_FIELDS,
  SPAN_LINK_FIELDS,
} from './span-records.js';
import { writeName, writeOptionalText } from './text-writer.js';

const TRACE_FLAGS = 0xff;
const INVALID_SPAN_ID = '0000000000000000';

/** In the order of `SpanRecord`. A `WriteEvent` (producer/push/event-codec): may be called twice for the same span. */
export function writeSpan(out: EventWriter, span: FinishedSpan): void {
  const context = span.spanContext();
  writeArrayHeader(out, SPAN_FIELDS);
  writeNumber(out, OTEL_SPAN);
  writeBytes(out, encodedResource(span.resource));
  writeBytes(out, encodedScope(span.instrumentationScope ?? span.instrumentationLibrary));
  writeTraceId(out, context.traceId);
  writeSpanId(out, context.spanId);
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
  const links = usable(span.links);
  writeList(out, links, writeLink);
  writeNumber(out, (span.droppedLinksCount ?? 0) + span.links.length - links.length);
  writeNumber(out, span.status.code);
  writeOptionalText(out, span.status.message);
}

/** Its id, and the flags, which say where it is. Of a 1.x span that is not known. */
function writeParent(out: EventWriter, span: FinishedSpan, { traceFlags }: SpanContextLike): void {
  const parent = span.parentSpanContext;
  const id = parent?.spanId ?? span.parentSpanId;
  const hasParent = id !== undefined && id !== '' && id !== INVALID_SPAN_ID;
  if (hasParent) writeSpanId(out, id);
  else writeNil(out);
  if (hasParent && parent === undefined) writeNumber(out, traceFlags & TRACE_FLAGS);
  else writeNumber(out, flagsOf(traceFlags, parent?.isRemote));
}

function flagsOf(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & TRACE_FLAGS) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0);
}

function writeSpanEvent(
  out: EventWriter,
  { time, name, attributes, droppedAttributesCount }: FinishedSpanEvent,
): void {
  writeArrayHeader(out, SPAN_EVENT_FIELDS);
  writeTime(out, time);
  writeName(out, name);
  writeAttributes(out, attributes);
  writeNumber(out, droppedAttributesCount ?? 0);
}

/** Nothing keeps an application from a link that leads nowhere: those are dropped, and counted on the span. */
function usable(links: readonly FinishedSpanLink[]): readonly FinishedSpanLink[] {
  return links.every(leadsSomewhere) ? links : links.filter(leadsSomewhere);
}

function leadsSomewhere(link: FinishedSpanLink): boolean {
  return typeof link?.context?.traceId === 'string' && typeof link.context.spanId === 'string';
}

function writeLink(
  out: EventWriter,
  { context, attributes, droppedAttributesCount }: FinishedSpanLink,
): void {
  writeArrayHeader(out, SPAN_LINK_FIELDS);
  writeTraceId(out, context.traceId);
  writeSpanId(out, context.spanId);
  writeNumber(out, flagsOf(context.traceFlags, context.isRemote));
  writeTraceState(out, context);
  writeAttributes(out, attributes);
  writeNumber(out, droppedAttributesCount ?? 0);
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

function writeTraceState(out: EventWriter, { traceState }: SpanContextLike): void {
  writeOptionalText(out, traceState?.serialize?.());
}

function writeTime(out: EventWriter, time: HrTime): void {
  writeNumber(out, time[0]);
  writeNumber(out, time[1]);
}

function writeTraceId(out: EventWriter, digits: string): void {
  writeWordsHeader(out, 4);
  writeWord(out, wordOf(digits, 0));
  writeWord(out, wordOf(digits, 8));
  writeWord(out, wordOf(digits, 16));
  writeWord(out, wordOf(digits, 24));
}

function writeSpanId(out: EventWriter, digits: string): void {
  writeWordsHeader(out, 2);
  writeWord(out, wordOf(digits, 0));
  writeWord(out, wordOf(digits, 8));
}

/** What a hexadecimal digit is worth, by its ASCII code; what is none is worth 0. */
const DIGITS = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) {
  DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** parseInt of a slice takes three times as long. */
function wordOf(digits: string, at: number): number {
  let word = 0;
  for (let i = at; i < at + 8; i++) word = (word << 4) | (DIGITS[digits.charCodeAt(i)] as number);
  return word;
}
