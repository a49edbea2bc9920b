/** As LangfuseSpanProcessor: filter, attributes of the start, mask, immediate mode; and what stock does wrong, right. */

import {
  getActiveTraceId,
  propagateAttributes,
  setLangfuseTracerProvider,
  startActiveObservation,
  startObservation,
} from '@langfuse/tracing';
import { context, DiagLogLevel, diag, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, type ReadableSpan, SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { TailraceSpanProcessor, type TailraceSpanProcessorOptions } from 'tailrace/otel';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  asCollector,
  asLangfuseServer,
  type BenchSettings,
  decodeSpans,
  listenToDiag,
  type ProcessorBench,
  startProcessor,
  tracing,
} from '../support/otel.js';
import { type Answer, startSink, status } from '../support/sink.js';

/** Under Langfuse's own tracer. */
async function startLangfuse(
  options: TailraceSpanProcessorOptions = {},
  settings: BenchSettings = {},
): Promise<ProcessorBench> {
  const bench = await startProcessor(options, { to: asLangfuseServer, scope: 'langfuse-sdk', ...settings });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  setLangfuseTracerProvider(bench.provider);
  onTestFinished(() => {
    setLangfuseTracerProvider(null);
    context.disable();
  });
  return bench;
}

function attributesOf({ spans }: ProcessorBench, name: string): Record<string, unknown> {
  const found = spans().find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name}`);
  return found.attributes;
}

describe('several projects', () => {
  it('each get their own environment and release, and the first span that they take as the root', async () => {
    const keys = { publicKey: 'pk-lf-test', secretKey: 'sk-lf-test' };
    const sinks = [await startSink(), await startSink(), await startSink()];
    const [first, second, third] = sinks.map(({ url }) => ({ ...keys, baseUrl: url }));
    const processor = new TailraceSpanProcessor({
      shouldExportSpan: () => true,
      destinations: [
        { ...first, environment: 'production', release: 'r1' },
        {
          ...second,
          environment: 'staging',
          shouldExportSpan: ({ otelSpan }) => otelSpan.name !== 'outer',
        },
        { ...third, release: 'r3', mask: () => 'masked' },
      ],
    });
    onTestFinished(async () => {
      await processor.shutdown();
      await Promise.all(sinks.map((sink) => sink.close()));
    });
    const { tracer } = tracing(processor);
    const outer = tracer.startSpan('outer', { attributes: { 'input.value': 'plain' } });
    const inner = tracer.startSpan('inner', {}, trace.setSpan(ROOT_CONTEXT, outer));
    inner.end();
    outer.end();
    const said = tracer.startSpan('said');
    said.setAttribute('langfuse.environment', 'of-the-span');
    said.end();
    await processor.forceFlush();
    const keysOfInterest = ['langfuse.environment', 'langfuse.release', 'langfuse.internal.is_app_root'];
    const received = sinks.map(({ requests }) =>
      Object.fromEntries(
        requests
          .flatMap(({ body }) => decodeSpans(body))
          .map(({ name, attributes }) => [name, keysOfInterest.map((key) => attributes[key])]),
      ),
    );
    expect(received).toEqual([
      {
        outer: ['production', 'r1', true],
        inner: ['production', 'r1', undefined],
        said: ['of-the-span', 'r1', true],
      },
      { inner: ['staging', undefined, true], said: ['of-the-span', undefined, true] },
      {
        outer: [undefined, 'r3', true],
        inner: [undefined, 'r3', undefined],
        said: ['of-the-span', 'r3', true],
      },
    ]);
  });
});

describe('the request', () => {
  it('goes to the OTLP endpoint of the project, with its keys', async () => {
    const { processor, sink, end } = await startLangfuse({
      additionalHeaders: { 'X-Team': 'ml' },
      compression: 'gzip',
    });
    end('one');
    await processor.forceFlush();
    expect(sink.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/public/otel/v1/traces',
    ]);
    expect(sink.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('pk-lf-test:sk-lf-test').toString('base64')}`,
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'x-langfuse-public-key': 'pk-lf-test',
      'x-langfuse-ingestion-version': '4',
      'x-team': 'ml',
    });
  });
});

