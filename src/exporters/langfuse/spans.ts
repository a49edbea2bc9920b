/** Observations and traces as OTLP spans with Langfuse's attributes: from the bytes on the ring to those on the wire. */

import {
  bytesOfNext,
  type EventReader,
  isMap,
  type Range,
  readArrayHeader,
  readBoolean,
  readBytes,
  readNil,
  readNumber,
  readText,
  skip,
  type TextRange,
} from '../../event/event-reader.js';
import { mergeMetadata } from '../../records/metadata.js';
import { OBSERVATION_FIELD_COUNT, TRACE } from '../../records/observation.js';
import { TRACE_MARKER } from '../../records/trace.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../records/vocabulary.js';
import { writeJsonWithoutNulls } from '../encoding/event-json.js';
import { writePlainText } from '../encoding/event-text.js';
import { writeTimeMs } from '../encoding/protobuf-numbers.js';
import {
  beginMessage,
  createProtobufWriter,
  endMessage,
  type ProtobufWriter,
  writeAscii,
  writeBytes,
  writeRaw,
  writeUint,
} from '../encoding/protobuf-writer.js';
import {
  beginTextAttribute,
  encodeAttribute,
  encodeKey,
  endTextAttribute,
  writeAttribute,
} from '../otlp/attributes.js';
import {
  createEnvelope,
  encodeRequest,
  encodeSpan,
  requestBytes,
  SPAN_KIND_INTERNAL,
  SpanField,
  writeErrorStatus,
} from '../otlp/messages.js';
import {
  copyMetadata,
  createTraceAttributesEncoder,
  type Decode,
  metadataKey,
  type TraceAttributesEncoder,
  writeMetadata,
  writeTextOrJson,
} from './metadata.js';

export interface SpanEncoder {
  /** A record in its own form; `id` is the span's, in hexadecimal digits. */
  encode(record: Buffer): { id: string; bytes: Buffer };
  requestBytes(spanBytes: number): number;
  /** In pieces. */
  encodeRequest(spans: readonly Uint8Array[], spanBytes: number): Uint8Array[];
}

/**
 * Name of the instrumentation scope of all spans that tailrace makes. A Langfuse server copies the attributes of a span
 * into its metadata unless its scope's name begins like this (`isLangfuseSDKSpans` in Langfuse's
 * packages/shared/src/server/otel/OtelIngestionProcessor.ts).
 */
const SCOPE_NAME = 'langfuse-sdk';
/** Attribute of the scope that says whose spans they are. */
const SCOPE_VERSION_ATTRIBUTE = 'tailrace.version';

/** Whole attributes that are always the same, and the keys of the others. */
const TYPES = OBSERVATION_TYPES.map((type) => attributeOf('langfuse.observation.type', type));
const LEVELS = OBSERVATION_LEVELS.map((level) => attributeOf('langfuse.observation.level', level));
const LEVEL_ERROR = OBSERVATION_LEVELS.indexOf('ERROR');
const IS_TRACE = encodeAttribute(SpanField.attributes, TRACE_MARKER, true);
const IS_APP_ROOT = encodeAttribute(SpanField.attributes, 'langfuse.internal.is_app_root', true);
const STATUS_MESSAGE = encodeKey('langfuse.observation.status_message');
const COMPLETION_START_TIME = encodeKey('langfuse.observation.completion_start_time');
const MODEL_NAME = encodeKey('langfuse.observation.model.name');
const MODEL_PARAMETERS = encodeKey('langfuse.observation.model.parameters');
const USAGE_DETAILS = encodeKey('langfuse.observation.usage_details');
const COST_DETAILS = encodeKey('langfuse.observation.cost_details');
const PROMPT_NAME = encodeKey('langfuse.observation.prompt.name');
const PROMPT_VERSION = 'langfuse.observation.prompt.version';
const VERSION = encodeKey('langfuse.version');
const ENVIRONMENT = encodeKey('langfuse.environment');
/**
 * Of the span of a trace as well: it has no parent, and of such a span all servers take them for the trace's. Langfuse 4 looks
 * for no other keys (`extractInputAndOutput` in Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts).
 */
const INPUT = encodeKey('langfuse.observation.input');
const OUTPUT = encodeKey('langfuse.observation.output');
/** Of an observation; a trace's is among its attributes. */
const METADATA = metadataKey('langfuse.observation.metadata');

/** Room that a span mostly finds enough: what of its text is escaped, and its keys. */
const EXPECTED_GROWTH = 2;
const EXPECTED_KEYS_BYTES = 4096;

export function createSpanEncoder(sdkVersion: string, decode: Decode): SpanEncoder {
  const writer = createProtobufWriter();
  const envelope = createEnvelope(
    {
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'tailrace',
      'telemetry.sdk.version': sdkVersion,
    },
    { name: SCOPE_NAME, version: sdkVersion, attributes: { [SCOPE_VERSION_ATTRIBUTE]: sdkVersion } },
  );
  const traceAttributes = createTraceAttributesEncoder(decode);
  return {
    encode(record) {
      const reader: EventReader = { bytes: record, position: 0 };
      let id = '';
      const bytes = encodeSpan(writer, EXPECTED_GROWTH * record.byteLength + EXPECTED_KEYS_BYTES, () => {
        id = writeSpan(writer, reader, decode, traceAttributes);
      });
      return { id, bytes };
    },
    requestBytes: (spanBytes) => requestBytes(envelope, spanBytes),
    encodeRequest: (spans, spanBytes) => encodeRequest(envelope, spans, spanBytes),
  };
}

