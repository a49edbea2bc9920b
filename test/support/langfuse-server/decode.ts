/** OTLP requests as a Langfuse server reads them, each attribute with the type that it had on the wire. */
import { createRequire } from 'node:module';
import type { ReceivedRequest } from './types.js';

// The last release of the official transformer that carries a decoder.
const require = createRequire(import.meta.url);
const { opentelemetry } = require('otlp-transformer-0.205/build/src/generated/root');
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

export interface WireValue {
  /** `string`, `bool`, `int`, `double`, `map`, `bytes`, `none`, or that of a list: `string[]`, `[]`, `int|string[]`. */
  readonly type: string;
  /** What the server makes of it. */
  readonly value: unknown;
}

export type WireAttributes = ReadonlyMap<string, WireValue>;

export interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string | undefined;
  readonly startTime: string;
  readonly endTime: string;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: WireAttributes;
  readonly resource: WireAttributes;
  readonly scope: {
    readonly name: string | undefined;
    readonly version: string | undefined;
    readonly attributes: WireAttributes;
  };
}

type Json = Record<string, unknown>;

/** The spans in their order. Throws where the body is no OTLP. */
export function decodeOtlp({ headers, body }: ReceivedRequest): WireSpan[] {
  const isJson = String(headers['content-type']).includes('json');
  const message = isJson ? JSON.parse(Buffer.from(body).toString('utf8')) : decodeProtobuf(body);
  return list(message.resourceSpans).flatMap(({ resource, scopeSpans }) => {
    const ofResource = attributesOf(resource);
    return list(scopeSpans).flatMap(({ scope, spans }) => {
      const { name, version } = Object(scope);
      const ofScope = { name, version, attributes: attributesOf(scope) };
      return list(spans).map((span) => ({ ...toSpan(span), resource: ofResource, scope: ofScope }));
    });
  });
}

/**
 * The endpoint decodes with 64-bit numbers as text, and the worker reads what was stored as JSON meanwhile: NaN has
 * become null, bytes an object (Langfuse's web/src/pages/api/public/otel/v1/traces/index.ts, `publishToOtelIngestionQueue`).
 */
function decodeProtobuf(body: Uint8Array): Json {
  const message = ExportTraceServiceRequest.decode(body);
  return JSON.parse(JSON.stringify(ExportTraceServiceRequest.toObject(message, { longs: String })));
}

function toSpan(span: Json): Omit<WireSpan, 'resource' | 'scope'> {
  const [start, end] = [toTime(span.startTimeUnixNano), toTime(span.endTimeUnixNano)];
  const fallback = start ?? end ?? new Date().toISOString();
  return {
    traceId: toId(span.traceId),
    spanId: toId(span.spanId),
    parentSpanId: span.parentSpanId ? toId(span.parentSpanId) || null : null,
    name: span.name as string | undefined,
    startTime: start ?? fallback,
    endTime: end ?? fallback,
    status: (span.status ?? {}) as WireSpan['status'],
    attributes: attributesOf(span),
  };
}

/** Whole milliseconds: the rest is cut off (`convertNanoTimestampToISO` of OtelIngestionProcessor.ts). */
function toTime(nanoseconds: unknown): string | undefined {
  if (nanoseconds === undefined || nanoseconds === null || nanoseconds === '') return undefined;
  if (typeof nanoseconds === 'number') return new Date(nanoseconds / 1e6).toISOString();
  return new Date(Number(BigInt(nanoseconds as string) / 1_000_000n)).toISOString();
}

/** A text as it is; bytes as hexadecimal digits (`parseId` of OtelIngestionProcessor.ts). */
function toId(id: unknown): string {
  if (typeof id === 'string') return id;
  return Buffer.from((id as { data?: number[] }).data ?? (id as number[])).toString('hex');
}

/** Of two attributes of one key the later one counts. */
function attributesOf(message: unknown): WireAttributes {
  const attributes = list(Object(message).attributes);
  return new Map(attributes.map(({ key, value }) => [key as string, toWireValue(Object(value) as Json)]));
}

function toWireValue(value: Json): WireValue {
  return { type: typeOf(value), value: toPlain(value) };
}

const TYPES: Readonly<Record<string, string>> = {
  stringValue: 'string',
  boolValue: 'bool',
  intValue: 'int',
  doubleValue: 'double',
  kvlistValue: 'map',
  bytesValue: 'bytes',
};

function typeOf(value: Json): string {
  if (value.arrayValue !== undefined) {
    const types = list(Object(value.arrayValue).values).map((one) => typeOf(one as Json));
    return `${[...new Set(types)].sort().join('|')}[]`;
  }
  const key = Object.keys(TYPES).find((one) => value[one] !== undefined);
  return key === undefined ? 'none' : (TYPES[key] as string);
}

/**
 * `convertValueToPlainJavascript` of Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts. Maps, bytes,
 * no value, and a list that is empty in protobuf (which then has no member `values`) become JSON text.
 */
function toPlain(value: Json): unknown {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.doubleValue !== undefined) return toDouble(value.doubleValue);
  if (value.boolValue !== undefined) return value.boolValue;
  const values = Object(value.arrayValue).values;
  if (values !== undefined) return list(values).map((one) => toPlain(one as Json));
  const int = value.intValue === undefined ? Number.NaN : Number(value.intValue);
  return Number.isNaN(int) ? JSON.stringify(value) : int;
}

/** OTLP/JSON writes NaN and the like as text, and as text they stay. */
function toDouble(value: unknown): unknown {
  return typeof value === 'string' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function list(value: unknown): Json[] {
  return (value ?? []) as Json[];
}
