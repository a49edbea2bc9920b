/** Side by side with stock's LangfuseSpanProcessor: the same program leaves the same spans with the same attributes. */

import { LangfuseSpanProcessor, type LangfuseSpanProcessorParams } from '@langfuse/otel';
import {
  propagateAttributes,
  setLangfuseTracerProvider,
  startActiveObservation,
  startObservation,
} from '@langfuse/tracing';
import { context, propagation, ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { TailraceSpanProcessor } from 'tailrace/otel';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { listenToDiag, tracing } from '../support/otel.js';

type Program = (tracer: (scope: string) => Tracer) => void | Promise<void>;
type Options = LangfuseSpanProcessorParams;

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => {
    setLangfuseTracerProvider(null);
    context.disable();
  });
});

/** Name and attributes of each span that comes out, by name. */
async function leaves(create: (exporter: SpanExporter) => SpanProcessor, program: Program) {
  const exporter = new InMemorySpanExporter();
  const processor = create(exporter);
  const { provider } = tracing(processor);
  setLangfuseTracerProvider(provider);
  await program((scope) => provider.getTracer(scope));
  await processor.forceFlush();
  const spans = exporter.getFinishedSpans().map(({ name, attributes }) => ({ name, attributes }));
  await processor.shutdown();
  return spans.sort((a, b) => a.name.localeCompare(b.name));
}

const nested: Program = () =>
  propagateAttributes(
    {
      userId: 'u',
      sessionId: 's',
      tags: ['a', 'b'],
      metadata: { plan: 'pro', x: 'y' },
      version: '1',
      traceName: 't',
    },
    async () =>
      startActiveObservation('outer', async (outer) => {
        outer.update({ input: 'x', metadata: { k: 'v' } });
        await propagateAttributes(
          { userId: 'u2', tags: ['c'], metadata: { x: 'z' }, environment: 'eval' },
          async () => {
            startObservation('inner', { model: 'm' }, { asType: 'generation' }).end();
          },
        );
      }),
  );

const prompts: Program = () =>
  propagateAttributes({ prompt: { name: 'p', version: 3 } as never }, () => {
    startObservation('linked').end();
    startObservation(
      'has its own',
      { prompt: { name: 'q', version: 1, isFallback: false } },
      { asType: 'generation' },
    ).end();
  });

const others: Program = (tracer) => {
  for (const scope of ['ai', 'aix', 'openinference.x', 'langsmith', 'vllm.y', 'http', 'strands-agents']) {
    tracer(scope).startSpan(`of ${scope}`).end();
    tracer(scope)
      .startSpan(`gen_ai of ${scope}`, { attributes: { 'gen_ai.system': 'x' } })
      .end();
  }
};

const appRoots: Program = (tracer) => {
  const request = tracer('http').startSpan('request');
  context.with(trace.setSpan(context.active(), request), () => {
    const first = tracer('ai').startSpan('first');
    context.with(trace.setSpan(context.active(), first), () => {
      const db = tracer('db').startSpan('db');
      context.with(trace.setSpan(context.active(), db), () => tracer('ai').startSpan('below db').end());
      db.end();
      tracer('ai').startSpan('below first').end();
    });
    first.end();
    tracer('ai').startSpan('second').end();
  });
  request.end();
};

const remote: Program = (tracer) => {
  const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true };
  const entries: Record<string, string> = {
    langfuse_trace_id: 'A'.repeat(32),
    langfuse_user_id: 'u',
    langfuse_session_id: 's',
    langfuse_tags: 'a,b',
    langfuse_metadata_k: 'v',
    langfuse_environment: 'prod',
    langfuse_prompt_name: 'p',
    langfuse_prompt_version: '12',
    langfuse_experiment_id: 'e',
    langfuse_experiment_name: 'n',
    langfuse_experiment_dataset_id: 'd',
    langfuse_experiment_item_id: 'i',
    langfuse_nonsense: 'x',
    other: 'y',
  };
  const baggage = propagation.createBaggage(
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
  );
  const incoming = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, parent), baggage);
  context.with(incoming, () => {
    tracer('ai').startSpan('one').end();
    propagateAttributes({ userId: 'here' }, () => tracer('ai').startSpan('two').end());
  });
};

const experiment: Program = (tracer) => {
  const baggage = propagation.createBaggage({
    langfuse_experiment_item_root_observation_id: { value: 'r' },
    langfuse_environment: { value: 'prod' },
  });
  context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () => tracer('ai').startSpan('one').end());
};

it.each<[string, Program, Options]>([
  ['propagates attributes', nested, {}],
  ['has an environment and a release of its own', nested, { environment: 'staging', release: 'r' }],
  ['links prompts', prompts, {}],
  ['is instrumented by others', others, {}],
  [
    'has a filter of its own',
    others,
    { shouldExportSpan: ({ otelSpan }) => otelSpan.name.includes('gen_ai') },
  ],
  ['has roots below spans that are not exported', appRoots, {}],
  ['continues a trace of another service', remote, {}],
  ['runs an experiment', experiment, { environment: 'staging' }],
  ['masks', nested, { mask: ({ data }) => `masked ${data}` }],
  [
    'has a mask that fails',
    nested,
    {
      mask: () => {
        throw new Error('no');
      },
    },
  ],
  ['sends at once', nested, { exportMode: 'immediate' }],
])('a program that %s', async (_, program, options) => {
  listenToDiag();
  const theirs = await leaves((exporter) => new LangfuseSpanProcessor({ ...options, exporter }), program);
  const ours = await leaves((exporter) => new TailraceSpanProcessor({ ...options, exporter }), program);
  expect(theirs.length).toBeGreaterThan(0);
  expect(withoutTheirMistake(ours)).toEqual(withoutTheirMistake(theirs));
});

/** Their mask does not reach metadata that is flattened by key; ours does. */
function withoutTheirMistake(spans: { name: string; attributes: object }[]) {
  return spans.map(({ name, attributes }) => ({
    name,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([key]) => !key.includes('.metadata.'))),
  }));
}

it('metadata by key is the same where nothing masks it', async () => {
  const theirs = await leaves((exporter) => new LangfuseSpanProcessor({ exporter }), nested);
  const ours = await leaves((exporter) => new TailraceSpanProcessor({ exporter }), nested);
  expect(ours).toEqual(theirs);
});
