/**
 * The envelope of a span: its bytes in a batch, which may be on disk before it is sent. It holds the resource and the scope that
 * the span shares with others, as those may be sent without it.
 *
 *   length of the resource (u32)   length of the scope (u32)   resource   scope   span
 *
 * Each part is encoded as in a request; the lengths are little-endian.
 */
import { begin, type ProtobufWriter, reserve, writeRaw } from '../encoding/protobuf-writer.js';

export interface SpanEnvelope {
  readonly resource: Buffer;
  readonly scope: Buffer;
  readonly span: Buffer;
}

const LENGTHS_BYTES = 8;

/** Starts an envelope behind those before it. The caller writes the span next, of about `expectedSpanBytes`. */
export function beginEnvelope(
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

/** Throws if the bytes are no envelope. */
export function readEnvelope({ buffer, byteOffset, byteLength }: Uint8Array): SpanEnvelope {
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
