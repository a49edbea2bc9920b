/** What the receiver's tests share: official OpenTelemetry spans, and a client that speaks plain HTTP. */

import {
  type Attributes as OtelAttributes,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

export interface SpanSpec {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  name?: string;
  startMs?: number;
  endMs?: number;
  attributes?: OtelAttributes;
  error?: string;
  scope?: string;
}

export const traceA = '0af7651916cd43dd8448eb211c80319c';
export const traceB = 'b7ad6b7169203331aaaaaaaaaaaaaaaa';
export const baseMs = Date.UTC(2026, 0, 15, 12);

/** A span as the official SDK makes it, with the ids and times that the test wants. */
export function otelSpan(spec: SpanSpec = {}): ReadableSpan {
  const exporter = new InMemorySpanExporter();
  const traceId = spec.traceId ?? traceA;
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    idGenerator: { generateTraceId: () => traceId, generateSpanId: () => spec.spanId ?? '00f067aa0ba902b7' },
  });
  const parent =
    spec.parentSpanId === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId,
          spanId: spec.parentSpanId,
          traceFlags: TraceFlags.SAMPLED,
        });
  const span = provider
    .getTracer(spec.scope ?? 'test', '1.2.3')
    .startSpan(
      spec.name ?? 'work',
      { startTime: baseMs + (spec.startMs ?? 0), attributes: spec.attributes ?? {} },
      parent,
    );
  if (spec.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: spec.error });
  span.end(baseMs + (spec.endMs ?? 1000));
  const [finished] = exporter.getFinishedSpans();
  if (finished === undefined) throw new Error('the span was not exported');
  return finished;
}

export const authorization = `Basic ${Buffer.from('pk-lf-test:sk-lf-test').toString('base64')}`;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  json: any;
}

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, {
    ...init,
    headers: { authorization, ...(init.headers as Record<string, string>) },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export function postProtobuf(
  url: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return call(`${url}/api/public/otel/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: body as Uint8Array<ArrayBuffer>,
  });
}

let events = 0;

/** A classic ingestion event; later ones have later timestamps unless the test says otherwise. */
export function ingestionEvent(type: string, body: unknown, timestampMs = baseMs + events * 10) {
  events += 1;
  return { id: `event-${events}`, type, timestamp: new Date(timestampMs).toISOString(), body };
}