/** Writes the fields in the order of `ObservationRecord`. Returns the span's id. */
function writeSpan(
  writer: ProtobufWriter,
  reader: EventReader,
  decode: Decode,
  traceAttributes: TraceAttributesEncoder,
): string {
  const fields = readArrayHeader(reader);
  if (fields !== OBSERVATION_FIELD_COUNT) throw new Error(`a record of ${fields} fields`);
  const isTrace = readNumber(reader) === TRACE;
  const type = readNumber(reader);
  writeId(writer, SpanField.traceId, reader);
  const id = writeId(writer, SpanField.spanId, reader);
  const hasParent = !readNil(reader);
  if (hasParent) writeId(writer, SpanField.parentSpanId, reader);
  writeName(writer, reader, isTrace ? 'trace' : (OBSERVATION_TYPES[type] as string));
  writeUint(writer, SpanField.kind, SPAN_KIND_INTERNAL);
  const startTime = readNumber(reader);
  writeTimeMs(writer, SpanField.startTimeUnixNano, startTime);
  writeTimeMs(writer, SpanField.endTimeUnixNano, Math.max(startTime, readNumber(reader)));

  writeRaw(writer, TYPES[type] as Buffer);
  writeCompletionStartTime(writer, reader);
  const level = readNil(reader) ? undefined : readNumber(reader);
  if (level !== undefined) writeRaw(writer, LEVELS[level] as Buffer);
  const statusMessage = readNil(reader) ? undefined : readText(reader);
  if (statusMessage !== undefined) writeTextAttribute(writer, STATUS_MESSAGE, reader, statusMessage);
  if (level === LEVEL_ERROR) {
    writeErrorStatus(writer, statusMessage && (() => writePlainText(writer, reader, statusMessage)));
  }
  writeValueAttribute(writer, VERSION, reader);
  writeValueAttribute(writer, ENVIRONMENT, reader);
  writeValueAttribute(writer, MODEL_NAME, reader);
  writeModelParameters(writer, reader);
  writeValueAttribute(writer, USAGE_DETAILS, reader);
  writeValueAttribute(writer, COST_DETAILS, reader);
  // Of the unit no attribute speaks.
  skip(reader);
  writeValueAttribute(writer, PROMPT_NAME, reader);
  // An integer, in its own OTLP type: the server's schema refuses the whole observation for a text.
  if (!readNil(reader)) writeAttribute(writer, SpanField.attributes, PROMPT_VERSION, readNumber(reader));
  writeValueAttribute(writer, INPUT, reader);
  writeValueAttribute(writer, OUTPUT, reader);
  const metadata = writeMetadataParts(writer, reader, decode);
  if (isTrace) writeRaw(writer, IS_TRACE);
  if (!readNil(reader)) writeRaw(writer, traceAttributes(bytesOfNext(reader), hasParent ? metadata : null));
  if (readBoolean(reader)) writeRaw(writer, IS_APP_ROOT);
  return reader.bytes.toString('hex', id.start, id.end);
}

function writeId(writer: ProtobufWriter, field: number, reader: EventReader): Range {
  const id = readBytes(reader);
  writeBytes(writer, field, reader.bytes, id.start, id.end);
  return id;
}

function writeName(writer: ProtobufWriter, reader: EventReader, fallback: string): void {
  const name = beginMessage(writer, SpanField.name);
  if (readNil(reader)) writeAscii(writer, fallback);
  else writePlainText(writer, reader, readText(reader));
  endMessage(writer, name);
}

/** A JSON string, with its quotes: that is how Langfuse's server reads it. */
function writeCompletionStartTime(writer: ProtobufWriter, reader: EventReader): void {
  if (readNil(reader)) return;
  const attribute = beginTextAttribute(writer, SpanField.attributes, COMPLETION_START_TIME);
  writeAscii(writer, JSON.stringify(new Date(readNumber(reader))));
  endTextAttribute(writer, attribute);
}

/** Nothing where there is no value. */
function writeValueAttribute(writer: ProtobufWriter, key: Uint8Array, reader: EventReader): void {
  if (readNil(reader)) return;
  const attribute = beginTextAttribute(writer, SpanField.attributes, key);
  writeTextOrJson(writer, reader);
  endTextAttribute(writer, attribute);
}

/** Of an object without the members that are null: of those the server would make the text "null". */
function writeModelParameters(writer: ProtobufWriter, reader: EventReader): void {
  if (!isMap(reader)) {
    writeValueAttribute(writer, MODEL_PARAMETERS, reader);
    return;
  }
  const attribute = beginTextAttribute(writer, SpanField.attributes, MODEL_PARAMETERS);
  writeJsonWithoutNulls(writer, reader);
  endTextAttribute(writer, attribute);
}

function writeTextAttribute(
  writer: ProtobufWriter,
  key: Uint8Array,
  reader: EventReader,
  text: TextRange,
): void {
  const attribute = beginTextAttribute(writer, SpanField.attributes, key);
  writePlainText(writer, reader, text);
  endTextAttribute(writer, attribute);
}

/** Returns the parts' bytes; null: there are none. */
function writeMetadataParts(writer: ProtobufWriter, reader: EventReader, decode: Decode): Buffer | null {
  if (readNil(reader)) return null;
  const start = reader.position;
  const parts = readArrayHeader(reader);
  if (parts === 1 && isMap(reader)) {
    copyMetadata(writer, METADATA, reader);
  } else {
    const values = Array.from({ length: parts }, () => decode(bytesOfNext(reader)));
    writeMetadata(writer, METADATA, mergeMetadata(values));
  }
  return reader.bytes.subarray(start, reader.position);
}

function attributeOf(key: string, value: string): Buffer {
  return encodeAttribute(SpanField.attributes, key, value);
}
