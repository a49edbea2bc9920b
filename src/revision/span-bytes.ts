/** Revises values in the bytes of a span record: attributes, also those of events and links, and the status message. */
import { decodePart } from '../event/event-decoder.js';
import {
  bytesOfNext,
  type EventReader,
  isText,
  readMapHeader,
  readText,
  skip,
  type TextRange,
} from '../event/event-reader.js';
import { writeKey, writeText } from '../event/event-writer.js';
import { writeValue } from '../event/value-writer.js';
import { readEach, readSpan } from '../records/span.js';
import { readSpanEvent, readSpanLink } from '../records/span-parts.js';
import { type Change, withChanges } from './event-changes.js';
import { createNaming } from './redact/values.js';
import type { AttributeLocation, SpanOwner, SpanRevision } from './span-revision.js';

/** Returns the same event if nothing has changed. */
export function reviseSpanValues(event: Buffer, revision: SpanRevision): Buffer {
  const reader: EventReader = { bytes: event, position: 0 };
  const view = readSpan(reader);
  const span: SpanOwner = {
    traceId: event.toString('hex', view.traceId.start, view.traceId.end),
    id: event.toString('hex', view.id.start, view.id.end),
    name: textOf(event, view.name),
  };
  const changes: Change[] = [];
  const reviseAt = (position: number, eventName: string | undefined): void => {
    const next = reader.position;
    reader.position = position;
    reviseAttributes(reader, revision, { eventName, span }, changes);
    reader.position = next;
  };
  reviseAt(view.attributesAt, undefined);
  readEach(reader, view.eventsAt, () => {
    const { name, attributesAt } = readSpanEvent(reader);
    reviseAt(attributesAt, textOf(event, name));
  });
  readEach(reader, view.linksAt, () => reviseAt(readSpanLink(reader).attributesAt, undefined));
  reader.position = view.statusMessageAt;
  reviseStatusMessage(reader, revision, span, changes);
  return withChanges(event, changes);
}

function reviseAttributes(
  reader: EventReader,
  revision: SpanRevision,
  location: AttributeLocation,
  changes: Change[],
): void {
  const nameOf = createNaming(revision.key);
  for (let left = readMapHeader(reader); left > 0; left--) {
    const start = reader.position;
    const key = textOf(reader.bytes, readText(reader));
    const end = reader.position;
    const name = nameOf(key);
    if (name !== key) changes.push({ start, end, write: (out) => writeKey(out, name) });
    reviseValue(reader, (value) => revision.attribute(key, value, location), changes);
  }
}

function reviseValue(reader: EventReader, revise: (value: unknown) => unknown, changes: Change[]): void {
  const start = reader.position;
  const value = isText(reader) ? textOf(reader.bytes, readText(reader)) : decodePart(bytesOfNext(reader));
  const revised = revise(value);
  if (Object.is(revised, value)) return;
  changes.push({ start, end: reader.position, write: (out) => writeValue(out, revised) });
}

function reviseStatusMessage(
  reader: EventReader,
  revision: SpanRevision,
  span: SpanOwner,
  changes: Change[],
): void {
  const start = reader.position;
  if (!isText(reader)) return;
  const text = textOf(reader.bytes, readText(reader));
  const revised = revision.statusMessage(text, span);
  if (revised === text) return;
  changes.push({ start, end: reader.position, write: (out) => writeText(out, revised) });
}

interface SpanIds {
  /** In hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
}

/** Returns the same text if it needs no change. */
type ReviseText = (key: string, text: string, span: SpanIds) => string;

/** Revises the texts among the span's own attributes. Returns the same event if no text has changed. */
export function reviseSpanTexts(event: Buffer, revise: ReviseText): Buffer {
  const reader: EventReader = { bytes: event, position: 0 };
  const { traceId, id, attributesAt } = readSpan(reader);
  const ids: SpanIds = {
    traceId: event.toString('hex', traceId.start, traceId.end),
    spanId: event.toString('hex', id.start, id.end),
  };
  reader.position = attributesAt;
  const members = readMapHeader(reader);
  const changes: Change[] = [];
  for (let left = members; left > 0; left--) {
    const key = textOf(event, readText(reader));
    const start = reader.position;
    if (!isText(reader)) {
      skip(reader);
      continue;
    }
    const before = textOf(event, readText(reader));
    const text = revise(key, before, ids);
    if (text !== before) changes.push({ start, end: reader.position, write: (out) => writeText(out, text) });
  }
  return withChanges(event, changes);
}

function textOf(event: Buffer, { encoding, start, end }: TextRange): string {
  return event.toString(encoding, start, end);
}
