/**
 * Where a span comes from: its resource and its scope, encoded once for all spans that have the same. They do not
 * change, but for a resource that still waits for some of its attributes.
 */
import { createEventWriter, type EventWriter, writeArrayHeader, writeNumber } from '../event/event-writer.js';
import { writeAttributes } from './attribute-writer.js';
import type { ResourceLike, ScopeLike } from './finished-span.js';
import { SPAN_RESOURCE_FIELDS, SPAN_SCOPE_FIELDS } from './span-records.js';
import { writeName, writeOptionalText } from './text-writer.js';

const INITIAL_BYTES = 4096;
const MAX_BYTES = 1024 * 1024;

const NO_RESOURCE: ResourceLike = { attributes: {} };
const NO_SCOPE: ScopeLike = { name: '' };

const resources = new WeakMap<ResourceLike, Buffer>();
const scopes = new WeakMap<ScopeLike, Buffer>();

export function encodedResource(resource: ResourceLike = NO_RESOURCE): Buffer {
  const known = resources.get(resource);
  if (known !== undefined) return known;
  const encoded = encode(writeResource, resource);
  if (resource.asyncAttributesPending !== true) resources.set(resource, encoded);
  return encoded;
}

export function encodedScope(scope: ScopeLike = NO_SCOPE): Buffer {
  const known = scopes.get(scope);
  if (known !== undefined) return known;
  const encoded = encode(writeScope, scope);
  scopes.set(scope, encoded);
  return encoded;
}

function encode<T>(write: (out: EventWriter, one: T) => void, one: T): Buffer {
  const out = createEventWriter(Buffer.allocUnsafeSlow(INITIAL_BYTES), INITIAL_BYTES, MAX_BYTES);
  write(out, one);
  return Buffer.from(out.buffer.subarray(0, out.position));
}

function writeResource(out: EventWriter, { attributes, schemaUrl }: ResourceLike): void {
  writeArrayHeader(out, SPAN_RESOURCE_FIELDS);
  writeAttributes(out, attributes);
  writeOptionalText(out, schemaUrl);
}

function writeScope(out: EventWriter, scope: ScopeLike): void {
  writeArrayHeader(out, SPAN_SCOPE_FIELDS);
  writeName(out, scope.name);
  writeOptionalText(out, scope.version);
  writeOptionalText(out, scope.schemaUrl);
  writeAttributes(out, scope.attributes);
  writeNumber(out, scope.droppedAttributesCount ?? 0);
}
