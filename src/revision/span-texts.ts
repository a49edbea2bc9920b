/** Changes texts among the attributes of a span record where they stand: all else keeps its bytes. */
import {
  type EventReader,
  isText,
  readMapHeader,
  readText,
  skip,
  type TextRange,
} from '../event/event-reader.js';
import { writeText } from '../event/event-writer.js';
import { readSpan } from '../records/span.js';
import { type Change, withChanges } from './event-changes.js';

export interface SpanIds {
  /** In hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
}

/** Returns the text as it is where nothing is to be changed. */
export type ReviseText = (key: string, text: string, span: SpanIds) => string;

/** The same event where no text has changed. */
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
