/** The official OTLP decoder (the last release of the transformer that carries one), with attributes as an object. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { opentelemetry } = require('otlp-transformer-0.205/build/src/generated/root');
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

export interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { message?: string; code?: number };
  readonly attributes: Record<string, unknown>;
}

export interface DecodedRequest {
  readonly resource: Record<string, unknown>;
  readonly scope: { name: string; version: string; attributes: Record<string, unknown> };
  readonly spans: DecodedSpan[];
}

interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  /** A 64-bit integer, in digits. */
  intValue?: string;
  arrayValue?: { values?: AnyValue[] };
}
type Attributes = { key: string; value: AnyValue }[];

export function decodeRequest(body: Uint8Array): DecodedRequest {
  const message = ExportTraceServiceRequest.decode(body);
  const { resourceSpans } = ExportTraceServiceRequest.toObject(message, { longs: String });
  const { resource, scopeSpans } = resourceSpans[0];
  return {
    resource: toObject(resource.attributes),
    scope: { ...scopeSpans[0].scope, attributes: toObject(scopeSpans[0].scope.attributes) },
    spans: (scopeSpans[0].spans ?? []).map((span: Record<string, unknown>) => ({
      ...span,
      traceId: Buffer.from(span.traceId as Uint8Array).toString('hex'),
      spanId: Buffer.from(span.spanId as Uint8Array).toString('hex'),
      parentSpanId: Buffer.from((span.parentSpanId as Uint8Array) ?? []).toString('hex'),
      attributes: toObject(span.attributes as Attributes),
    })),
  };
}

function toObject(attributes: Attributes = []): Record<string, unknown> {
  const keys = attributes.map(({ key }) => key);
  if (new Set(keys).size !== keys.length) throw new Error(`an attribute stands twice in ${keys.join(', ')}`);
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]));
}

/** A number only where it came as an integer. */
function toValue({ stringValue, boolValue, intValue, arrayValue }: AnyValue): unknown {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? boolValue ?? (arrayValue && (arrayValue.values ?? []).map(toValue));
}
