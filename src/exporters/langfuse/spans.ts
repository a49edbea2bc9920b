/** Encodes observations and traces as OTLP spans with Langfuse's attributes: from the bytes on the ring to those on the wire. */

import {
  bytesOfNext,
  type EventReader,
  isMap,
  readArrayHeader,
  readNil,
  readNumber,
  readText,
  type TextRange,
} from '../../event/event-reader.js';
import { hexAt } from '../../records/ids.js';
import { TRACE } from '../../records/kinds.js';
import { mergeMetadata } from '../../records/metadata.js';
import { readObservation, readPayloads } from '../../records/observation.js';
import { TRACE_MARKER } from '../../records/trace.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../records/vocabulary.js';
import { createChunkPool, releaseChunk } from '../encoding/chunk-pool.js';
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
  SPAN_FIELD,
  SPAN_KIND_INTERNAL,
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

/** Whole attributes that never change, and the keys of the others. */
const TYPES = OBSERVATION_TYPES.map((type) => attributeOf('langfuse.observation.type', type));
const LEVELS = OBSERVATION_LEVELS.map((level) => attributeOf('langfuse.observation.level', level));
const LEVEL_ERROR = OBSERVATION_LEVELS.indexOf('ERROR');
const IS_TRACE = encodeAttribute(SPAN_FIELD.attributes, TRACE_MARKER, true);
const IS_APP_ROOT = encodeAttribute(SPAN_FIELD.attributes, 'langfuse.internal.is_app_root', true);
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
 * The span of a trace has the same keys: all servers take the input and output of a span without a parent for the trace's, and
 * Langfuse 4 knows no other keys (`extractInputAndOutput` in Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts).
 */
const INPUT = encodeKey('langfuse.observation.input');
const OUTPUT = encodeKey('langfuse.observation.output');
/** The observation's metadata; a trace's is among its attributes. */
const METADATA = metadataKey('langfuse.observation.metadata');

/** Room that is enough for most spans, with escaped text and the keys. */
const EXPECTED_GROWTH = 2;
const EXPECTED_KEYS_BYTES = 4096;

export function createSpanEncoder(sdkVersion: string, decode: Decode): SpanEncoder {
  const pool = createChunkPool();
  const writer = createProtobufWriter(pool);
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
  const view = readObservation(reader);
  const { kind, type, traceId, id, parentId, startTime, level } = view;
  const { bytes } = reader;
  const isTrace = kind === TRACE;
  writeBytes(writer, SPAN_FIELD.traceId, bytes, traceId.start, traceId.end);
  writeBytes(writer, SPAN_FIELD.spanId, bytes, id.start, id.end);
  if (parentId !== undefined) {
    writeBytes(writer, SPAN_FIELD.parentSpanId, bytes, parentId.start, parentId.end);
  }
  writeName(writer, reader, view.nameAt, isTrace ? 'trace' : (OBSERVATION_TYPES[type] as string));
  writeUint(writer, SPAN_FIELD.kind, SPAN_KIND_INTERNAL);
  writeTimeMs(writer, SPAN_FIELD.startTimeUnixNano, startTime);
  writeTimeMs(writer, SPAN_FIELD.endTimeUnixNano, Math.max(startTime, view.endTime));

  writeRaw(writer, TYPES[type] as Buffer);
  if (view.completionStartTime !== undefined) writeCompletionStartTime(writer, view.completionStartTime);
  if (level !== undefined) writeRaw(writer, LEVELS[level] as Buffer);
  writeStatusMessage(writer, reader, view.statusMessageAt, level === LEVEL_ERROR);
  writeValueAttribute(writer, VERSION, reader, view.versionAt);
  writeValueAttribute(writer, ENVIRONMENT, reader, view.environmentAt);
  writeValueAttribute(writer, MODEL_NAME, reader, view.modelAt);
  writeModelParameters(writer, reader, view.modelParametersAt);
  writeValueAttribute(writer, USAGE_DETAILS, reader, view.usageDetailsAt);
  writeValueAttribute(writer, COST_DETAILS, reader, view.costDetailsAt);
  writeValueAttribute(writer, PROMPT_NAME, reader, view.promptNameAt);
  writePromptVersion(writer, reader, view.promptVersionAt);
  let metadata: Buffer | null = null;
  const { isAppRoot } = readPayloads(reader, view, {
    input: () => writeNextAttribute(writer, INPUT, reader),
    output: () => writeNextAttribute(writer, OUTPUT, reader),
    metadata() {
      metadata = writeMetadataParts(writer, reader, decode);
    },
    trace() {
      if (isTrace) writeRaw(writer, IS_TRACE);
      if (readNil(reader)) return;
      writeRaw(writer, traceAttributes(bytesOfNext(reader), parentId === undefined ? null : metadata));
    },
  });
  if (isAppRoot) writeRaw(writer, IS_APP_ROOT);
  return hexAt(bytes, id);
}

