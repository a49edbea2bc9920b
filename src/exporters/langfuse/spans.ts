/** Encodes observations and traces as OTLP spans with Langfuse's attributes: from the bytes on the ring to those on the wire. */

import { bytesOfNext, type EventReader, readBoolean, readNil } from '../../event/event-reader.js';
import { TRACE_MARKER } from '../../records/trace.js';
import { createChunkPool, releaseChunk } from '../encoding/chunk-pool.js';
import { createProtobufWriter, type ProtobufWriter, writeRaw } from '../encoding/protobuf-writer.js';
import { loadRecord } from '../encoding/webassembly.js';
import { encodeAttribute } from '../otlp/attributes.js';
import { createEnvelope, encodeRequest, encodeSpan, requestBytes, SPAN_FIELD } from '../otlp/messages.js';
import { createTraceAttributesEncoder, type Decode, type TraceAttributesEncoder } from './metadata.js';
import { writeFieldsByAssembly } from './span-assembly.js';
import { writeFields } from './span-fields.js';

interface SpanEncoder {
  /** Encodes a record. `id`: the span's, in hexadecimal digits. */
  encode(record: Buffer): { id: string; bytes: Buffer };
  requestBytes(spanBytes: number): number;
  /** The request in pieces. */
  encodeRequest(spans: readonly Uint8Array[], spanBytes: number): Uint8Array[];
  /** The memory of a span's bytes may be used again. */
  recycle(bytes: Uint8Array): void;
}

/**
 * Name of the instrumentation scope of all spans of tailrace. A Langfuse server copies the attributes of a span
 * into its metadata unless its scope's name begins like this (`isLangfuseSDKSpans` in Langfuse's
 * packages/shared/src/server/otel/OtelIngestionProcessor.ts).
 */
const SCOPE_NAME = 'langfuse-sdk';
/** Attribute of the scope that names the package and its version. */
const SCOPE_VERSION_ATTRIBUTE = 'tailrace.version';

const IS_TRACE = encodeAttribute(SPAN_FIELD.attributes, TRACE_MARKER, true);
const IS_APP_ROOT = encodeAttribute(SPAN_FIELD.attributes, 'langfuse.internal.is_app_root', true);

/** Room that is enough for most spans, with escaped text and the keys. */
const EXPECTED_GROWTH = 2;
const EXPECTED_KEYS_BYTES = 4096;

/** `resource`: attributes besides those that name this package. */
export function createSpanEncoder(
  sdkVersion: string,
  decode: Decode,
  resource: Readonly<Record<string, string>> = {},
): SpanEncoder {
  const pool = createChunkPool();
  const writer = createProtobufWriter(pool);
  const envelope = createEnvelope(
    {
      ...resource,
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'tailrace',
      'telemetry.sdk.version': sdkVersion,
    },
    { name: SCOPE_NAME, version: sdkVersion, attributes: { [SCOPE_VERSION_ATTRIBUTE]: sdkVersion } },
  );
  const traceAttributes = createTraceAttributesEncoder(decode);
  return {
    encode(record) {
      // A revised record is not there yet.
      const reader: EventReader = { bytes: loadRecord(record), position: 0 };
      let id = '';
      const bytes = encodeSpan(writer, EXPECTED_GROWTH * record.byteLength + EXPECTED_KEYS_BYTES, () => {
        id = writeSpan(writer, reader, decode, traceAttributes);
      });
      return { id, bytes };
    },
    requestBytes: (spanBytes) => requestBytes(envelope, spanBytes),
    encodeRequest: (spans, spanBytes) => encodeRequest(envelope, spans, spanBytes),
    recycle: ({ buffer }) => releaseChunk(pool, buffer),
  };
}

/** Returns the span's id. */
function writeSpan(
  writer: ProtobufWriter,
  reader: EventReader,
  decode: Decode,
  traceAttributes: TraceAttributesEncoder,
): string {
  const fields = writeFieldsByAssembly(writer, reader) ?? writeFields(writer, reader, decode);
  const { id, isTrace, hasParent, metadata } = fields;
  if (isTrace) writeRaw(writer, IS_TRACE);
  if (!readNil(reader)) writeRaw(writer, traceAttributes(bytesOfNext(reader), hasParent ? metadata : null));
  if (readBoolean(reader)) writeRaw(writer, IS_APP_ROOT);
  return id;
}
