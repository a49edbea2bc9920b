/** Types of the public API as an application meets them. Nothing here runs: `npm run typecheck` fails where one is off. */
import type { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expectTypeOf } from 'expect-type';
import {
  type BodyOf,
  type CallEvent,
  createTraceId,
  extractTraceContext,
  type FlushResult,
  type GenerationBody,
  getActiveObservation,
  getClient,
  injectTraceContext,
  type MessageCode,
  type Observation,
  type ObservationBody,
  type OpenAIUsage,
  observe,
  type Parent,
  type ParentContext,
  propagateAttributes,
  type ScoreBody,
  startActiveObservation,
  startObservation,
  Tailrace,
  type TailraceOptions,
  type Trace,
  type TraceBody,
} from 'tailrace';
import {
  attachEngine,
  type Counts,
  createEngine,
  type Engine,
  type EngineInput,
  type ExporterSource,
  type Frozen,
} from 'tailrace/engine';
import { isDefaultExportSpan, TailraceSpanProcessor, type TailraceSpanProcessorOptions } from 'tailrace/otel';

/** Of types alone: none of this is called. */
export function options(): void {
  expectTypeOf<TailraceOptions>().toExtend<{ publicKey?: string; sampleRate?: number }>();
  const frozen = {
    publicKey: 'pk',
    tags: ['a', 'b'],
    additionalHeaders: { 'x-team': 'ml' },
    logLevel: 'debug',
    compression: 'gzip',
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  } as const;
  expectTypeOf(frozen).toExtend<TailraceOptions>();
  // Of langfuse 3.
  new Tailrace({ workers: 2, logger: console, mask: undefined });
  new Tailrace({ flushAt: 1, requestTimeout: 5000, fetchRetryCount: 3, enabled: false, sdkIntegration: 'x' });
  // @ts-expect-error there is no such option
  new Tailrace({ publikKey: 'pk' });
  // @ts-expect-error a number of seconds
  new Tailrace({ flushInterval: '5' });
  // @ts-expect-error none of the levels
  new Tailrace({ logLevel: 'loud' });
}

export function objectStyle(client: Tailrace): void {
  const tags = ['a'] as const;
  const trace = client.trace({
    name: 'n',
    userId: null,
    tags,
    metadata: { any: 1 },
    timestamp: new Date(),
  } as const);
  expectTypeOf(trace).toEqualTypeOf<Trace>();
  expectTypeOf(trace.id).toBeString();
  expectTypeOf(trace.observationId).toBeNull();
  expectTypeOf(trace.client).toEqualTypeOf<Tailrace>();
  expectTypeOf(trace.update({ output: 1 })).toEqualTypeOf<Trace>();
  const generation = trace.generation({
    model: 'm',
    modelParameters: { temperature: 0, stop: ['x'] } as const,
    usage: { promptTokens: 1, completionTokens: null },
    usageDetails: { input: 1 } as const,
    costDetails: { total: 0.1 },
    prompt: { name: 'p', version: 1, more: 'ignored' } as { name: string; version: number },
    completionStartTime: [1, 2],
    startTime: 1,
    endTime: null,
  });
  expectTypeOf(generation).toEqualTypeOf<Observation<'generation'>>();
  expectTypeOf(generation.end({ output: 'x' }).update({}).score({ name: 's', value: true })).toEqualTypeOf<
    Observation<'generation'>
  >();
  generation.end(new Date()).end(1).end([1, 2]).end('2026-01-01T00:00:00Z').end(null).end();
  client.span({ traceId: 't', parentObservationId: null, name: 'by ids' });
  expectTypeOf(
    client.score({ traceId: 't', name: 'n', value: 'good', dataType: 'CATEGORICAL' }),
  ).toEqualTypeOf<Tailrace>();
  // @ts-expect-error a span has no model
  trace.span({ model: 'm' });
  // @ts-expect-error none of the levels
  trace.span({ level: 'FATAL' });
  // @ts-expect-error inside a handle there is no other place
  trace.span({ traceId: 't' });
  // @ts-expect-error a score has a name
  trace.score({ value: 1 });
  // @ts-expect-error a score has a value of three sorts
  trace.score({ name: 'n', value: {} });
  // @ts-expect-error fields are told from values
  client.trace({ tags: 'one' });

  expectTypeOf<ScoreBody['value']>().toEqualTypeOf<number | string | boolean>();
  expectTypeOf<TraceBody>().toExtend<Parameters<typeof trace.update>[0]>();
}