function writeName(writer: ProtobufWriter, reader: EventReader, at: number, fallback: string): void {
  reader.position = at;
  const name = beginMessage(writer, SPAN_FIELD.name);
  if (readNil(reader)) writeAscii(writer, fallback);
  else writePlainText(writer, reader, readText(reader));
  endMessage(writer, name);
}

/** As a JSON string, with its quotes: that is how Langfuse's server reads it. */
function writeCompletionStartTime(writer: ProtobufWriter, ms: number): void {
  const attribute = beginTextAttribute(writer, SPAN_FIELD.attributes, COMPLETION_START_TIME);
  writeAscii(writer, JSON.stringify(new Date(ms)));
  endTextAttribute(writer, attribute);
}

/** The message is an attribute, and in an error the message of the span's status as well. */
function writeStatusMessage(writer: ProtobufWriter, reader: EventReader, at: number, isError: boolean): void {
  reader.position = at;
  const message = readNil(reader) ? undefined : readText(reader);
  if (message !== undefined) writeTextAttribute(writer, STATUS_MESSAGE, reader, message);
  if (isError) writeErrorStatus(writer, message && (() => writePlainText(writer, reader, message)));
}

function writeValueAttribute(writer: ProtobufWriter, key: Uint8Array, reader: EventReader, at: number): void {
  reader.position = at;
  writeNextAttribute(writer, key, reader);
}

/** Writes nothing if there is no value. */
function writeNextAttribute(writer: ProtobufWriter, key: Uint8Array, reader: EventReader): void {
  if (readNil(reader)) return;
  const attribute = beginTextAttribute(writer, SPAN_FIELD.attributes, key);
  writeTextOrJson(writer, reader);
  endTextAttribute(writer, attribute);
}

/** Leaves out the members of an object that are null: the server would make the text "null" of them. */
function writeModelParameters(writer: ProtobufWriter, reader: EventReader, at: number): void {
  reader.position = at;
  if (!isMap(reader)) {
    writeValueAttribute(writer, MODEL_PARAMETERS, reader, at);
    return;
  }
  const attribute = beginTextAttribute(writer, SPAN_FIELD.attributes, MODEL_PARAMETERS);
  writeJsonWithoutNulls(writer, reader);
  endTextAttribute(writer, attribute);
}

/** An integer, in its own OTLP type: the server's schema refuses the whole observation for a text. */
function writePromptVersion(writer: ProtobufWriter, reader: EventReader, at: number): void {
  reader.position = at;
  if (!readNil(reader)) writeAttribute(writer, SPAN_FIELD.attributes, PROMPT_VERSION, readNumber(reader));
}

function writeTextAttribute(
  writer: ProtobufWriter,
  key: Uint8Array,
  reader: EventReader,
  text: TextRange,
): void {
  const attribute = beginTextAttribute(writer, SPAN_FIELD.attributes, key);
  writePlainText(writer, reader, text);
  endTextAttribute(writer, attribute);
}

/** Returns the bytes of the parts; null: there are none. */
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
  return encodeAttribute(SPAN_FIELD.attributes, key, value);
}
