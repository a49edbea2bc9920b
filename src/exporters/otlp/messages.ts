/** Writes OTLP's trace messages as protobuf (opentelemetry-proto, trace/v1/trace.proto), and knows their field numbers. */

import {
  begin,
  beginMessage,
  createFixedWriter,
  createProtobufWriter,
  endMessage,
  finish,
  type ProtobufWriter,
  take,
  varintBytes,
  WIRE_TYPE,
  writeRaw,
  writeString,
  writeTag,
  writeUint,
  writeVarint,
} from '../encoding/protobuf-writer.js';
import { writeAttribute } from './attributes.js';

export const SPAN_FIELD = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  startTimeUnixNano: 7,
  endTimeUnixNano: 8,
  attributes: 9,
  droppedAttributesCount: 10,
  events: 11,
  droppedEventsCount: 12,
  links: 13,
  droppedLinksCount: 14,
  status: 15,
  flags: 16,
} as const;

export const SPAN_KIND_INTERNAL = 1;
const STATUS_ERROR = 2;

const STATUS_MESSAGE = 2;
const STATUS_CODE = 3;

export const REQUEST_RESOURCE_SPANS = 1;
const RESOURCE_SPANS_RESOURCE = 1;
export const RESOURCE_SPANS_SCOPE_SPANS = 2;
const RESOURCE_ATTRIBUTES = 1;
const SCOPE_SPANS_SCOPE = 1;
export const SCOPE_SPANS_SPANS = 2;
const SCOPE_NAME_FIELD = 1;
const SCOPE_VERSION_FIELD = 2;
const SCOPE_ATTRIBUTES_FIELD = 3;

/** Writes the status of a failed span. */
export function writeErrorStatus(writer: ProtobufWriter, writeMessage: (() => void) | undefined): void {
  writeStatus(writer, STATUS_ERROR, writeMessage);
}

/** `writeMessage` writes the text; undefined: there is none. */
export function writeStatus(
  writer: ProtobufWriter,
  code: number,
  writeMessage: (() => void) | undefined,
): void {
  const status = beginMessage(writer, SPAN_FIELD.status);
  if (writeMessage !== undefined) {
    const message = beginMessage(writer, STATUS_MESSAGE);
    writeMessage();
    endMessage(writer, message);
  }
  writeUint(writer, STATUS_CODE, code);
  endMessage(writer, status);
}

/** The bytes before the spans of a request, which are the same in each: resource and scope. */
interface OtlpEnvelope {
  readonly resource: Buffer;
  readonly scope: Buffer;
}

export function createEnvelope(
  resource: Readonly<Record<string, string>>,
  scope: { name: string; version: string; attributes: Readonly<Record<string, string>> },
): OtlpEnvelope {
  const writer = createProtobufWriter();
  const resourceStart = beginMessage(writer, RESOURCE_SPANS_RESOURCE);
  for (const [key, value] of Object.entries(resource)) {
    writeAttribute(writer, RESOURCE_ATTRIBUTES, key, value);
  }
  endMessage(writer, resourceStart);
  const resourceBytes = finish(writer);
  const scopeStart = beginMessage(writer, SCOPE_SPANS_SCOPE);
  writeString(writer, SCOPE_NAME_FIELD, scope.name);
  writeString(writer, SCOPE_VERSION_FIELD, scope.version);
  for (const [key, value] of Object.entries(scope.attributes)) {
    writeAttribute(writer, SCOPE_ATTRIBUTES_FIELD, key, value);
  }
  endMessage(writer, scopeStart);
  return { resource: resourceBytes, scope: finish(writer) };
}

/** Runs `write` for one span, and returns its bytes with tag and length. They lie behind those of the last span. */
export function encodeSpan(writer: ProtobufWriter, expectedBytes: number, write: () => void): Buffer {
  begin(writer, expectedBytes);
  const span = beginMessage(writer, SCOPE_SPANS_SPANS);
  write();
  endMessage(writer, span);
  return take(writer);
}

interface RequestSizes {
  readonly scopeSpans: number;
  readonly resourceSpans: number;
  readonly request: number;
}

/** Sizes of a request's nested messages for spans of `spanBytes` bytes together. */
function requestSizes({ resource, scope }: OtlpEnvelope, spanBytes: number): RequestSizes {
  const scopeSpans = scope.byteLength + spanBytes;
  const resourceSpans = resource.byteLength + 1 + varintBytes(scopeSpans) + scopeSpans;
  return { scopeSpans, resourceSpans, request: 1 + varintBytes(resourceSpans) + resourceSpans };
}

/** The exact size of `encodeRequest`'s result. */
export function requestBytes(envelope: OtlpEnvelope, spanBytes: number): number {
  return requestSizes(envelope, spanBytes).request;
}

/** More pieces are copied into one: each piece is a write to the socket. */
const MAX_PIECES = 16;

/** An ExportTraceServiceRequest of one resource and one scope, in pieces. */
export function encodeRequest(
  envelope: OtlpEnvelope,
  spans: readonly Uint8Array[],
  spanBytes: number,
): Uint8Array[] {
  const { scopeSpans, resourceSpans, request } = requestSizes(envelope, spanBytes);
  const writer = createFixedWriter(request - spanBytes);
  writeTag(writer, REQUEST_RESOURCE_SPANS, WIRE_TYPE.bytes);
  writeVarint(writer, resourceSpans);
  writeRaw(writer, envelope.resource);
  writeTag(writer, RESOURCE_SPANS_SCOPE_SPANS, WIRE_TYPE.bytes);
  writeVarint(writer, scopeSpans);
  writeRaw(writer, envelope.scope);
  return [take(writer), ...joinNeighbours(spans)];
}

/** Joins spans that lie side by side in memory to one piece, without a copy. */
function joinNeighbours(spans: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let next = 0; next < spans.length; ) {
    const { buffer, byteOffset } = spans[next] as Uint8Array;
    let end = byteOffset;
    for (; next < spans.length; next++) {
      const span = spans[next] as Uint8Array;
      if (span.buffer !== buffer || span.byteOffset !== end) break;
      end += span.byteLength;
    }
    pieces.push(new Uint8Array(buffer, byteOffset, end - byteOffset));
  }
  return pieces.length > MAX_PIECES ? [Buffer.concat(pieces)] : pieces;
}
