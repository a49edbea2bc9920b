/** Programs of AI SDK 7 with its mock models. A tracer is a telemetry integration, or nothing. */
import { generateText, isStepCount, jsonSchema, streamText, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { piecesOf, turn } from './turns.js';

const CHUNKS = 200;
const USAGE = {
  inputTokens: { total: 2_000, noCache: 2_000, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 100, text: 100, reasoning: undefined },
};
const STOP = { finishReason: { unified: 'stop', raw: 'stop' }, usage: USAGE };

export const tracers = {
  floor: async () => {
    const nothing = () => {};
    const hooks = ['onStart', 'onStepStart', 'onLanguageModelCallStart', 'onLanguageModelCallEnd'];
    hooks.push('onToolExecutionStart', 'onToolExecutionEnd', 'onStepEnd', 'onEnd');
    return Object.fromEntries(hooks.map((hook) => [hook, nothing]));
  },
  tailrace: async () => (await import('../../dist/esm/ai-sdk.js')).tailraceTelemetry(),
  langfuse: async () => new (await import('@langfuse/vercel-ai-sdk')).LangfuseVercelAiSdkIntegration(),
};

const telemetryOf = (integration) =>
  integration === undefined
    ? { isEnabled: false }
    : { isEnabled: true, functionId: 'support', integrations: [integration] };

const promptOf = ({ system, history, question }) => ({
  instructions: system,
  messages: [...history, { role: 'user', content: question }],
});

/** A step that calls a tool, and one that answers. */
export function generate(integration) {
  const answers = [];
  const model = new MockLanguageModelV4({ modelId: 'gpt-4o', doGenerate: async () => answers.shift() });
  const lookUp = tool({
    description: 'Looks up a reservation.',
    inputSchema: jsonSchema({ type: 'object', properties: { id: { type: 'string' } } }),
    execute: async ({ id }) => ({ id, day: 'tomorrow' }),
  });
  const telemetry = telemetryOf(integration);
  return async (i) => {
    const said = turn(i);
    const call = { type: 'tool-call', toolCallId: 'c-1', toolName: 'lookUp', input: '{"id":"ABC123"}' };
    answers.push(
      {
        content: [call],
        finishReason: { unified: 'tool-calls', raw: 'tool_calls' },
        usage: USAGE,
        warnings: [],
      },
      { content: [{ type: 'text', text: said.answer }], ...STOP, warnings: [] },
    );
    // The mock keeps every call.
    model.doGenerateCalls.length = 0;
    const { text } = await generateText({
      model,
      ...promptOf(said),
      tools: { lookUp },
      stopWhen: isStepCount(3),
      telemetry,
    });
    return text;
  };
}

export function stream(integration) {
  let pieces = [];
  const model = new MockLanguageModelV4({
    modelId: 'gpt-4o',
    doStream: async () => ({ stream: ReadableStream.from(partsOf(pieces)) }),
  });
  const telemetry = telemetryOf(integration);
  return async (i) => {
    const said = turn(i);
    pieces = piecesOf(said.answer, CHUNKS);
    model.doStreamCalls.length = 0;
    const { textStream } = streamText({ model, ...promptOf(said), telemetry });
    let length = 0;
    for await (const text of textStream) length += text.length;
    return length;
  };
}

function partsOf(pieces) {
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: '1' },
    ...pieces.map((delta) => ({ type: 'text-delta', id: '1', delta })),
    { type: 'text-end', id: '1' },
    { type: 'finish', ...STOP },
  ];
}
