/** The span processor under OpenTelemetry's SDK, against a sink that records what it is sent, decoded. */
import { createRequire } from 'node:module';
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { TailraceSpanProcessor, type TailraceSpanProcessorOptions } from 'tailrace/otel';
import { onTestFinished } from 'vitest';
import { type Answer, ok, type Sink, startSink } from './sink.js';

const require = createRequire(import.meta.url);
const { opentelemetry } = require('otlp-transformer-0.205/build/src/generated/root');
const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: Record<string, unknown>;
  readonly resource: Record<string, unknown>;
  readonly scope: string;
}

export interface ProcessorBench {
  readonly sink: Sink;
  readonly processor: TailraceSpanProcessor;
  readonly provider: BasicTracerProvider;
  /** What OpenTelemetry's diag was told, as `level: message`. */
  readonly messages: string[];
  /** Starts and ends a span. */
  end(name: string, attributes?: Record<string, string>): void;
  spans(): ReceivedSpan[];
  names(): string[];
}

export interface BenchSettings {
  readonly answer?: Answer;
  /** Name of the scope of the spans that `end` makes. */
  readonly scope?: string;
  readonly resource?: Resource;
  /** Where spans go, by the sink's address. @default an OTLP endpoint there */
  readonly to?: (url: string) => TailraceSpanProcessorOptions;
}

export const asCollector = (url: string): TailraceSpanProcessorOptions => ({ endpoint: url });
export const asLangfuseServer = (url: string): TailraceSpanProcessorOptions => ({
  publicKey: 'pk-lf-test',
  secretKey: 'sk-lf-test',
  baseUrl: url,
});

export async function startProcessor(
  options: TailraceSpanProcessorOptions = {},
  { answer = ok, scope = 'test', resource, to = asCollector }: BenchSettings = {},
): Promise<ProcessorBench> {
  const messages = listenToDiag();
  const sink = await startSink(answer);
  const processor = new TailraceSpanProcessor({ ...to(sink.url), ...options });
  const { provider, end } = tracing(processor, scope, resource);
  onTestFinished(async () => {
    await processor.shutdown();
    await sink.close();
  });
  const spans = () =>
    sink.requests.flatMap(({ url, body }) => (url.endsWith('/traces') ? decodeSpans(body) : []));
  return { sink, processor, provider, messages, end, spans, names: () => spans().map(({ name }) => name) };
}

export function tracing(processor: SpanProcessor, scope = 'test', resource?: Resource) {
  const provider = new BasicTracerProvider({ spanProcessors: [processor], ...(resource && { resource }) });
  const tracer = provider.getTracer(scope);
  return {
    provider,
    tracer,
    end(name: string, attributes: Record<string, string> = {}) {
      tracer.startSpan(name, { attributes }).end();
    },
  };
}

/** What diag is told from now on, until the test ends. */
export function listenToDiag(logLevel = DiagLogLevel.INFO): string[] {
  const messages: string[] = [];
  const at = (level: string) => (message: string) => void messages.push(`${level}: ${message}`);
  const logger: DiagLogger = {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    verbose: at('verbose'),
  };
  diag.setLogger(logger, { logLevel, suppressOverrideMessage: true });
  onTestFinished(() => diag.disable());
  return messages;
}

/** All spans of a request in protobuf, in order, each with where it comes from. */
export function decodeSpans(body: Uint8Array): ReceivedSpan[] {
  const message = ExportTraceServiceRequest.decode(body);
  const { resourceSpans = [] } = ExportTraceServiceRequest.toObject(message, { longs: Number });
  return (resourceSpans as ResourceSpans[]).flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        name: span.name ?? '',
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        attributes: toObject(span.attributes),
        resource: toObject(resource?.attributes),
        scope: scope?.name ?? '',
      })),
    ),
  );
}

interface ResourceSpans {
  resource?: { attributes?: KeyValue[] };
  scopeSpans?: { scope?: { name?: string }; spans?: WireSpan[] }[];
}

interface WireSpan {
  name?: string;
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  parentSpanId?: Uint8Array;
  attributes?: KeyValue[];
}

interface KeyValue {
  key: string;
  value?: AnyValue;
}

interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: number;
  doubleValue?: number;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
}

const hex = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString('hex');

function toObject(attributes: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: AnyValue = {}): unknown {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue } = value;
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(toValue);
  if (kvlistValue !== undefined) return toObject(kvlistValue.values);
  return stringValue ?? boolValue ?? intValue ?? doubleValue;
}
