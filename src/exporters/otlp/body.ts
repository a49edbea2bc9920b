/**
 * The body of a request: it groups spans by scope, and scopes by resource, each group in the order of its first span. Its exact
 * size is known before it is written.
 */
import { readEnvelope, type SpanEnvelope } from './envelope.js';

/** A format of OTLP/HTTP: how it nests spans, scopes and resources. */
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
  /** Bytes of all its scopes. */
  scopeBytes: number;
  /** Bytes of the group. */
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
  /** Groups by the bytes of the resource. */
  readonly resources: Map<string, ResourceGroup>;
  resourceBytes: number;
  /** The groups of the last span: mostly the next span has the same. */
  last: { readonly resource: ResourceGroup; readonly scope: ScopeGroup } | undefined;
}

export function createBody(format: OtlpFormat): OtlpBody {
  return { format, resources: new Map(), resourceBytes: 0, last: undefined };
}

/** Adds a span in its envelope (exporters/otlp/envelope). Returns the new size of the body. */
export function addSpan(body: OtlpBody, bytes: Uint8Array): number {
  const { format, resources } = body;
  const envelope = readEnvelope(bytes);
  const { resource, scope } = groupsOf(body, envelope);
  scope.spans.push(envelope.span);
  scope.spanBytes += envelope.span.byteLength;
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
  envelope: SpanEnvelope,
): { readonly resource: ResourceGroup; readonly scope: ScopeGroup } {
  const { last } = body;
  if (last?.resource.resource.equals(envelope.resource) && last.scope.scope.equals(envelope.scope))
    return last;
  const resource = resourceGroup(body, envelope);
  const scope = scopeGroup(resource, envelope);
  body.last = { resource, scope };
  return body.last;
}

function resourceGroup({ resources }: OtlpBody, { resource }: SpanEnvelope): ResourceGroup {
  const key = resource.toString('latin1');
  const known = resources.get(key);
  if (known !== undefined) return known;
  const group: ResourceGroup = { resource, scopes: new Map(), scopeBytes: 0, bytes: 0 };
  resources.set(key, group);
  return group;
}

function scopeGroup({ scopes }: ResourceGroup, { scope }: SpanEnvelope): ScopeGroup {
  const key = scope.toString('latin1');
  const known = scopes.get(key);
  if (known !== undefined) return known;
  const group: ScopeGroup = { scope, spans: [], spanBytes: 0, bytes: 0 };
  scopes.set(key, group);
  return group;
}
