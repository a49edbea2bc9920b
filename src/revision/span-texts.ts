/** Changes texts among the attributes of a span record where they stand: all else keeps its bytes. */
import {
  type EventReader,
  isText,
  readMapHeader,
  readText,
  skip,
  type TextRange,
} from '../event/event-reader.js';
import { createEventWriter, type EventWriter, writeFrozen, writeText } from '../event/event-writer.js';
import { Frozen } from '../event/frozen.js';
import { readSpan } from '../event/span-reader.js';

export interface SpanIds {
  /** In hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
}

/** Returns the text as it is where nothing is to be changed. */
export type ReviseText = (key: string, text: string, span: SpanIds) => string;

const MAX_BYTES = 2 ** 30;

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
    if (text !== before) changes.push({ start, end: reader.position, text });
  }
  return changes.length === 0 ? event : withChanges(event, changes);
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function withChanges(event: Buffer, changes: readonly Change[]): Buffer {
  const out = createEventWriter(Buffer.allocUnsafeSlow(event.byteLength), event.byteLength, MAX_BYTES);
  let from = 0;
  for (const { start, end, text } of changes) {
    copy(out, event, from, start);
    writeText(out, text);
    from = end;
  }
  copy(out, event, from, event.byteLength);
  return out.buffer.subarray(0, out.position);
}

function copy(out: EventWriter, event: Buffer, start: number, end: number): void {
  writeFrozen(out, new Frozen(event, start, end, null));
}

function textOf(event: Buffer, { encoding, start, end }: TextRange): string {
  return event.toString(encoding, start, end);
}