it('is not made to an address that cannot be used, which is an error', async () => {
  const { processor, sink, end, messages } = await startLangfuse({ baseUrl: 'localhost:3000' });
  end('one');
  await processor.forceFlush();
  expect(sink.requests).toEqual([]);
  expect(messages).toEqual([
    expect.stringMatching(
      /^error: \[tailrace\] option baseUrl must be .*; no span is exported to it \[TAILRACE_NOTHING_SENT\]$/,
    ),
  ]);
});

describe('by default', () => {
  it('spans of Langfuse, with gen_ai attributes and of LLM libraries go, others do not', async () => {
    const bench = await startLangfuse();
    const endIn = (scope: string, attributes: Record<string, string> = {}) =>
      bench.provider.getTracer(scope).startSpan(`of ${scope}`, { attributes }).end();
    for (const scope of ['langfuse-sdk', 'ai', 'openinference.instrumentation.x', 'vllm', 'litellm'])
      endIn(scope);
    for (const scope of ['aix', 'ai.embed', 'http', 'openinferencex', 'vllms']) endIn(scope);
    endIn('mine', { 'gen_ai.system': 'openai' });
    endIn('not mine', { gen_ai: 'openai' });
    await bench.processor.forceFlush();
    expect(bench.names().toSorted()).toEqual(
      ['ai', 'langfuse-sdk', 'litellm', 'mine', 'openinference.instrumentation.x', 'vllm'].map(
        (one) => `of ${one}`,
      ),
    );
  });

  it('a filter of the application decides alone', async () => {
    const bench = await startLangfuse({
      shouldExportSpan: ({ otelSpan }) => otelSpan.name.startsWith('keep'),
    });
    bench.end('keep 1');
    bench.end('drop');
    bench.provider.getTracer('http').startSpan('keep 2').end();
    await bench.processor.forceFlush();
    expect(bench.names()).toEqual(['keep 1', 'keep 2']);
  });

  it('a filter that throws keeps the span back, which is counted and said once', async () => {
    const { processor, end, messages, names } = await startLangfuse({
      shouldExportSpan({ otelSpan }) {
        if (otelSpan.ended) throw new TypeError('top secret');
        return true;
      },
    });
    end('one');
    end('two');
    await processor.forceFlush();
    expect(names()).toEqual([]);
    expect(processor.stats().dropped).toEqual({ total: 2, 'filter-failed': 2 });
    expect(messages).toEqual([
      'warn: [tailrace] shouldExportSpan threw TypeError: such spans are not exported. Correct the function [TAILRACE_FILTER_FAILED]',
    ]);
  });
});

