/** The same program by four clients, each as its users write it: langfuse 3, @langfuse/otel 5, OpenTelemetry alone, tailrace. */
import { LangfuseClient } from '@langfuse/client';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { propagateAttributes, setLangfuseTracerProvider, startObservation } from '@langfuse/tracing';
import {
  type Attributes,
  context,
  trace as openTelemetry,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Langfuse } from 'langfuse';
import { Tailrace } from 'tailrace';
import { KEYS, type PlannedChild, type PlannedTrace, ROOT_NAME, type RunClient } from './program.js';

/** Its types are narrower than what it takes. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Any = any;

const fieldsOf = ({ type, start, end, firstToken, ...fields }: PlannedChild) => ({
  ...fields,
  ...(firstToken && { completionStartTime: firstToken }),
});

export const byLangfuse3: RunClient = async (url, traces) => {
  const langfuse = new Langfuse({ ...KEYS, baseUrl: url });
  for (const { name, userId, sessionId, tags, input, output, start, end, children, scores } of traces) {
    const trace = langfuse.trace({ name, userId, sessionId, tags, input, output, timestamp: start });
    const root = trace.span({ name: ROOT_NAME, input, output, startTime: start, endTime: end });
    for (const child of children) {
      const body = { ...fieldsOf(child), startTime: child.start, endTime: child.end } as Any;
      // It has no tools.
      if (child.type === 'generation') root.generation(body);
      else root.span(body);
    }
    for (const score of scores) trace.score(score);
  }
  await langfuse.shutdownAsync();
};

export const byLangfuse5: RunClient = async (url, traces) => {
  const processor = new LangfuseSpanProcessor({ ...KEYS, baseUrl: url });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const langfuse = new LangfuseClient({ ...KEYS, baseUrl: url });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  setLangfuseTracerProvider(provider);
  try {
    for (const { name, userId, sessionId, tags, input, output, start, end, children, scores } of traces) {
      propagateAttributes({ traceName: name, userId, sessionId, tags }, () => {
        const root = startObservation(ROOT_NAME, { input, output }, { startTime: start });
        for (const child of children) {
          const parentSpanContext = root.otelSpan.spanContext();
          const attributes = fieldsOf(child) as Any;
          const options = { asType: child.type as 'tool', startTime: child.start, parentSpanContext };
          startObservation(child.name, attributes, options).end(child.end);
        }
        root.end(end);
        for (const score of scores) langfuse.score.trace(root, score);
      });
    }
    await Promise.all([provider.shutdown(), langfuse.shutdown()]);
  } finally {
    setLangfuseTracerProvider(null);
    context.disable();
  }
};

/** The SDK as one variable configures it, with the attributes that Langfuse and the GenAI conventions name. */
export const byOpenTelemetry: RunClient = async (url, traces) => {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url;
  const sdk = new NodeSDK({ instrumentations: [] });
  sdk.start();
  try {
    traceByOpenTelemetry(traces);
    await sdk.shutdown();
  } finally {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    for (const api of [openTelemetry, context, propagation]) api.disable();
  }
};

function traceByOpenTelemetry(traces: readonly PlannedTrace[]): void {
  const tracer = openTelemetry.getTracer('an application');
  for (const { name, userId, sessionId, tags, input, output, start, end, children } of traces) {
    const ofTrace: Attributes = {
      'langfuse.trace.name': name,
      'user.id': userId,
      'session.id': sessionId,
      'langfuse.trace.tags': tags,
    };
    const io = { 'langfuse.observation.input': text(input), 'langfuse.observation.output': text(output) };
    const root = tracer.startSpan(
      ROOT_NAME,
      { startTime: start, attributes: { ...ofTrace, ...io } },
      ROOT_CONTEXT,
    );
    const inside = openTelemetry.setSpan(ROOT_CONTEXT, root);
    for (const child of children) {
      const attributes = { ...ofTrace, ...attributesOf(child) };
      tracer.startSpan(child.name, { startTime: child.start, attributes }, inside).end(child.end);
    }
    root.end(end);
  }
}

function attributesOf({
  type,
  input,
  output,
  level,
  statusMessage,
  ...generation
}: PlannedChild): Attributes {
  const { model, modelParameters, firstToken, usageDetails, costDetails } = generation;
  return {
    'langfuse.observation.type': type,
    'langfuse.observation.input': text(input),
    ...(output !== null && { 'langfuse.observation.output': text(output) }),
    ...(level && { 'langfuse.observation.level': level }),
    ...(statusMessage && { 'langfuse.observation.status_message': statusMessage }),
    ...(model && { 'gen_ai.request.model': model }),
    ...(modelParameters && { 'langfuse.observation.model.parameters': JSON.stringify(modelParameters) }),
    ...(firstToken && { 'langfuse.observation.completion_start_time': JSON.stringify(firstToken) }),
    ...(usageDetails && {
      'gen_ai.usage.input_tokens': usageDetails.input,
      'gen_ai.usage.output_tokens': usageDetails.output,
    }),
    ...(costDetails && { 'langfuse.observation.cost_details': JSON.stringify(costDetails) }),
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

export const byTailrace: RunClient = async (url, traces) => {
  const tailrace = new Tailrace({ ...KEYS, baseUrl: url });
  for (const { name, userId, sessionId, tags, input, output, start, end, children, scores } of traces) {
    const trace = tailrace.trace({ name, userId, sessionId, tags, input, output, timestamp: start });
    const root = trace.span({ name: ROOT_NAME, input, output, startTime: start });
    for (const child of children) {
      root[child.type]({ ...fieldsOf(child), startTime: child.start } as Any).end({ endTime: child.end });
    }
    root.end({ endTime: end });
    for (const score of scores) trace.score(score);
    trace.end({ endTime: end });
  }
  await tailrace.shutdown();
};
