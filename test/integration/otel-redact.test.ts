/** `maskModule` and `redact` for OpenTelemetry's spans: what leaves the process, wherever spans go. */
import { SpanStatusCode } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { TailraceSpanProcessor, type TailraceSpanProcessorOptions } from 'tailrace/otel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asCollector, asLangfuseServer, listenToDiag, startProcessor, tracing } from '../support/otel.js';
import { type Sink, startSink } from '../support/sink.js';

const MASK = new URL('../support/masks/mask.mjs', import.meta.url);
const FULLY_MASKED = '<fully masked due to failed mask function>';
const SSN = '078-05-1120';
const SCOPE = 'langfuse-sdk';

type Provider = ReturnType<typeof tracing>['provider'];

/** With the secret in every place that an application may put it. */
function endSpan(provider: Provider): void {
  const tracer = provider.getTracer(SCOPE);
  const first = tracer.startSpan('first');
  first.end();
  const links = [{ context: first.spanContext(), attributes: { why: SSN } }];
  const span = tracer.startSpan('all', {
    links,
    attributes: { 'app.note': SSN, [`by ${SSN}`]: 1, list: [SSN] },
  });
  span.setAttribute('langfuse.observation.input', JSON.stringify([{ content: `secret ${SSN}` }]));
  span.addEvent('said', { text: SSN });
  span.recordException(new Error(`no such ${SSN}`));
  span.setStatus({ code: SpanStatusCode.ERROR, message: `failed for ${SSN}` });
  span.end();
}

const wireOf = ({ requests }: Sink): string => requests.map(({ body }) => body.toString('latin1')).join();
const ssn = { redact: { patterns: [/\d{3}-\d{2}-\d{4}/] } };

describe.each([
  ['a collector, as protobuf', asCollector],
  ['a collector, as JSON', (url: string) => ({ endpoint: url, protocol: 'http/json' as const })],
  ['a Langfuse server', asLangfuseServer],
])('spans for %s', (_, to) => {
  it('are redacted wherever a pattern matches', async () => {
    const { provider, processor, sink, messages } = await startProcessor(ssn, { to, scope: SCOPE });
    endSpan(provider);
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ sent: 2, failed: 0 });
    expect(wireOf(sink)).toContain('[REDACTED]');
    expect(wireOf(sink)).not.toContain(SSN);
    expect(messages).toEqual([]);
  });

  it('keep names, resource and scope as they are', async () => {
    const resource = resourceFromAttributes({ 'service.name': `service ${SSN}` });
    const { provider, processor, sink } = await startProcessor(
      { ...ssn, shouldExportSpan: () => true },
      { to, resource },
    );
    const span = provider.getTracer(`scope ${SSN}`).startSpan(`span ${SSN}`, { attributes: { a: SSN } });
    span.addEvent(`event ${SSN}`);
    span.end();
    await processor.forceFlush();
    const wire = wireOf(sink);
    for (const what of ['service', 'scope', 'span', 'event']) expect(wire).toContain(`${what} ${SSN}`);
    expect(wire).toContain('[REDACTED]');
  });

  it.each<[string, object]>([
    ['redact: a pattern that is none', { redact: { patterns: ['ssn'] } }],
    ['redact: a path that is none', { redact: { paths: [5] } }],
    ['redact: a name that is none', { redact: { keys: ['x'] } }],
  ])('of an option that is wrong hide more, not less: %s', async (_, options) => {
    const { provider, processor, sink, messages } = await startProcessor(options, { to, scope: SCOPE });
    endSpan(provider);
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ sent: 2, failed: 0 });
    // A key is no value.
    expect(wireOf(sink).replaceAll(`by ${SSN}`, '')).not.toContain(SSN);
    expect(messages).toEqual([expect.stringMatching(/option redact.*masking everything/)]);
  });

  it.each<[string, object]>([
    ['mask', { mask: 'ssn' }],
    ['maskModule', { maskModule: './mask.mjs' }],
    ['a name that is none', { redaction: true }],
  ])('of a mask that is wrong hide each payload: %s', async (_, options) => {
    const { end, processor, sink, spans } = await startProcessor(options, { to, scope: SCOPE });
    end('s', { 'input.value': SSN, 'gen_ai.output.messages': SSN });
    await processor.forceFlush();
    expect(wireOf(sink)).not.toContain(SSN);
    if (to === asCollector) expect(spans()[0]?.attributes['input.value']).toBe(FULLY_MASKED);
  });
});