describe('at its start a span gets', () => {
  it('environment and release', async () => {
    const bench = await startLangfuse({ environment: 'staging', release: 'v1.2' });
    bench.end('one');
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'one')).toMatchObject({
      'langfuse.environment': 'staging',
      'langfuse.release': 'v1.2',
    });
  });

  it('what is propagated, in the whole tree', async () => {
    const bench = await startLangfuse({ environment: 'staging' });
    await propagateAttributes(
      {
        userId: 'u-1',
        sessionId: 's-1',
        version: '3',
        traceName: 'support',
        tags: ['a', 'b'],
        metadata: { plan: 'pro' },
        environment: 'eval',
      },
      async () =>
        startActiveObservation('outer', async (outer) => {
          outer.startObservation('inner', {}, { asType: 'generation' }).end();
        }),
    );
    await bench.processor.forceFlush();
    for (const name of ['outer', 'inner']) {
      expect(attributesOf(bench, name)).toMatchObject({
        'user.id': 'u-1',
        'session.id': 's-1',
        'langfuse.version': '3',
        'langfuse.trace.name': 'support',
        'langfuse.trace.tags': ['a', 'b'],
        'langfuse.trace.metadata.plan': 'pro',
        'langfuse.environment': 'eval',
      });
    }
  });

  it('what another service has propagated as baggage, which what is propagated here goes before', async () => {
    const bench = await startLangfuse();
    const baggage = propagation.createBaggage({
      langfuse_user_id: { value: 'theirs' },
      langfuse_session_id: { value: 's-9' },
      langfuse_tags: { value: 'x,y' },
      langfuse_metadata_region: { value: 'eu' },
      langfuse_prompt_name: { value: 'p' },
      langfuse_prompt_version: { value: '7' },
      langfuse_environment: { value: 'Not Allowed' },
      langfuse_unknown: { value: 'x' },
      other: { value: 'x' },
    });
    context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
      propagateAttributes({ userId: 'ours' }, () => startObservation('one').end()),
    );
    await bench.processor.forceFlush();
    const {
      'langfuse.internal.is_app_root': _,
      'langfuse.observation.type': __,
      ...attributes
    } = attributesOf(bench, 'one');
    expect(attributes).toEqual({
      'user.id': 'ours',
      'session.id': 's-9',
      'langfuse.trace.tags': ['x', 'y'],
      'langfuse.trace.metadata.region': 'eu',
      'langfuse.observation.prompt.name': 'p',
      'langfuse.observation.prompt.version': 7,
    });
  });

  it('the mark of the application’s root, if it is the first of its trace that is exported', async () => {
    const bench = await startLangfuse();
    const http = bench.provider.getTracer('http').startSpan('request');
    context.with(trace.setSpan(context.active(), http), () => {
      startActiveObservation('root', (root) => root.startObservation('child').end());
    });
    http.end();
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'root')['langfuse.internal.is_app_root']).toBe(true);
    expect(attributesOf(bench, 'child')).not.toHaveProperty(['langfuse.internal.is_app_root']);
  });

  it('the mark though its parent is recorded: what is not sampled is not exported', async () => {
    const { processor, spans } = await startLangfuse();
    const sampler = {
      shouldSample: (_: unknown, __: string, name: string) => ({
        decision: name === 'recorded' ? SamplingDecision.RECORD : SamplingDecision.RECORD_AND_SAMPLED,
      }),
    };
    const provider = new BasicTracerProvider({ sampler, spanProcessors: [processor] });
    const tracer = provider.getTracer('langfuse-sdk');
    const recorded = tracer.startSpan('recorded');
    tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, recorded)).end();
    recorded.end();
    await processor.forceFlush();
    expect(spans()).toEqual([
      expect.objectContaining({ name: 'child', attributes: { 'langfuse.internal.is_app_root': true } }),
    ]);
  });

  it('no such mark where another service has claimed the trace', async () => {
    const bench = await startLangfuse();
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true };
    const baggage = propagation.createBaggage({ langfuse_trace_id: { value: 'A'.repeat(32) } });
    const incoming = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, remote), baggage);
    context.with(incoming, () =>
      startActiveObservation('one', () => expect(getActiveTraceId()).toBe(remote.traceId)),
    );
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'one')).not.toHaveProperty(['langfuse.internal.is_app_root']);
  });
});

