/** Writes the fields of an observation, or of a trace, as those of an OTLP span with Langfuse's attributes: all but the attributes of its trace. */

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
import { readObservation } from '../../records/observation.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../records/vocabulary.js';
import { writeJsonWithoutNulls } from '../encoding/event-json.js';
import { writePlainText } from '../encoding/event-text.js';
import { writeTimeMs } from '../encoding/protobuf-numbers.js';
import {
  beginMessage,
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
import { SPAN_FIELD, SPAN_KIND_INTERNAL, writeErrorStatus } from '../otlp/messages.js';
import { copyMetadata, type Decode, metadataKey, writeMetadata, writeTextOrJson } from './metadata.js';

/** Whole attributes that never change, and the keys of the others. */
export const TYPES = OBSERVATION_TYPES.map((type) => attributeOf('langfuse.observation.type', type));
export const LEVELS = OBSERVATION_LEVELS.map((level) => attributeOf('langfuse.observation.level', level));
const LEVEL_ERROR = OBSERVATION_LEVELS.indexOf('ERROR');
export const STATUS_MESSAGE = encodeKey('langfuse.observation.status_message');
export const COMPLETION_START_TIME = encodeKey('langfuse.observation.completion_start_time');
export const MODEL_NAME = encodeKey('langfuse.observation.model.name');
export const MODEL_PARAMETERS = encodeKey('langfuse.observation.model.parameters');
export const USAGE_DETAILS = encodeKey('langfuse.observation.usage_details');
export const COST_DETAILS = encodeKey('langfuse.observation.cost_details');
export const PROMPT_NAME = encodeKey('langfuse.observation.prompt.name');
export const PROMPT_VERSION = 'langfuse.observation.prompt.version';
export const VERSION = encodeKey('langfuse.version');
export const ENVIRONMENT = encodeKey('langfuse.environment');
/**
 * The span of a trace has the same keys: all servers take the input and output of a span without a parent for the trace's, and
 * Langfuse 4 knows no other keys (`extractInputAndOutput` in Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts).
 */
export const INPUT = encodeKey('langfuse.observation.input');
export const OUTPUT = encodeKey('langfuse.observation.output');
/** The observation's metadata; a trace's is among its attributes. */
export const METADATA = metadataKey('langfuse.observation.metadata');

/** What the caller needs to know of a record after its fields are written. The reader then stands at the attributes of the record's trace. */
export interface SpanHead {
  /** In hexadecimal digits. */
  readonly id: string;
  readonly isTrace: boolean;
  readonly hasParent: boolean;
  /** The bytes of the metadata's parts; null: there are none. */
  readonly metadata: Buffer | null;
}

/** The same in WebAssembly is encoding/assembly/observation-span.ts, which leaves to this function what is rare. */
export function writeFields(writer: ProtobufWriter, reader: EventReader, decode: Decode): SpanHead {
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
  reader.position = view.payloadsAt;
  writeNextAttribute(writer, INPUT, reader);
  writeNextAttribute(writer, OUTPUT, reader);
  const metadata = writeMetadataParts(writer, reader, decode);
  return { id: hexAt(bytes, id), isTrace, hasParent: parentId !== undefined, metadata };
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