it('the module of an application masks after its function, and before patterns and media', async () => {
  const options = {
    mask: ({ data }: { data: string }) => data.replace('first', 'secret'),
    maskModule: MASK,
    redact: [/\*{3}/],
  };
  const { end, processor, spans, messages } = await startProcessor(options);
  end('s', { 'input.value': 'first', 'output.value': 'throw', 'http.route': 'secret' });
  await processor.forceFlush();
  expect(spans()[0]?.attributes).toEqual({
    'input.value': '[REDACTED]',
    'output.value': FULLY_MASKED,
    'http.route': 'secret',
  });
  expect(messages).toEqual([
    expect.stringContaining('the function of maskModule threw for the output of span'),
  ]);
  expect(messages.join()).not.toContain('cannot mask');
});

it('each of several destinations has its own', async () => {
  const [one, other] = [await startSink(), await startSink()];
  const processor = new TailraceSpanProcessor({
    destinations: [{ endpoint: one.url, ...ssn }, { endpoint: other.url }],
  });
  onTestFinished(async () => {
    await processor.shutdown();
    await Promise.all([one.close(), other.close()]);
  });
  endSpan(tracing(processor, SCOPE).provider);
  await processor.forceFlush();
  expect(wireOf(one)).not.toContain(SSN);
  expect(wireOf(other)).toContain(SSN);
});

describe('an exporter of your own', () => {
  function start(options: TailraceSpanProcessorOptions) {
    const messages = listenToDiag();
    const exporter = new InMemorySpanExporter();
    const processor = new TailraceSpanProcessor({ exporter, ...options });
    onTestFinished(() => processor.shutdown());
    return { processor, exporter, messages, ...tracing(processor, SCOPE) };
  }
  const shown = ({ name, attributes, events, links, status }: ReadableSpan) =>
    JSON.stringify({ name, attributes, events, links, status });

  it('gets spans that are redacted, and the span itself stays as it was', async () => {
    const { provider, processor, exporter, messages } = start(ssn);
    const seen: ReadableSpan[] = [];
    const { onEnd } = processor;
    processor.onEnd = (span) => {
      seen.push(span as ReadableSpan);
      onEnd.call(processor, span);
    };
    endSpan(provider);
    await processor.forceFlush();
    const exported = exporter.getFinishedSpans();
    expect(exported).toHaveLength(2);
    for (const span of exported) expect(shown(span)).not.toContain(SSN);
    expect(seen.map(shown).join()).toContain(SSN);
    expect(messages).toEqual([]);
  });

  it('gets spans that the module has masked, those too that ended before it was loaded', async () => {
    const { end, processor, exporter } = start({ maskModule: MASK, redact: [/\*{3}/] });
    end('early', { 'input.value': 'secret' });
    await processor.forceFlush();
    end('late', { 'input.value': 'secret' });
    await processor.forceFlush();
    expect(
      exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['input.value']]),
    ).toEqual([
      ['early', '[REDACTED]'],
      ['late', '[REDACTED]'],
    ]);
  });

  it.each<[string, TailraceSpanProcessorOptions]>([
    ['redact', { redact: { patterns: ['ssn' as never] } }],
    ['maskModule', { maskModule: 'file:///no/such/mask.mjs' }],
  ])('gets nothing as it is where %s is wrong', async (_, options) => {
    const { end, processor, exporter, messages } = start(options);
    end('s', { 'input.value': SSN });
    await processor.forceFlush();
    expect(exporter.getFinishedSpans()[0]?.attributes['input.value']).toBe(FULLY_MASKED);
    expect(messages).toHaveLength(1);
  });

  const IMAGE = `data:image/png;base64,${Buffer.from('pixels').toString('base64')}`;

  it('gets media inline, which is said once', async () => {
    const { end, processor, exporter, messages } = start({});
    for (let i = 0; i < 3; i++) end('s', { 'input.value': `see ${IMAGE}` });
    await processor.forceFlush();
    expect(exporter.getFinishedSpans()[0]?.attributes['input.value']).toBe(`see ${IMAGE}`);
    expect(messages).toEqual([expect.stringContaining('an exporter of your own gets them inline')]);
  });

  it('and where media are switched off nothing is said of them', async () => {
    const { end, processor, messages } = start({ mediaUploadEnabled: false });
    end('s', { 'input.value': IMAGE });
    await processor.forceFlush();
    expect(messages).toEqual([]);
  });
});