describe('a mask', () => {
  const hide = ({ data }: { data: unknown }) => String(data).replaceAll('secret', '***');

  it('reaches input, output and metadata, flattened as well, and nothing else', async () => {
    const bench = await startLangfuse({ mask: hide });
    startObservation('secret name', {
      input: { q: 'secret' },
      output: 'secret',
      metadata: { deep: { key: 'secret' }, plain: 'secret' },
    }).end();
    await bench.processor.forceFlush();
    const attributes = attributesOf(bench, 'secret name');
    expect(attributes).toMatchObject({
      'langfuse.observation.input': '{"q":"***"}',
      'langfuse.observation.output': '***',
      'langfuse.observation.metadata.plain': '***',
    });
    expect(JSON.stringify(attributes)).not.toContain('secret');
  });

  it('reaches what other instrumentations call input and output', async () => {
    const bench = await startLangfuse({ mask: hide });
    const keys = [
      'gen_ai.input.messages',
      'ai.prompt.messages',
      'ai.response.text',
      'output.value',
      'llm.input_messages.0.content',
      'ai.telemetry.metadata.user',
      'retrieval.documents.0.document.content',
    ];
    bench.end('one', {
      ...Object.fromEntries(keys.map((key) => [key, 'secret'])),
      'gen_ai.system': 'secret',
    });
    await bench.processor.forceFlush();
    const attributes = attributesOf(bench, 'one');
    expect(keys.map((key) => attributes[key])).toEqual(keys.map(() => '***'));
    expect(attributes['gen_ai.system']).toBe('secret');
  });

  it.each([
    ['at once', hide],
    ['later', async (input: { data: unknown }) => hide(input)],
  ])('reaches the messages that stand in events, %s', async (_, mask) => {
    const { provider, processor, sink } = await startLangfuse({ mask });
    const span = provider.getTracer('langfuse-sdk').startSpan('one');
    span.addEvent('gen_ai.content.prompt', { 'gen_ai.prompt': 'my secret', other: 'kept' });
    span.addEvent('gen_ai.user.message', { content: 'my secret', role: 'user' });
    span.addEvent('gen_ai.choice', { message: 'my secret' });
    span.end();
    await processor.forceFlush();
    const body = sink.requests[0]?.body.toString('latin1') ?? '';
    expect(body.match(/my \*\*\*/g)).toHaveLength(3);
    expect(body).not.toContain('secret');
    expect(body).toContain('kept');
  });

  it('may be asynchronous: the span waits for it, and forceFlush with it', async () => {
    const bench = await startLangfuse({ mask: async (input) => hide(input) });
    startObservation('one', { input: 'secret' }).end();
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'one')['langfuse.observation.input']).toBe('***');
  });

  it('leaves the span as it is for the other processors', async () => {
    const bench = await startLangfuse({ mask: hide });
    const seen: unknown[] = [];
    const span = bench.provider
      .getTracer('langfuse-sdk')
      .startSpan('one', { attributes: { 'input.value': 'secret' } });
    span.end();
    seen.push((span as unknown as { attributes: object }).attributes);
    await bench.processor.forceFlush();
    expect(seen).toEqual([expect.objectContaining({ 'input.value': 'secret' })]);
    expect(attributesOf(bench, 'one')['input.value']).toBe('***');
  });

  it.each([
    [
      'throws',
      () => {
        throw new RangeError('secret');
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('secret'))],
  ])('that %s hides the value as a whole, which is said without it', async (_, mask) => {
    const bench = await startLangfuse({ mask });
    startObservation('one', { input: 'secret' }).end();
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'one')['langfuse.observation.input']).toBe(
      '<fully masked due to failed mask function>',
    );
    expect(bench.messages).toEqual([
      'warn: [tailrace] the mask function threw RangeError: the whole value is masked. Correct the function [TAILRACE_MASK_FAILED]',
    ]);
  });

  it('that never answers lets nothing out at the end but what is hidden', async () => {
    const bench = await startLangfuse({ mask: () => new Promise(() => {}), flushTimeoutMs: 1500 });
    startObservation('one', { input: 'secret' }).end();
    await bench.processor.shutdown();
    expect(attributesOf(bench, 'one')['langfuse.observation.input']).toBe(
      '<fully masked due to failed mask function>',
    );
    expect(bench.messages).toEqual([
      'warn: [tailrace] the mask function has not answered in time: the whole value is masked. Mask faster, or without waiting for something else [TAILRACE_MASK_LATE]',
    ]);
  });

  it('may return what is no text', async () => {
    const bench = await startLangfuse({ mask: () => ({ hidden: true }) });
    startObservation('one', { input: 'secret' }).end();
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'one')['langfuse.observation.input']).toBe('{"hidden":true}');
  });
});

