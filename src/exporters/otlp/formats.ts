/** The two formats of OTLP/HTTP, protobuf and JSON: how a request nests resources, scopes and spans. */
import type { EventReader } from '../../event/event-reader.js';
import type { SpanView } from '../../records/span.js';
import {
  createFixedWriter,
  type ProtobufWriter,
  take,
  varintBytes,
  WIRE_TYPE,
  writeTag,
  writeVarint,
} from '../encoding/protobuf-writer.js';
import type { OtlpFormat, ResourceGroup } from './body.js';
import { REQUEST_RESOURCE_SPANS, RESOURCE_SPANS_SCOPE_SPANS } from './messages.js';
import { writeResource, writeScope, writeSpan } from './span.js';
import { writeResourceJson, writeScopeJson, writeSpanJson } from './span-json.js';

/** A format with the writers of a request's parts. */
export interface SpanFormat extends OtlpFormat {
  writeResource(writer: ProtobufWriter, reader: EventReader): void;
  writeScope(writer: ProtobufWriter, reader: EventReader): void;
  writeSpan(writer: ProtobufWriter, reader: EventReader, view: SpanView): void;
}

/** Bytes of a message with its tag (a field below 16) and its length. */
const messageBytes = (bytes: number): number => 1 + varintBytes(bytes) + bytes;
const MAX_MESSAGE_HEADER_BYTES = 10;

export const PROTOBUF: SpanFormat = {
  contentType: 'application/x-protobuf',
  writeResource,
  writeScope,
  writeSpan,
  scopeBytes: (scope, _, spanBytes) => messageBytes(scope.byteLength + spanBytes),
  resourceBytes: (resource, _, scopeBytes) => messageBytes(resource.byteLength + scopeBytes),
  requestBytes: (_, resourceBytes) => resourceBytes,
  *pieces(resources) {
    for (const { resource, scopes, scopeBytes } of resources) {
      yield messageHeader(REQUEST_RESOURCE_SPANS, resource.byteLength + scopeBytes);
      yield resource;
      for (const { scope, spans, spanBytes } of scopes.values()) {
        yield messageHeader(RESOURCE_SPANS_SCOPE_SPANS, scope.byteLength + spanBytes);
        yield scope;
        yield* spans;
      }
    }
  },
};

function messageHeader(field: number, bytes: number): Buffer {
  const writer = createFixedWriter(MAX_MESSAGE_HEADER_BYTES);
  writeTag(writer, field, WIRE_TYPE.bytes);
  writeVarint(writer, bytes);
  return take(writer);
}

const COMMA = Buffer.from(',');
const REQUEST = bracket('{"resourceSpans":[', ']}');
/** Brackets around an object whose own members come first. */
const RESOURCE = bracket('{', ',"scopeSpans":[', ']}');
const SCOPE = bracket('{', ',"spans":[', ']}');

export const JSON_FORMAT: SpanFormat = {
  contentType: 'application/json',
  writeResource: writeResourceJson,
  writeScope: writeScopeJson,
  writeSpan: writeSpanJson,
  scopeBytes: (scope, count, spanBytes) => SCOPE.bytes + scope.byteLength + listBytes(count, spanBytes),
  resourceBytes: (resource, count, scopeBytes) =>
    RESOURCE.bytes + resource.byteLength + listBytes(count, scopeBytes),
  requestBytes: (count, resourceBytes) => REQUEST.bytes + listBytes(count, resourceBytes),
  *pieces(resources) {
    const [open, close] = REQUEST.parts;
    yield open as Buffer;
    yield* list(resources, resourcePieces);
    yield close as Buffer;
  },
};

function* resourcePieces({ resource, scopes }: ResourceGroup): Generator<Buffer> {
  const [open, middle, close] = RESOURCE.parts as [Buffer, Buffer, Buffer];
  yield* [open, resource, middle];
  yield* list(scopes.values(), function* ({ scope, spans }) {
    const [openScope, middleScope, closeScope] = SCOPE.parts as [Buffer, Buffer, Buffer];
    yield* [openScope, scope, middleScope];
    yield* list(spans, (span) => [span]);
    yield closeScope;
  });
  yield close;
}

function* list<T>(members: Iterable<T>, pieces: (member: T) => Iterable<Buffer>): Generator<Buffer> {
  let isFirst = true;
  for (const member of members) {
    if (!isFirst) yield COMMA;
    isFirst = false;
    yield* pieces(member);
  }
}

function listBytes(count: number, bytes: number): number {
  return bytes + Math.max(0, count - 1) * COMMA.byteLength;
}

function bracket(...texts: readonly string[]) {
  const parts = texts.map((text) => Buffer.from(text));
  return { parts, bytes: parts.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}
