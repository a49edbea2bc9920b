/** Writes metadata, flattened by one level so that the server can filter by key, and the attributes of a trace. */

import { type EventReader, isText, readMapHeader, readNil, readText } from '../../event/event-reader.js';
import { type Metadata, mergeMetadata, toText } from '../../records/metadata.js';
import { cutTraceName, TRACE_FIELD, type TraceAttributes } from '../../records/trace.js';
import { writeJson } from '../encoding/event-json.js';
import { writePlainText } from '../encoding/event-text.js';
import { createProtobufWriter, finish, type ProtobufWriter } from '../encoding/protobuf-writer.js';
import {
  type AttributeValue,
  beginKey,
  endKey,
  endTextAttribute,
  writeAttribute,
} from '../otlp/attributes.js';
import { SPAN_FIELD } from '../otlp/messages.js';

export type Decode = (bytes: Uint8Array) => unknown;

/** What comes before the key of a member: the server drops metadata that is not an object. */
export interface MetadataKey {
  readonly text: string;
  readonly prefix: Uint8Array;
}

export function metadataKey(text: string): MetadataKey {
  return { text, prefix: Buffer.from(`${text}.`) };
}

/** Copies an object from the event, without its null members: they would arrive as the text "null". */
export function copyMetadata(writer: ProtobufWriter, { prefix }: MetadataKey, reader: EventReader): void {
  for (let left = readMapHeader(reader); left > 0; left--) {
    const name = readText(reader);
    if (readNil(reader)) continue;
    const key = beginKey(writer, SPAN_FIELD.attributes, prefix);
    writePlainText(writer, reader, name);
    const attribute = endKey(writer, key);
    writeTextOrJson(writer, reader);
    endTextAttribute(writer, attribute);
  }
}

/** Writes a string as it is, anything else as JSON. */
export function writeTextOrJson(writer: ProtobufWriter, reader: EventReader): void {
  if (isText(reader)) writePlainText(writer, reader, readText(reader));
  else writeJson(writer, reader);
}

export function writeMetadata(writer: ProtobufWriter, { text }: MetadataKey, metadata: Metadata): void {
  for (const [key, value] of Object.entries(metadata)) {
    writeAttribute(writer, SPAN_FIELD.attributes, `${text}.${key}`, toText(value));
  }
}

/**
 * Encodes what a trace shares with its observations. `ownMetadata`: the parts of an observation's metadata. The trace's metadata
 * leaves out members of the same names: Langfuse 4 keeps one value per name.
 */
export type TraceAttributesEncoder = (encoded: Buffer, ownMetadata: Buffer | null) => Uint8Array;

/** Keeps the last result, as successive spans share it. */
export function createTraceAttributesEncoder(decode: Decode): TraceAttributesEncoder {
  const writer = createProtobufWriter();
  const write = (trace: TraceAttributes, metadata: Metadata): Uint8Array => {
    writer.position = 0;
    writeTraceAttributes(writer, trace, metadata);
    return finish(writer);
  };
  let last = {
    read: Buffer.alloc(0),
    trace: [] as unknown as TraceAttributes,
    members: [] as [string, unknown][],
  };
  let lastWritten: Uint8Array = Buffer.alloc(0);
  return (bytes, ownMetadata) => {
    if (!bytes.equals(last.read)) {
      const trace = decode(bytes) as TraceAttributes;
      const metadata = mergeMetadata(trace[TRACE_FIELD.metadata] ?? []);
      last = { read: Buffer.from(bytes), trace, members: Object.entries(metadata) };
      lastWritten = write(trace, metadata);
    }
    const { trace, members } = last;
    if (ownMetadata === null || members.length === 0) return lastWritten;
    const own = mergeMetadata(decode(ownMetadata) as readonly unknown[]);
    const others = members.filter(([key]) => !Object.hasOwn(own, key));
    return others.length === members.length ? lastWritten : write(trace, Object.fromEntries(others));
  };
}

const TRACE_METADATA = metadataKey('langfuse.trace.metadata');

function writeTraceAttributes(writer: ProtobufWriter, trace: TraceAttributes, metadata: Metadata): void {
  const [name, userId, sessionId, tags, , release, isPublic, , , input, output] = trace;
  const attribute = (key: string, value: AttributeValue | null): void => {
    if (value !== null) writeAttribute(writer, SPAN_FIELD.attributes, key, value);
  };
  attribute('langfuse.trace.name', name && cutTraceName(name));
  attribute('user.id', userId);
  attribute('session.id', sessionId);
  attribute('langfuse.trace.tags', tags);
  attribute('langfuse.trace.public', isPublic);
  attribute('langfuse.release', release);
  attribute('langfuse.trace.input', input === null ? null : toText(input));
  attribute('langfuse.trace.output', output === null ? null : toText(output));
  writeMetadata(writer, TRACE_METADATA, metadata);
}
