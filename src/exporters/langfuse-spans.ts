/** Observations and traces as OTLP spans with Langfuse's attributes. */
import {
  type FrozenMetadata,
  type ObservationRecord,
  SCOPE_NAME,
  TRACE,
  TRACE_MARKER,
  type TraceAttributes,
} from '../shared/records.js';
import {
  type AttributeValue,
  createEnvelope,
  encodeRequest,
  encodeSpan,
  requestBytes,
  SPAN_KIND_INTERNAL,
  SpanField,
  STATUS_ERROR,
  writeAttribute,
  writeStatus,
} from './otlp.js';
import {
  createProtobufWriter,
  finish,
  type ProtobufWriter,
  writeHex,
  writeRaw,
  writeString,
  writeTimeMs,
  writeUint,
} from './protobuf-writer.js';

type Decode = (bytes: Uint8Array) => unknown;

export interface SpanEncoder {
  encode(record: ObservationRecord): Buffer;
  requestBytes(spanBytes: number): number;
  encodeRequest(spans: readonly Uint8Array[], spanBytes: number): Buffer;
}

export function createSpanEncoder(sdkVersion: string, decode: Decode): SpanEncoder {
  const writer = createProtobufWriter();
  const envelope = createEnvelope(
    {
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': SCOPE_NAME,
      'telemetry.sdk.version': sdkVersion,
    },
    { name: SCOPE_NAME, version: sdkVersion },
  );
  const traceAttributes = createTraceAttributesEncoder(decode);
  return {
    encode: (record) => encodeSpan(writer, () => writeSpan(writer, record, decode, traceAttributes)),
    requestBytes: (spanBytes) => requestBytes(envelope, spanBytes),
    encodeRequest: (spans, spanBytes) => encodeRequest(envelope, spans, spanBytes),
  };
}

function writeSpan(
  writer: ProtobufWriter,
  record: ObservationRecord,
  decode: Decode,
  traceAttributes: (frozen: Uint8Array) => Uint8Array,
): void {
  const [
    kind,
    type,
    traceId,
    id,
    parentId,
    name,
    startTime,
    endTime,
    completionStartTime,
    level,
    statusMessage,
    version,
    model,
    modelParameters,
    usage,
    cost,
    promptName,
    promptVersion,
    input,
    output,
    metadata,
    trace,
  ] = record;
  const isTrace = kind === TRACE;
  writeHex(writer, SpanField.traceId, traceId);
  writeHex(writer, SpanField.spanId, id);
  if (parentId !== null) writeHex(writer, SpanField.parentSpanId, parentId);
  writeString(writer, SpanField.name, name ?? (isTrace ? 'trace' : type));
  writeUint(writer, SpanField.kind, SPAN_KIND_INTERNAL);
  writeTimeMs(writer, SpanField.startTimeUnixNano, startTime);
  writeTimeMs(writer, SpanField.endTimeUnixNano, Math.max(startTime, endTime));
  if (level === 'ERROR') writeStatus(writer, STATUS_ERROR, statusMessage);

  const attribute = (key: string, value: string | null): void => {
    if (value !== null) writeAttribute(writer, SpanField.attributes, key, value);
  };
  const frozen = (key: string, bytes: Uint8Array | null): void => {
    if (bytes !== null) attribute(key, toText(decode(bytes)));
  };
  attribute('langfuse.observation.type', type);
  attribute('langfuse.observation.level', level);
  attribute('langfuse.observation.status_message', statusMessage);
  attribute('langfuse.observation.model.name', model);
  frozen('langfuse.observation.model.parameters', modelParameters);
  frozen('langfuse.observation.usage_details', usage);
  frozen('langfuse.observation.cost_details', cost);
  attribute('langfuse.observation.prompt.name', promptName);
  if (promptVersion !== null) attribute('langfuse.observation.prompt.version', String(promptVersion));
  if (completionStartTime !== null) {
    // A JSON string, with its quotes: that is how Langfuse's server reads it.
    attribute('langfuse.observation.completion_start_time', isoString(completionStartTime));
  }
  const subject = isTrace ? 'langfuse.trace' : 'langfuse.observation';
  frozen(`${subject}.input`, input);
  frozen(`${subject}.output`, output);
  if (metadata !== null) writeMetadata(writer, `${subject}.metadata`, mergeMetadata(metadata, decode));
  attribute('langfuse.version', version);
  if (isTrace) writeAttribute(writer, SpanField.attributes, TRACE_MARKER, true);
  if (trace !== null) writeRaw(writer, traceAttributes(trace));
}

/** Successive spans mostly belong to the same trace, so the last attributes are kept as they were encoded. */
function createTraceAttributesEncoder(decode: Decode): (frozen: Uint8Array) => Uint8Array {
  const writer = createProtobufWriter();
  let lastFrozen: Uint8Array = Buffer.alloc(0);
  let lastEncoded: Uint8Array = Buffer.alloc(0);
  return (frozen) => {
    if (Buffer.compare(lastFrozen, frozen) === 0) return lastEncoded;
    writer.position = 0;
    writeTraceAttributes(writer, decode(frozen) as TraceAttributes, decode);
    lastFrozen = Buffer.from(frozen);
    lastEncoded = finish(writer);
    return lastEncoded;
  };
}

function writeTraceAttributes(writer: ProtobufWriter, trace: TraceAttributes, decode: Decode): void {
  const attribute = (key: string, value: AttributeValue | null): void => {
    if (value !== null) writeAttribute(writer, SpanField.attributes, key, value);
  };
  attribute('langfuse.trace.name', trace.name);
  attribute('user.id', trace.userId);
  attribute('session.id', trace.sessionId);
  attribute('langfuse.trace.tags', trace.tags);
  attribute('langfuse.trace.public', trace.public);
  attribute('langfuse.environment', trace.environment);
  attribute('langfuse.release', trace.release);
  if (trace.metadata !== null) {
    writeMetadata(writer, 'langfuse.trace.metadata', mergeMetadata(trace.metadata, decode));
  }
}

/** Metadata given in several calls is merged, the later key wins: as Langfuse's server merges updates. */
function mergeMetadata(metadata: NonNullable<FrozenMetadata>, decode: Decode): unknown {
  if (!Array.isArray(metadata)) return decode(metadata as Uint8Array);
  const parts = metadata.map((bytes) => decode(bytes));
  return parts.every(isRecord) ? Object.assign({}, ...parts) : parts.at(-1);
}

/** Flattened by one level, so that the server can filter by key. */
function writeMetadata(writer: ProtobufWriter, prefix: string, metadata: unknown): void {
  if (!isRecord(metadata)) {
    writeAttribute(writer, SpanField.attributes, prefix, toText(metadata));
    return;
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (value !== undefined) writeAttribute(writer, SpanField.attributes, `${prefix}.${key}`, toText(value));
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string as it is, anything else as JSON. */
function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
}

function isoString(ms: number): string {
  return JSON.stringify(new Date(ms));
}
