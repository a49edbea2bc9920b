/** Resource and scope of a span in its record: their fields, how they are encoded, once for all spans that share them, and read. */
import { type EventReader, readText, type TextRange } from '../event/event-reader.js';
import {
  createEventWriter,
  type EventWriter,
  writeArrayHeader,
  writeBytes,
  writeFrozen,
  writeNumber,
} from '../event/event-writer.js';
import { Frozen } from '../event/frozen.js';
import type { ResourceLike, ScopeLike } from './finished-span.js';
import {
  expectFields,
  readCount,
  readOptionalText,
  type SpanAttributes,
  skipped,
  writeAttributes,
  writeName,
  writeOptionalText,
} from './span-values.js';

export type SpanResource = readonly [attributes: SpanAttributes, schemaUrl: string | null];

const RESOURCE_FIELD_COUNT: SpanResource['length'] = 2;

export type SpanScope = readonly [
  name: string,
  version: string | null,
  schemaUrl: string | null,
  attributes: SpanAttributes,
  droppedAttributes: number,
];

const SCOPE_FIELD_COUNT: SpanScope['length'] = 5;

const INITIAL_BYTES = 4096;
/** A resource with a scope. */
const MAX_BYTES = 2 * 1024 * 1024;

const NO_RESOURCE: ResourceLike = { attributes: {} };
const NO_SCOPE: ScopeLike = { name: '' };

const resources = new WeakMap<ResourceLike, Uint8Array>();
/** Both in the bytes of a record: one look-up and one copy for each span. */
const origins = new WeakMap<ScopeLike, WeakMap<ResourceLike, Frozen>>();

/** Writes resource and scope, as bytes each. */
export function writeOrigin(
  out: EventWriter,
  resource: ResourceLike = NO_RESOURCE,
  scope: ScopeLike = NO_SCOPE,
): void {
  writeFrozen(out, origins.get(scope)?.get(resource) ?? encodeOrigin(resource, scope));
}

function encodeOrigin(resource: ResourceLike, scope: ScopeLike): Frozen {
  const ofResource = encodedResource(resource);
  const ofScope = encode(writeScope, scope);
  const bytes = encode((out) => {
    writeBytes(out, ofResource);
    writeBytes(out, ofScope);
  }, undefined);
  const origin = new Frozen(bytes, 0, bytes.byteLength, null);
  if (isComplete(resource)) remember(resource, scope, origin);
  return origin;
}

function encodedResource(resource: ResourceLike): Uint8Array {
  const known = resources.get(resource);
  if (known !== undefined) return known;
  const encoded = encode(writeResource, resource);
  if (isComplete(resource)) resources.set(resource, encoded);
  return encoded;
}

/** A resource does not change once all of its attributes are known. */
function isComplete(resource: ResourceLike): boolean {
  return resource.asyncAttributesPending !== true;
}

function remember(resource: ResourceLike, scope: ScopeLike, origin: Frozen): void {
  const ofScope = origins.get(scope) ?? new WeakMap<ResourceLike, Frozen>();
  ofScope.set(resource, origin);
  origins.set(scope, ofScope);
}

function encode<T>(write: (out: EventWriter, one: T) => void, one: T): Buffer {
  const out = createEventWriter(Buffer.allocUnsafeSlow(INITIAL_BYTES), INITIAL_BYTES, MAX_BYTES);
  write(out, one);
  return Buffer.from(out.buffer.subarray(0, out.position));
}

function writeResource(out: EventWriter, { attributes, schemaUrl }: ResourceLike): void {
  writeArrayHeader(out, RESOURCE_FIELD_COUNT);
  writeAttributes(out, attributes);
  writeOptionalText(out, schemaUrl);
}

function writeScope(out: EventWriter, scope: ScopeLike): void {
  writeArrayHeader(out, SCOPE_FIELD_COUNT);
  writeName(out, scope.name);
  writeOptionalText(out, scope.version);
  writeOptionalText(out, scope.schemaUrl);
  writeAttributes(out, scope.attributes);
  writeNumber(out, scope.droppedAttributesCount ?? 0);
}

/** `attributesAt`: the position of the map of attributes. */
interface ResourceView {
  readonly attributesAt: number;
  readonly schemaUrl: TextRange | undefined;
}

interface ScopeView extends ResourceView {
  readonly name: TextRange;
  readonly version: TextRange | undefined;
  readonly droppedAttributes: number;
}

/** JavaScript evaluates the members of a literal in their order, which is that of the record. */
export function readResource(reader: EventReader): ResourceView {
  expectFields(reader, RESOURCE_FIELD_COUNT, 'resource');
  return { attributesAt: skipped(reader), schemaUrl: readOptionalText(reader) };
}

export function readScope(reader: EventReader): ScopeView {
  expectFields(reader, SCOPE_FIELD_COUNT, 'scope');
  return {
    name: readText(reader),
    version: readOptionalText(reader),
    schemaUrl: readOptionalText(reader),
    attributesAt: skipped(reader),
    droppedAttributes: readCount(reader),
  };
}
