/**
 * A span as a record of its batch, which may be on disk before it is sent: with all that it shares with others, as those
 * may be sent without it.
 *
 *   length of the resource (u32)   length of the scope (u32)   resource   scope   span
 *
 * Each as it stands in a request (exporters/otlp/body says in what), and little-endian.
 */
import { begin, type ProtobufWriter, reserve, writeRaw } from '../encoding/protobuf-writer.js';

export interface SpanFrame {
  readonly resource: Buffer;
  readonly scope: Buffer;
  readonly span: Buffer;
}

const LENGTHS_BYTES = 8;

/** Starts a frame behind those before it. What is written next is its span, of about so many bytes. */
export function beginFrame(
  writer: ProtobufWriter,
  resource: Buffer,
  scope: Buffer,
  expectedSpanBytes: number,
): void {
  const bytes = LENGTHS_BYTES + resource.byteLength + scope.byteLength;
  begin(writer, bytes + expectedSpanBytes);
  reserve(writer, bytes);
  writer.position = writer.buffer.writeUInt32LE(resource.byteLength, writer.position);
  writer.position = writer.buffer.writeUInt32LE(scope.byteLength, writer.position);
  writeRaw(writer, resource);
  writeRaw(writer, scope);
}

/** Throws at what is no frame. */
export function readFrame({ buffer, byteOffset, byteLength }: Uint8Array): SpanFrame {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const scopeAt = LENGTHS_BYTES + bytes.readUInt32LE(0);
  const spanAt = scopeAt + bytes.readUInt32LE(4);
  if (spanAt > byteLength) throw new RangeError('not the bytes of a span');
  return {
    resource: bytes.subarray(LENGTHS_BYTES, scopeAt),
    scope: bytes.subarray(scopeAt, spanAt),
    span: bytes.subarray(spanAt),
  };
}
