/** Spans of sdk-trace 1.x, which calls some things otherwise: the same tree, scope, filter and attributes arrive. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from 'sdk-trace-base-1';
import { TailraceSpanProcessor } from 'tailrace/otel';
import { expect, it, onTestFinished } from 'vitest';
import { asLangfuseServer, decodeSpans } from '../support/otel.js';
import { startSink } from '../support/sink.js';

it('arrive as those of 2.x do', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const sink = await startSink();
  const processor = new TailraceSpanProcessor({ ...asLangfuseServer(sink.url), environment: 'test' });
  onTestFinished(async () => {
    context.disable();
    await processor.shutdown();
    await sink.close();
  });
  // Held to 1.x's own types: it must fit them as well.
  const provider = new BasicTracerProvider();
  provider.addSpanProcessor(processor);
  const tracer = provider.getTracer('langfuse-sdk', '4.0.0');
  const root = tracer.startSpan('root', { attributes: { 'input.value': 'x' } });
  context.with(trace.setSpan(context.active(), root), () => tracer.startSpan('child').end());
  root.end();
  provider.getTracer('http').startSpan('filtered').end();
  await provider.forceFlush();

  const spans = sink.requests.flatMap(({ body }) => decodeSpans(body));
  const [child, parent] = spans;
  expect(spans.map(({ name, scope }) => [name, scope])).toEqual([
    ['child', 'langfuse-sdk'],
    ['root', 'langfuse-sdk'],
  ]);
  expect([child?.parentSpanId, child?.traceId]).toEqual([parent?.spanId, parent?.traceId]);
  expect(parent?.attributes).toEqual({
    'input.value': 'x',
    'langfuse.environment': 'test',
    'langfuse.internal.is_app_root': true,
  });
  expect(child?.attributes).toEqual({ 'langfuse.environment': 'test' });
  expect(parent?.resource).toMatchObject({ 'telemetry.sdk.name': 'opentelemetry' });
});
