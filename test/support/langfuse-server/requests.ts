/** Requests as a client would send them, for tests of the model: spans with plain attributes, and batches of events. */
import type { ReceivedRequest } from './types.js';

export const TRACE = '0af7651916cd43dd8448eb211c80319c';
const START_MS = Date.UTC(2026, 0, 15, 12);

export interface SpanSpec {
  readonly id: string;
  readonly traceId?: string;
  readonly parentId?: string;
  readonly name?: string;
  /** Milliseconds, with fractions, after a fixed time. */
  readonly startMs?: number;
  readonly endMs?: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface RequestSpec {
  readonly scope?: string;
  readonly resource?: Readonly<Record<string, unknown>>;
  readonly headers?: ReceivedRequest['headers'];
}

/** As OTLP/JSON. Whole numbers go as integers. */
export function otlpRequest(spans: readonly SpanSpec[], spec: RequestSpec = {}): ReceivedRequest {
  const { scope = 'langfuse-sdk', resource = {}, headers = {} } = spec;
  const scopeSpans = [{ scope: { name: scope }, spans: spans.map(toSpan) }];
  const resourceSpans = [{ resource: { attributes: toAttributes(resource) }, scopeSpans }];
  return {
    path: '/api/public/otel/v1/traces',
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify({ resourceSpans })),
  };
}

function toSpan({
  id,
  traceId = TRACE,
  parentId,
  name = id,
  startMs = 0,
  endMs = startMs,
  attributes = {},
}: SpanSpec) {
  const nanoseconds = (ms: number): string =>
    String(BigInt(START_MS) * 1_000_000n + BigInt(Math.round(ms * 1e6)));
  return {
    traceId,
    spanId: id,
    parentSpanId: parentId,
    name,
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: toAttributes(attributes),
  };
}

function toAttributes(attributes: Readonly<Record<string, unknown>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }));
}

function toAnyValue(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  return Array.isArray(value)
    ? { arrayValue: { values: value.map(toAnyValue) } }
    : { stringValue: String(value) };
}

/** After the fixed time. */
export function at(ms: number): string {
  return new Date(START_MS + ms).toISOString();
}

export interface EventSpec {
  readonly id?: string;
  readonly type: string;
  /** Of the envelope. */
  readonly atMs?: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Events without an id of their own are numbered. */
export function batchRequest(events: readonly EventSpec[]): ReceivedRequest {
  const batch = events.map(({ id, type, atMs = 0, body }, index) => ({
    id: id ?? `event-${index}`,
    type,
    timestamp: at(atMs),
    body,
  }));
  return {
    path: '/api/public/ingestion',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ batch })),
  };
}