/** Interfaces, as API clients declare their answers, have no index signature. */
interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number };
}

export function asTypeNarrowsTheBody(client: Tailrace, usage: CompletionUsage): void {
  expectTypeOf<BodyOf<'generation'>>().toEqualTypeOf<GenerationBody>();
  expectTypeOf<BodyOf<'embedding'>>().toEqualTypeOf<GenerationBody>();
  expectTypeOf<BodyOf<'tool'>>().toEqualTypeOf<ObservationBody>();
  expectTypeOf<CompletionUsage>().toExtend<OpenAIUsage>();

  for (const start of [startObservation, client.startObservation.bind(client)] as const) {
    start('n', { model: 'm', usageDetails: usage }, { asType: 'generation' });
    start('n', { model: 'm' }, { asType: 'embedding' });
    start('n', { input: 1 }, { asType: 'tool' });
    start('n', { input: 1 });
    start('n', null);
    start('n');
  }
  // @ts-expect-error a tool has no model
  startObservation('n', { model: 'm' }, { asType: 'tool' });
  // @ts-expect-error what is not said is a span
  startObservation('n', { model: 'm' });
  // @ts-expect-error none of the types
  startObservation('n', {}, { asType: 'llm' });
  const child = startObservation('n').startObservation('c', { model: 'm' }, { asType: 'generation' });
  expectTypeOf(child).toEqualTypeOf<Observation<'generation'>>();
  // @ts-expect-error an agent has no model
  child.startObservation('c', { model: 'm' }, { asType: 'agent' });
  const remote: ParentContext | undefined = extractTraceContext({ traceparent: 'x' });
  startObservation('n', {}, { parent: child, startTime: new Date() });
  startObservation('n', {}, { parent: remote, parentSpanContext: null });
}

export function handlesAreGenericByType(client: Tailrace): void {
  const trace = client.trace();
  for (const parent of [client, trace, trace.span()] as const) {
    expectTypeOf(parent.span()).toEqualTypeOf<Observation<'span'>>();
    expectTypeOf(parent.embedding()).toEqualTypeOf<Observation<'embedding'>>();
    expectTypeOf(parent).toExtend<Parent<never>>();
  }
  trace.generation().update({ model: 'm', usageDetails: usage(), prompt: { name: 'p', version: 1 } });
  trace
    .embedding()
    .update({ model: 'm', costDetails: { total: 1 } })
    .end({ usage: { input: 1 } });
  trace.span().update({ input: 1, level: 'ERROR' }).end({ output: 1 });
  // @ts-expect-error a span has no model
  trace.span().update({ model: 'm' });
  // @ts-expect-error an agent has no usage
  trace.agent().end({ usageDetails: { input: 1 } });
  // @ts-expect-error a tool has no prompt
  startObservation('n', {}, { asType: 'tool' }).update({ prompt: { name: 'p', version: 1 } });
  startObservation('n', {}, { asType: 'generation' }).end({ model: 'm' });
  // @ts-expect-error what is not said is a span
  startActiveObservation('n', (span) => span.update({ model: 'm' }));
  startActiveObservation('n', (span) => span.update({ model: 'm' }), { asType: 'embedding' });
  expectTypeOf(trace.tool().type).toEqualTypeOf<'tool'>();
  // An observation of any type takes the fields of all; one of a type is one of any.
  expectTypeOf<Observation<'guardrail'>>().toExtend<Observation>();
  getActiveObservation()?.update({ model: 'm' }).end({ input: 1 });
  // @ts-expect-error a generation is no span
  const span: Observation<'span'> = trace.generation();
  span.end();
  // As langfuse 3 and @langfuse/tracing have them.
  client.updateActiveObservation({ model: 'm' });
  trace.event({ name: 'e' }).score({ name: 's', value: 1 });
}