describe('a span that the filter drops', () => {
  const DROPPED = [
    'debug: [tailrace] span "GET /" of scope "http" is not exported: isDefaultExportSpan does not take it [TAILRACE_SPAN_FILTERED]',
  ];

  it('leaves a line where OpenTelemetry’s logger debugs', async () => {
    const { end, processor } = await startProcessor({}, { to: asLangfuseServer, scope: 'http' });
    const messages = listenToDiag(DiagLogLevel.DEBUG);
    end('GET /');
    end('kept', { 'gen_ai.system': 'x' });
    await processor.forceFlush();
    expect(messages.filter((one) => one.includes('[tailrace]'))).toEqual(DROPPED);
  });

  it.each([
    ['LANGFUSE_DEBUG', 'true'],
    ['LANGFUSE_LOG_LEVEL', 'debug'],
  ])('leaves a line with %s=%s, on the console where no logger is set', async (name, value) => {
    vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { end, messages } = await startProcessor({}, { to: asLangfuseServer, scope: 'http' });
    const lines: string[] = [];
    const debug = vi.spyOn(console, 'debug').mockImplementation((line) => void lines.push(`debug: ${line}`));
    onTestFinished(() => debug.mockRestore());
    diag.disable();
    end('GET /');
    expect(lines).toEqual(DROPPED);
    expect(messages).toEqual([]);
  });

  it('leaves none at other levels, nor is its name read', async () => {
    const { processor, provider, messages } = await startProcessor({}, { to: asLangfuseServer });
    const span = provider.getTracer('http').startSpan('GET /') as unknown as ReadableSpan & { end(): void };
    let reads = 0;
    Object.defineProperty(span, 'name', { get: () => `${reads++}` });
    span.end();
    await processor.forceFlush();
    expect({ messages, reads }).toEqual({ messages: [], reads: 0 });
  });

  it('leaves a short line that names shouldExportSpan, whatever its name is', async () => {
    const options = { shouldExportSpan: () => false };
    const { end } = await startProcessor(options, { to: asCollector, scope: 's'.repeat(500) });
    const messages = listenToDiag(DiagLogLevel.ALL);
    end('two\nlines '.repeat(1000));
    expect(messages.filter((one) => one.includes('[tailrace]'))).toEqual([
      expect.stringMatching(
        /^debug: \[tailrace\] span "two\\n.{1,110}…" of scope "s{100}…" is not exported: shouldExportSpan does not take it \[TAILRACE_SPAN_FILTERED\]$/,
      ),
    ]);
  });
});

describe('media', () => {
  const PNG = `data:image/png;base64,${Buffer.from('not much of a picture').toString('base64')}`;
  const asMediaServer: Answer = ({ url, method }, response) => {
    if (!url.endsWith('/media')) return response.end();
    expect(method).toBe('POST');
    return response.writeHead(200).end(JSON.stringify({ mediaId: 'known', uploadUrl: null }));
  };

  it('in a data URI are announced and replaced by a reference', async () => {
    const bench = await startLangfuse({}, { answer: asMediaServer });
    startObservation('one', { input: PNG }).end();
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'one')['langfuse.observation.input']).toMatch(
      /^@@@langfuseMedia:type=image\/png\|id=.+\|source=base64_data_uri@@@$/,
    );
    expect(bench.sink.requests.map((request) => request.url)).toContain('/api/public/media');
  });

  it('stay as they are where upload is switched off', async () => {
    const bench = await startLangfuse({ mediaUploadEnabled: false }, { answer: asMediaServer });
    startObservation('one', { input: PNG }).end();
    await bench.processor.forceFlush();
    expect(attributesOf(bench, 'one')['langfuse.observation.input']).toBe(PNG);
    expect(bench.sink.requests).toHaveLength(1);
  });
});

describe('where stock loses spans', () => {
  it('immediate mode sends each of a burst, many at a time', async () => {
    const answer: Answer = (_, response) => void setTimeout(() => response.end(), 5);
    const { processor, sink, end, names } = await startLangfuse({ exportMode: 'immediate' }, { answer });
    for (let i = 0; i < 500; i++) end(`span-${i}`);
    await processor.forceFlush();
    expect([new Set(names()).size, sink.requests.length]).toEqual([500, 500]);
    expect(sink.maxOpen()).toBeGreaterThan(4);
    expect(processor.stats()).toMatchObject({ sent: 500, failed: 0, dropped: { total: 0 } });
  });

  it('small batches lose none, and forceFlush covers them all', async () => {
    const { processor, end, names } = await startLangfuse({ flushAt: 10 });
    for (let i = 0; i < 1000; i++) end(`span-${i}`);
    await processor.forceFlush();
    expect(new Set(names()).size).toBe(1000);
  });

  it('forceFlush does not reject where the server refuses', async () => {
    const { processor, end, messages } = await startLangfuse({}, { answer: status(401, {}, 'no such key') });
    end('one');
    await expect(processor.shutdown()).resolves.toBeUndefined();
    expect(processor.stats()).toMatchObject({ failed: 1, pending: 0 });
    expect(messages.join()).toContain('401');
    expect(messages.join()).not.toContain('sk-lf-test');
  });
});
