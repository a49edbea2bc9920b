/** Span records to the frames (exporters/otlp/envelope) of their batches: from the bytes on the ring to those on the wire. */
import type { EventReader, Range } from '../../event/event-reader.js';
import { readSpan } from '../../records/span.js';
import {
  createProtobufWriter,
  finish,
  type ProtobufWriter,
  take,
  writeRaw,
} from '../encoding/protobuf-writer.js';
import { beginFrame } from './envelope.js';
import type { SpanFormat } from './formats.js';

export interface EncodedSpan {
  /** In hexadecimal digits. */
  readonly id: string;
  /** Valid until the next call. */
  readonly bytes: Buffer;
}

interface OtlpEncoder {
  encodeSpan(event: Buffer): EncodedSpan;
  /** The frame of the span that was encoded last, with these bytes: its own, or what was cut from them. */
  frame(span: Buffer): Buffer;
}

/** Room that a span mostly finds enough: what of its text is escaped or takes more as UTF-8, and lengths. */
const EXPECTED_GROWTH = 2;
const EXPECTED_EXTRA_BYTES = 4096;

export function createOtlpEncoder(format: SpanFormat): OtlpEncoder {
  const writer = createProtobufWriter();
  const resourceOf = createPartEncoder(format.writeResource);
  const scopeOf = createPartEncoder(format.writeScope);
  let resource: Buffer = Buffer.alloc(0);
  let scope: Buffer = Buffer.alloc(0);
  let last: Buffer | undefined;
  return {
    encodeSpan(event) {
      const reader: EventReader = { bytes: event, position: 0 };
      const view = readSpan(reader);
      for (const id of [view.traceId, view.id]) expectValidId(event, id);
      resource = resourceOf(event, view.resource);
      scope = scopeOf(event, view.scope);
      beginFrame(writer, resource, scope, EXPECTED_GROWTH * event.byteLength + EXPECTED_EXTRA_BYTES);
      const start = writer.position;
      format.writeSpan(writer, reader, view);
      last = writer.buffer.subarray(start, writer.position);
      return { id: event.toString('hex', view.id.start, view.id.end), bytes: last };
    },
    frame(span) {
      // What was not cut lies in its frame already.
      if (span !== last) {
        beginFrame(writer, resource, scope, span.byteLength);
        writeRaw(writer, span);
      }
      return take(writer);
    },
  };
}

/** W3C: all zero is none. A server refuses the whole request for one. */
function expectValidId(event: Buffer, { start, end }: Range): void {
  for (let i = start; i < end; i++) if (event[i] !== 0) return;
  throw new Error('a span without a valid id');
}

/** A resource or a scope: the last one is kept, as successive spans share it. */
function createPartEncoder(
  write: (writer: ProtobufWriter, reader: EventReader) => void,
): (event: Buffer, part: Range) => Buffer {
  const writer = createProtobufWriter();
  let lastRead: Buffer = Buffer.alloc(0);
  let lastWritten: Buffer = Buffer.alloc(0);
  return (event, { start, end }) => {
    if (lastRead.byteLength > 0 && event.compare(lastRead, 0, lastRead.byteLength, start, end) === 0) {
      return lastWritten;
    }
    const bytes = Buffer.from(event.subarray(start, end));
    writer.position = 0;
    write(writer, { bytes, position: 0 });
    lastRead = bytes;
    lastWritten = finish(writer);
    return lastWritten;
  };
}
