/** Events and links of a span in its record: their fields, how they are written and read. */
import {
  type EventReader,
  type Range,
  readBytes,
  readNumber,
  readText,
  type TextRange,
} from '../event/event-reader.js';
import { type EventWriter, writeArrayHeader, writeNumber } from '../event/event-writer.js';
import type { FinishedSpanEvent, FinishedSpanLink, SpanContextLike } from './finished-span.js';
import { writeSpanIdDigits, writeTraceIdDigits } from './ids.js';
import {
  expectFields,
  flagsOf,
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

export type SpanEventRecord = readonly [
  seconds: Seconds,
  nanoseconds: Nanoseconds,
  name: string,
  attributes: SpanAttributes,
  droppedAttributes: number,
];

const EVENT_FIELD_COUNT: SpanEventRecord['length'] = 5;

export function writeSpanEvent(
  out: EventWriter,
  { time, name, attributes, droppedAttributesCount }: FinishedSpanEvent,
): void {
  writeArrayHeader(out, EVENT_FIELD_COUNT);
  writeTime(out, time);
  writeName(out, name);
  writeAttributes(out, attributes);
  writeNumber(out, droppedAttributesCount ?? 0);
}

/** `attributesAt`: the position of the map of attributes. */
interface SpanEventView {
  readonly time: SpanTime;
  readonly name: TextRange;
  readonly attributesAt: number;
  readonly droppedAttributes: number;
}

/** JavaScript evaluates the members of a literal in their order, which is that of the record. */
export function readSpanEvent(reader: EventReader): SpanEventView {
  expectFields(reader, EVENT_FIELD_COUNT, 'event');
  return {
    time: readTime(reader),
    name: readText(reader),
    attributesAt: skipped(reader),
    droppedAttributes: readCount(reader),
  };
}

export type SpanLinkRecord = readonly [
  traceId: Uint8Array,
  spanId: Uint8Array,
  flags: number,
  traceState: string | null,
  attributes: SpanAttributes,
  droppedAttributes: number,
];

const LINK_FIELD_COUNT: SpanLinkRecord['length'] = 6;

export function writeSpanLink(
  out: EventWriter,
  { context, attributes, droppedAttributesCount }: FinishedSpanLink,
): void {
  writeArrayHeader(out, LINK_FIELD_COUNT);
  writeTraceIdDigits(out, context.traceId);
  writeSpanIdDigits(out, context.spanId);
  writeNumber(out, flagsOf(context.traceFlags, context.isRemote));
  writeTraceState(out, context);
  writeAttributes(out, attributes);
  writeNumber(out, droppedAttributesCount ?? 0);
}

/** An application may add a link without a span to link to: such links are left out, and counted as dropped. */
export function usableLinks(links: readonly FinishedSpanLink[]): readonly FinishedSpanLink[] {
  return links.every(isUsable) ? links : links.filter(isUsable);
}

function isUsable(link: FinishedSpanLink): boolean {
  return typeof link?.context?.traceId === 'string' && typeof link.context.spanId === 'string';
}

interface SpanLinkView {
  readonly traceId: Range;
  readonly spanId: Range;
  readonly flags: number;
  readonly traceState: TextRange | undefined;
  readonly attributesAt: number;
  readonly droppedAttributes: number;
}

export function readSpanLink(reader: EventReader): SpanLinkView {
  expectFields(reader, LINK_FIELD_COUNT, 'link');
  return {
    traceId: readBytes(reader),
    spanId: readBytes(reader),
    flags: readNumber(reader),
    traceState: readOptionalText(reader),
    attributesAt: skipped(reader),
    droppedAttributes: readCount(reader),
  };
}

export function writeTraceState(out: EventWriter, { traceState }: SpanContextLike): void {
  writeOptionalText(out, traceState?.serialize?.());
}
