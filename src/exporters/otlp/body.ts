/**
 * The body of a request: spans of the same scope stand together, and scopes of the same resource, in the order in which
 * the first of each came. Its size is known to the byte before it is written.
 */
import { readFrame, type SpanFrame } from './envelope.js';

/** How spans, scopes and resources stand in each other: the two formats of OTLP/HTTP. */
export interface OtlpFormat {
  readonly contentType: string;
  /** Size of a scope with `count` spans of `spanBytes` in all. */
  scopeBytes(scope: Buffer, count: number, spanBytes: number): number;
  resourceBytes(resource: Buffer, count: number, scopeBytes: number): number;
  requestBytes(count: number, resourceBytes: number): number;
  /** The body, piece by piece. */
  pieces(resources: Iterable<ResourceGroup>): Iterable<Buffer>;
}

export interface ResourceGroup {
  readonly resource: Buffer;
  readonly scopes: Map<string, ScopeGroup>;
  /** Of its scopes, in all. */
  scopeBytes: number;
  /** Of itself. */
  bytes: number;
}

interface ScopeGroup {
  readonly scope: Buffer;
  readonly spans: Buffer[];
  spanBytes: number;
  bytes: number;
}

interface OtlpBody {
  readonly format: OtlpFormat;
  /** By their bytes. */
  readonly resources: Map<string, ResourceGroup>;
  resourceBytes: number;
  /** Of the last span: mostly the next one has the same. */
  last: { readonly resource: ResourceGroup; readonly scope: ScopeGroup } | undefined;
}

export function createBody(format: OtlpFormat): OtlpBody {
  return { format, resources: new Map(), resourceBytes: 0, last: undefined };
}

/** Adds a frame (exporters/otlp/envelope). Returns the size of the body with it. */
export function addSpan(body: OtlpBody, bytes: Uint8Array): number {
  const { format, resources } = body;
  const frame = readFrame(bytes);
  const { resource, scope } = groupsOf(body, frame);
  scope.spans.push(frame.span);
  scope.spanBytes += frame.span.byteLength;
  resource.scopeBytes -= scope.bytes;
  scope.bytes = format.scopeBytes(scope.scope, scope.spans.length, scope.spanBytes);
  resource.scopeBytes += scope.bytes;
  body.resourceBytes -= resource.bytes;
  resource.bytes = format.resourceBytes(resource.resource, resource.scopes.size, resource.scopeBytes);
  body.resourceBytes += resource.bytes;
  return format.requestBytes(resources.size, body.resourceBytes);
}

export function encodeBody({ format, resources, resourceBytes }: OtlpBody): Buffer {
  const bytes = format.requestBytes(resources.size, resourceBytes);
  return Buffer.concat([...format.pieces(resources.values())], bytes);
}

function groupsOf(
  body: OtlpBody,
  frame: SpanFrame,
): { readonly resource: ResourceGroup; readonly scope: ScopeGroup } {
  const { last } = body;
  if (last?.resource.resource.equals(frame.resource) && last.scope.scope.equals(frame.scope)) return last;
  const resource = resourceGroup(body, frame);
  const scope = scopeGroup(resource, frame);
  body.last = { resource, scope };
  return body.last;
}

function resourceGroup({ resources }: OtlpBody, { resource }: SpanFrame): ResourceGroup {
  const key = resource.toString('latin1');
  const known = resources.get(key);
  if (known !== undefined) return known;
  const group: ResourceGroup = { resource, scopes: new Map(), scopeBytes: 0, bytes: 0 };
  resources.set(key, group);
  return group;
}

function scopeGroup({ scopes }: ResourceGroup, { scope }: SpanFrame): ScopeGroup {
  const key = scope.toString('latin1');
  const known = scopes.get(key);
  if (known !== undefined) return known;
  const group: ScopeGroup = { scope, spans: [], spanBytes: 0, bytes: 0 };
  scopes.set(key, group);
  return group;
}
