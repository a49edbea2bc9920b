/** Encodes span records as the envelopes (exporters/otlp/envelope) of a batch: from the bytes on the ring to those on the wire. */
import type { EventReader, Range } from '../../event/event-reader.js';
import { readSpan } from '../../records/span.js';
import { createChunkPool, releaseChunk } from '../encoding/chunk-pool.js';
import {
  createProtobufWriter,
  finish,
  type ProtobufWriter,
  take,
  writeRaw,
} from '../encoding/protobuf-writer.js';
import { beginEnvelope } from './envelope.js';
import type { SpanFormat } from './formats.js';

export interface EncodedSpan {
  /** In hexadecimal digits. */
  readonly id: string;
  /** Valid until the next call. */
  readonly bytes: Buffer;
  /** Where the id of its trace is in the event. */
  readonly traceIdAt?: number;
}

interface OtlpEncoder {
  encodeSpan(event: Buffer): EncodedSpan;
  /** The envelope of the last encoded span. `span`: its bytes, whole or cut. */
  envelope(span: Buffer): Buffer;
  /** The memory of an envelope may be used again. */
  recycle(envelope: Uint8Array): void;
}

/** Room that is enough for most spans: escaped text, text that grows as UTF-8, and lengths. */
const EXPECTED_GROWTH = 2;
const EXPECTED_EXTRA_BYTES = 4096;

export function createOtlpEncoder(format: SpanFormat): OtlpEncoder {
  const pool = createChunkPool();
  const writer = createProtobufWriter(pool);
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
      beginEnvelope(writer, resource, scope, EXPECTED_GROWTH * event.byteLength + EXPECTED_EXTRA_BYTES);
      const start = writer.position;
      format.writeSpan(writer, reader, view);
      last = writer.buffer.subarray(start, writer.position);
      const id = event.toString('hex', view.id.start, view.id.end);
      return { id, bytes: last, traceIdAt: view.traceId.start };
    },
    envelope(span) {
      // If it was not cut, it lies in its envelope already.
      if (span !== last) {
        beginEnvelope(writer, resource, scope, span.byteLength);
        writeRaw(writer, span);
      }
      return take(writer);
    },
    recycle: ({ buffer }) => releaseChunk(pool, buffer),
  };
}

/** An id of zeros is invalid (W3C): a server would refuse the whole request. */
function expectValidId(event: Buffer, { start, end }: Range): void {
  for (let i = start; i < end; i++) if (event[i] !== 0) return;
  throw new Error('a span without a valid id');
}

/** Encodes a resource or a scope, and keeps the last result, as successive spans share it. */
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
