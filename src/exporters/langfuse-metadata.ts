/** Metadata, flattened by one level so that the server can filter by key, and what else a trace has of its own. */

import { type EventReader, isText, readMapHeader, readNil, readText } from '../event/event-reader.js';
import { type Metadata, mergeMetadata, toText } from '../shared/metadata.js';
import type { TraceAttributes } from '../shared/records.js';
import { writeJson } from './event-json.js';
import { writePlainText } from './event-text.js';
import { SpanField } from './otlp.js';
import {
  type AttributeValue,
  beginKey,
  endKey,
  endTextAttribute,
  writeAttribute,
} from './otlp-attributes.js';
import { createProtobufWriter, finish, type ProtobufWriter } from './protobuf-writer.js';

export type Decode = (bytes: Uint8Array) => unknown;

/** What stands before the key of a member: the server drops metadata that is not an object. */
export interface MetadataKey {
  readonly text: string;
  readonly prefix: Uint8Array;
}

export function metadataKey(text: string): MetadataKey {
  return { text, prefix: Buffer.from(`${text}.`) };
}

/** An object, as it stands in the event. A member that is null would arrive as the text "null". */
export function copyMetadata(writer: ProtobufWriter, { prefix }: MetadataKey, reader: EventReader): void {
  for (let left = readMapHeader(reader); left > 0; left--) {
    const name = readText(reader);
    if (readNil(reader)) continue;
    const key = beginKey(writer, SpanField.attributes, prefix);
    writePlainText(writer, reader, name);
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

export function writeMetadata(writer: ProtobufWriter, { text }: MetadataKey, metadata: Metadata): void {
  for (const [key, value] of Object.entries(metadata)) {
    writeAttribute(writer, SpanField.attributes, `${text}.${key}`, toText(value));
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
  const [name, userId, sessionId, tags, metadata, release, isPublic, , , input, output] = trace;
  const attribute = (key: string, value: AttributeValue | null): void => {
    if (value !== null) writeAttribute(writer, SpanField.attributes, key, value);
  };
  attribute('langfuse.trace.name', name);
  attribute('user.id', userId);
  attribute('session.id', sessionId);
  attribute('langfuse.trace.tags', tags);
  attribute('langfuse.trace.public', isPublic);
  attribute('langfuse.release', release);
  attribute('langfuse.trace.input', input === null ? null : toText(input));
  attribute('langfuse.trace.output', output === null ? null : toText(output));
  if (metadata !== null) writeMetadata(writer, TRACE_METADATA, mergeMetadata(metadata));
}
