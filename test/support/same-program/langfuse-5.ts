/** The program as users of `@langfuse/tracing`, `@langfuse/otel` and `@langfuse/client` 5 write it. */
import { LangfuseClient } from '@langfuse/client';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import {
  type LangfuseObservation,
  propagateAttributes,
  setLangfuseTracerProvider,
  startObservation,
} from '@langfuse/tracing';
import { type Context, context, ROOT_CONTEXT, trace as traceApi } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { GenerationBody, TraceBody, Usage } from 'tailrace';
import type { Cannot, ProgramClient, StartClient } from './steps.js';

/** Bodies are those of tailrace, whose types are wider. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Any = any;

export const startLangfuse5: StartClient = (baseUrl, options) => {
  const processor = new LangfuseSpanProcessor({ ...options, baseUrl });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  setLangfuseTracerProvider(provider);
  const langfuse = new LangfuseClient({ ...options, baseUrl });

  const roots = new Map<string, LangfuseObservation>();
  const observations = new Map<string, LangfuseObservation>();
  /** Of an observation: what is propagated to it. */
  const contexts = new Map<string, Context>();
  const of = (key: string) => (roots.get(key) ?? observations.get(key)) as Any;

  /** Sets what it can of a trace; what begins in the returned context has it as well. */
  function describe(key: string, body: TraceBody, within: Context): { context: Context; cannot: Cannot } {
    const { name, userId, sessionId, tags, version, environment, metadata } = body;
    const isRecord = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
    const members = isRecord ? Object.entries(metadata) : [];
    const texts = Object.fromEntries(members.filter(([, value]) => typeof value === 'string'));
    const attributes = { traceName: name, userId, sessionId, tags, version, environment, metadata: texts };
    const inside = context.with(within, () => propagateAttributes(attributes as Any, () => context.active()));
    const root = of(key);
    if (body.public) root?.setTraceAsPublic();
    const isAllText = metadata === undefined || members.every(([, value]) => typeof value === 'string');
    if (isAllText && (isRecord || metadata === undefined)) return { context: inside, cannot: undefined };
    root?.update({ metadata: metadata as Any });
    return { context: inside, cannot: 'metadata of a trace that is not texts by name' };
  }

  const client: ProgramClient = {
    trace(key, body) {
      const { context: inside } = describe(key, body, ROOT_CONTEXT);
      const { input, output, timestamp, id, release, name } = body;
      const root = context.with(inside, () =>
        startObservation(name ?? key, { input, output }, { startTime: timestamp as Date }),
      );
      roots.set(key, root);
      contexts.set(key, traceApi.setSpan(inside, root.otelSpan));
      const { metadata, public: isPublic } = body;
      const { cannot } = describe(key, { metadata, public: isPublic }, contexts.get(key) as Context);
      if (id) return 'give a trace its id';
      return release ? 'a release of one trace' : cannot;
    },
    updateTrace(key, { input, output, ...body }) {
      const root = of(key);
      if (!root.otelSpan.isRecording()) return 'update a trace whose root has ended';
      const { context: inside, cannot } = describe(key, body, contexts.get(key) as Context);
      contexts.set(key, inside);
      if (input !== undefined || output !== undefined) root.update({ input, output });
      if (body.public === false) return 'make a trace private again';
      return cannot;
    },
    start(key, type, inside, body) {
      const parent = inside === null ? undefined : of(inside);
      const within = inside === null ? ROOT_CONTEXT : (contexts.get(inside) as Context);
      const startTime = body.startTime as Date;
      const observation = context.with(within, () =>
        startObservation(key, attributesOf(body) as Any, {
          asType: type as 'span',
          startTime,
          ...(parent && { parentSpanContext: parent.otelSpan.spanContext() }),
        }),
      );
      observations.set(key, observation);
      contexts.set(key, within);
      if (body.endTime) observation.end(body.endTime as Date);
      return body.id ? 'give an observation its id' : cannotSay(body);
    },
    update(key, body) {
      const observation = of(key);
      if (!observation.otelSpan.isRecording()) return 'update an observation that has ended';
      observation.update(attributesOf(body));
      if (body.name) observation.otelSpan.updateName(body.name);
      return cannotSay(body);
    },
    end(key, body) {
      const cannot = Object.keys(body).length > 1 ? client.update(key, body) : undefined;
      of(key).end(body.endTime);
      return cannot;
    },
    finish(key, endTime) {
      of(key).end(endTime);
      return undefined;
    },
    score(to, body) {
      if ('session' in to) langfuse.score.create({ ...body, sessionId: to.session } as Any);
      else if ('trace' in to) langfuse.score.trace(of(to.trace), body as Any);
      else langfuse.score.observation(of(to.observation), body as Any);
      return undefined;
    },
    flush: () => Promise.all([processor.forceFlush(), langfuse.flush()]),
    async shutdown() {
      await Promise.all([provider.shutdown(), langfuse.shutdown()]);
      setLangfuseTracerProvider(null);
      context.disable();
    },
    ids: () => ({
      traces: new Map([
        ...[...observations].map(([key, { traceId }]) => [`trace of ${key}`, traceId] as const),
        ...[...roots].map(([key, { traceId }]) => [key, traceId] as const),
      ]),
      observations: new Map([
        ...[...observations].map(([key, { id }]) => [key, id] as const),
        ...[...roots].map(([key, { id }]) => [`root of ${key}`, id] as const),
      ]),
    }),
  };
  return client;
};

function cannotSay({ usage }: GenerationBody): Cannot {
  return usage ? 'the older spelling of usage' : undefined;
}

/** Tokens and cost by the names that it has for them. */
function attributesOf(body: GenerationBody): object {
  const { usage, startTime, endTime, id, name, ...attributes } = body;
  return usage ? { ...attributes, ...detailsOf(usage) } : attributes;
}

function detailsOf({ unit, inputCost, outputCost, totalCost, ...counts }: Usage): object {
  const { promptTokens, completionTokens, totalTokens, ...usageDetails } = counts;
  const openAi = { input: promptTokens, output: completionTokens, total: totalTokens };
  const costs = { input: inputCost, output: outputCost, total: totalCost };
  return {
    usageDetails: present(promptTokens === undefined ? usageDetails : openAi),
    ...(totalCost === undefined ? {} : { costDetails: present(costs) }),
  };
}

function present(details: object): object {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => typeof value === 'number'));
}
