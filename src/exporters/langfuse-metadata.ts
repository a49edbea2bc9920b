/** Metadata, flattened by one level so that the server can filter by key, and what else a trace has of its own. */

import { type EventReader, isMap, isText, readMapHeader, readText } from '../event/event-reader.js';
import { isRecord, mergeMetadata, toText } from '../shared/metadata.js';
import type { TraceAttributes } from '../shared/records.js';
import { writeJson } from './event-json.js';
import { writePlainText } from './event-text.js';
import { SpanField } from './otlp.js';
import {
  type AttributeValue,
  beginKey,
  beginTextAttribute,
  encodeKey,
  endKey,
  endTextAttribute,
  writeAttribute,
} from './otlp-attributes.js';
import { createProtobufWriter, finish, type ProtobufWriter } from './protobuf-writer.js';

export type Decode = (bytes: Uint8Array) => unknown;

/** The key under which metadata is written, alone and before the key of a member. */
export interface MetadataKey {
  readonly text: string;
  readonly whole: Uint8Array;
  readonly prefix: Uint8Array;
}

export function metadataKey(text: string): MetadataKey {
  return { text, whole: encodeKey(text), prefix: Buffer.from(`${text}.`) };
}

/** Metadata of one call, as it stands in the event. */
export function copyMetadata(
  writer: ProtobufWriter,
  { whole, prefix }: MetadataKey,
  reader: EventReader,
): void {
  if (!isMap(reader)) {
    const attribute = beginTextAttribute(writer, SpanField.attributes, whole);
    writeTextOrJson(writer, reader);
    endTextAttribute(writer, attribute);
    return;
  }
  for (let left = readMapHeader(reader); left > 0; left--) {
    const key = beginKey(writer, SpanField.attributes, prefix);
    writePlainText(writer, reader, readText(reader));
    const attribute = endKey(writer, key);
    writeTextOrJson(writer, reader);
    endTextAttribute(writer, attribute);
  }
}

/** A string as it is, anything else as JSON. */
export function writeTextOrJson(writer: ProtobufWriter, reader: EventReader): void {
  if (isText(reader)) writePlainText(writer, reader, readText(reader));
  else writeJson(writer, reader);
}

/** Metadata that is a JavaScript value. */
export function writeMetadata(writer: ProtobufWriter, { text }: MetadataKey, metadata: unknown): void {
  if (!isRecord(metadata)) {
    writeAttribute(writer, SpanField.attributes, text, toText(metadata));
    return;
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (value !== undefined) writeAttribute(writer, SpanField.attributes, `${text}.${key}`, toText(value));
  }
}

/** What a trace has in common with its observations, encoded: the last one is kept, as successive spans share it. */
export function createTraceAttributesEncoder(decode: Decode): (encoded: Buffer) => Uint8Array {
  const writer = createProtobufWriter();
  let lastRead = Buffer.alloc(0);
  let lastWritten: Uint8Array = Buffer.alloc(0);
  return (bytes) => {
    if (bytes.equals(lastRead)) return lastWritten;
    writer.position = 0;
    writeTraceAttributes(writer, decode(bytes) as TraceAttributes);
    lastRead = Buffer.from(bytes);
    lastWritten = finish(writer);
    return lastWritten;
  };
}

const TRACE_METADATA = metadataKey('langfuse.trace.metadata');

function writeTraceAttributes(writer: ProtobufWriter, trace: TraceAttributes): void {
  const [name, userId, sessionId, tags, metadata, release, isPublic] = trace;
  const attribute = (key: string, value: AttributeValue | null): void => {
    if (value !== null) writeAttribute(writer, SpanField.attributes, key, value);
  };
  attribute('langfuse.trace.name', name);
  attribute('user.id', userId);
  attribute('session.id', sessionId);
  attribute('langfuse.trace.tags', tags);
  attribute('langfuse.trace.public', isPublic);
  attribute('langfuse.release', release);
  if (metadata !== null) writeMetadata(writer, TRACE_METADATA, mergeMetadata(metadata));
}