function usage(): CompletionUsage {
  return { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
}

export function threadHandlesAreOpaque(client: Tailrace, made: Engine): void {
  const handle = client.handle();
  expectTypeOf(Tailrace.attach(handle, { logger: undefined })).toEqualTypeOf<Tailrace>();
  expectTypeOf(attachEngine(made.handle())).toEqualTypeOf<Engine>();
  // @ts-expect-error its content is private
  handle.config;
  // @ts-expect-error its content is private
  made.handle().options;
  // @ts-expect-error nobody makes one but a client
  Tailrace.attach({});
  // @ts-expect-error the handle of a client is none of an engine
  attachEngine(client.handle());
  // @ts-expect-error nobody makes one but freeze()
  const frozen: Frozen = {};
  made.push({ frozen });
}

class MyClient extends Tailrace {
  readonly own = 1;
}

export function clientsCanBeExtended(): void {
  expectTypeOf(new MyClient({ publicKey: 'pk' }).trace()).toEqualTypeOf<Trace>();
  expectTypeOf<MyClient>().toExtend<Tailrace>();
}

class Service {
  prefix = 'a';
  ask(this: Service, question: string, retries?: number): Promise<string> {
    return Promise.resolve(this.prefix + question + retries);
  }
}

declare function overloaded(key: string): string;
declare function overloaded(key: number, more: boolean): number;
declare function generic<T extends { id: string }>(items: readonly T[]): Promise<T>;
declare function predicate(value: unknown): value is string;
declare function stream(prompt: string): AsyncGenerator<string, number, boolean>;
declare function steps(): Generator<{ step: number }>;
declare const withMembers: { (x: number): string; cancel(): void };

export async function observeKeepsTheFunction(client: Tailrace): Promise<void> {
  const observed = observe(overloaded);
  expectTypeOf(observed('key')).toBeString();
  expectTypeOf(observed(1, true)).toBeNumber();
  expectTypeOf(observe(predicate)).toEqualTypeOf<typeof predicate>();
  expectTypeOf(observe(stream, { name: 's', captureOutput: false })).toEqualTypeOf<typeof stream>();
  expectTypeOf(client.observe(steps)).toEqualTypeOf<typeof steps>();
  expectTypeOf(observe(withMembers)).toEqualTypeOf<typeof withMembers>();
  expectTypeOf(client.observe(new Service().ask)).toEqualTypeOf<Service['ask']>();
  expectTypeOf(await observe(generic, { asType: 'retriever' })([{ id: 'a', n: 1 }])).toEqualTypeOf<{
    id: string;
    n: number;
  }>();
  expectTypeOf(observe((a: string, b = 1) => a + b)('x')).toBeString();
  // @ts-expect-error it has to be called as it was
  observe((a: number) => a)('x');
  expectTypeOf(observe(Service)).toEqualTypeOf<typeof Service>();
}

export function activeFunctionsReturnWhatTheirsDo(client: Tailrace): void {
  expectTypeOf(startActiveObservation('n', () => 1)).toBeNumber();
  expectTypeOf(startActiveObservation('n', async () => 'x')).toEqualTypeOf<Promise<string>>();
  expectTypeOf(startActiveObservation('n', () => {})).toBeVoid();
  expectTypeOf(
    startActiveObservation('n', (span) => span, { asType: 'agent', endOnExit: false }),
  ).toEqualTypeOf<Observation<'agent'>>();
  expectTypeOf(client.startActiveObservation('n', async (span) => span.id)).toEqualTypeOf<Promise<string>>();
  expectTypeOf(propagateAttributes({ userId: 'u', tags: ['t'] as const }, async () => 1)).toEqualTypeOf<
    Promise<number>
  >();
  expectTypeOf(client.propagateAttributes({ metadata: { a: '1' } }, () => 'x' as const)).toEqualTypeOf<'x'>();
  // @ts-expect-error there is no such attribute
  propagateAttributes({ user: 'u' }, () => 1);
  expectTypeOf(getActiveObservation()).toEqualTypeOf<Observation | undefined>();
  expectTypeOf(getClient()).toEqualTypeOf<Tailrace>();
  expectTypeOf(createTraceId('seed')).toBeString();
  expectTypeOf(injectTraceContext(new Headers())).toEqualTypeOf<Headers>();
  expectTypeOf(injectTraceContext()).toEqualTypeOf<Record<string, string>>();
}

export async function listeningAndEnding(client: Tailrace): Promise<void> {
  const stop = client.on('error', (message, detail) => {
    expectTypeOf(message).toBeString();
    expectTypeOf(detail.events).toBeNumber();
    expectTypeOf(detail.code).toEqualTypeOf<MessageCode>();
  });
  expectTypeOf(stop).toEqualTypeOf<() => void>();
  client.on('drop', (_, { reason }) => expectTypeOf(reason).toEqualTypeOf<string | undefined>());
  client.on('flush', (counts) => expectTypeOf(counts).toEqualTypeOf<FlushResult>());
  client.on('warning', (message) => expectTypeOf(message).toBeString());
  client.on('generation-update', (event) => expectTypeOf(event).toEqualTypeOf<CallEvent>());
  client.on('score-create', ({ traceId }) => expectTypeOf(traceId).toEqualTypeOf<string | null>());
  client.on('*', (event) => event === 'span-create');
  // @ts-expect-error there is no such event
  client.on('eror', () => {});
  // @ts-expect-error the listener gets a message and a detail
  client.on('drop', (message: string, detail: number) => [message, detail]);
  // @ts-expect-error the listener gets counts
  client.on('flush', (message: string) => message);
  // As langfuse 3 has them.
  client.on('*', (kind: string, payload: object) => [kind, payload]);
  client.on('error', (error: Error) => error.message);
  client.flush((error, counts) => error.message + counts?.sent);
  expectTypeOf(await client.flush()).toEqualTypeOf<FlushResult>();
  expectTypeOf(client.shutdownAsync()).toEqualTypeOf<Promise<FlushResult>>();
  expectTypeOf(client.stats()).toEqualTypeOf<Counts>();
  expectTypeOf(client.debug()).toBeVoid();
}

export async function engine(): Promise<void> {
  const exporter: ExporterSource = { url: new URL('file:///x.js') };
  expectTypeOf({ exporter, flushAt: 1 } as const).toExtend<EngineInput>();
  const made = createEngine({ exporter });
  expectTypeOf(made).toEqualTypeOf<Engine>();
  expectTypeOf(made.push({ any: 'value' })).toBeBoolean();
  expectTypeOf(await made.flush()).toEqualTypeOf<FlushResult>();
  expectTypeOf(made.on('warning', (message) => message)).toEqualTypeOf<() => void>();
  // @ts-expect-error an engine without an exporter is a mistake
  createEngine({});
  // @ts-expect-error no public way to write bytes
  made.write(() => {}, 1);
}

/** With what OpenTelemetry's SDK and Langfuse's span processor are typed by. */
export function spanProcessor(
  exporter: SpanExporter,
  span: ReadableSpan,
  meterProvider: SdkMeterProvider,
): void {
  expectTypeOf(new TailraceSpanProcessor()).toExtend<SpanProcessor>();
  const shouldExportSpan = ({ otelSpan }: { otelSpan: ReadableSpan }): boolean => otelSpan.duration[0] > 1;
  new TailraceSpanProcessor({ exporter, shouldExportSpan, exportMode: 'immediate', meterProvider });
  new TailraceSpanProcessor({ shouldExportSpan: ({ otelSpan }) => otelSpan.name === 'x' && otelSpan.ended });
  new TailraceSpanProcessor({
    mask: async ({ data }) => String(data).slice(1),
    additionalHeaders: { a: 'b' },
  });
  const frozen = { destinations: [{ endpoint: 'x', protocol: 'http/json' }, { publicKey: 'pk' }] } as const;
  expectTypeOf(frozen).toExtend<TailraceSpanProcessorOptions>();
  expectTypeOf(isDefaultExportSpan(span)).toBeBoolean();
  // @ts-expect-error spans go over HTTP
  new TailraceSpanProcessor({ protocol: 'grpc' });
  // @ts-expect-error there is no such option
  new TailraceSpanProcessor({ url: 'x' });
}

export function collectors(): void {
  const endpoint = ['http://a:4318', { url: new URL('http://b:4318'), headers: { 'x-key': 'b' } }] as const;
  new Tailrace({ exporter: 'otlp', otlp: { endpoint, balance: 'trace', scores: 'langfuse' } });
  new TailraceSpanProcessor({ endpoint, balance: 'failover' });
  new TailraceSpanProcessor({ destinations: [{ endpoint }, { endpoint: 'http://c:4318' }] });
  // @ts-expect-error there is no such balance
  new TailraceSpanProcessor({ endpoint, balance: 'random' });
  // @ts-expect-error credentials are headers, or a part of the address
  new Tailrace({ exporter: 'otlp', otlp: { endpoint: [{ url: 'http://a', apiKey: 'x' }] } });
  // @ts-expect-error records of a client go as protobuf alone
  new Tailrace({ exporter: 'otlp', otlp: { protocol: 'http/json' } });
}
