/** Requests of OTLP/HTTP in one form, whatever they were encoded in: every field there, 64-bit numbers and times as text. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { opentelemetry } = require('otlp-transformer-0.205/build/src/generated/root');
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

type Json = Record<string, unknown>;

export interface OtlpMessage {
  readonly resourceSpans: readonly ResourceSpans[];
}

interface ResourceSpans {
  readonly resource: { readonly attributes: readonly KeyValue[] };
  readonly schemaUrl: string;
  readonly scopeSpans: readonly ScopeSpans[];
}

interface ScopeSpans {
  readonly scope: { readonly name: string; readonly version: string };
  readonly schemaUrl: string;
  readonly spans: readonly OtlpSpan[];
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly flags: number;
  readonly attributes: readonly KeyValue[];
}

interface KeyValue {
  readonly key: string;
  readonly value: Json;
}

/** By the decoder of the official transformer. */
export function fromProtobuf(body: Uint8Array): OtlpMessage {
  const message = ExportTraceServiceRequest.decode(body);
  return request(ExportTraceServiceRequest.toObject(message, { longs: String }), (id) =>
    Buffer.from(id as Uint8Array).toString('hex'),
  );
}

/** By the JSON mapping of proto3: it takes numbers as text or not, and "NaN" and the like where a number belongs. */
export function fromJson(body: Uint8Array): OtlpMessage {
  return request(JSON.parse(Buffer.from(body).toString('utf8')), String);
}

/** The spans in their order, each with what it belongs to. */
export function spansOf({ resourceSpans }: OtlpMessage) {
  return resourceSpans.flatMap(({ scopeSpans, ...resource }) =>
    scopeSpans.flatMap(({ spans, ...scope }) => spans.map((span) => ({ resource, scope, span }))),
  );
}

function request(message: Json, id: (value: unknown) => string): OtlpMessage {
  const resourceSpans = list(message.resourceSpans).map(({ resource, scopeSpans, schemaUrl = '' }) => ({
    resource: { ...withAttributes(resource), present: resource !== undefined },
    schemaUrl,
    scopeSpans: list(scopeSpans).map(({ scope, spans, schemaUrl: ofScope = '' }) => ({
      scope: { name: '', version: '', ...withAttributes(scope), present: scope !== undefined },
      schemaUrl: ofScope,
      spans: list(spans).map((span) => toSpan(span, id)),
    })),
  }));
  return { resourceSpans } as unknown as OtlpMessage;
}

function toSpan(span: Json, id: (value: unknown) => string): Json {
  return {
    name: '',
    kind: 0,
    traceState: '',
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    flags: 0,
    ...withAttributes(span),
    traceId: id(span.traceId),
    spanId: id(span.spanId),
    parentSpanId: id(span.parentSpanId ?? ''),
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    status: span.status && { code: 0, message: '', ...(span.status as Json) },
    events: list(span.events).map((event) => ({
      name: '',
      ...withAttributes(event),
      timeUnixNano: String(event.timeUnixNano),
    })),
    links: list(span.links).map((link) => ({
      traceState: '',
      flags: 0,
      ...withAttributes(link),
      traceId: id(link.traceId),
      spanId: id(link.spanId),
    })),
  };
}

function withAttributes(message: unknown): Json {
  const { attributes, droppedAttributesCount = 0, ...rest } = Object(message);
  return { ...rest, attributes: keyValues(attributes), droppedAttributesCount };
}

function keyValues(attributes: unknown): KeyValue[] {
  return list(attributes).map(({ key, value }) => ({ key: key as string, value: anyValue(value as Json) }));
}

function anyValue(value: Json): Json {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  if (stringValue !== undefined) return { string: stringValue };
  if (boolValue !== undefined) return { bool: boolValue };
  if (intValue !== undefined) return { int: String(intValue) };
  if (doubleValue !== undefined) return { double: doubleValue === null ? Number.NaN : Number(doubleValue) };
  if (arrayValue !== undefined) return { array: list((arrayValue as Json).values).map(anyValue) };
  if (kvlistValue !== undefined) return { map: keyValues((kvlistValue as Json).values) };
  if (bytesValue === undefined) return {};
  const encoding = typeof bytesValue === 'string' ? 'base64' : undefined;
  return { bytes: Buffer.from(bytesValue as string, encoding).toString('hex') };
}

function list(value: unknown): Json[] {
  return (value ?? []) as Json[];
}
