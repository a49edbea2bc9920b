/** One program with ours and with Langfuse's own integration, each into a receiver of its own: the trees, field by field. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { observeOpenAI as observeByLangfuse } from '@langfuse/openai';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { setLangfuseTracerProvider } from '@langfuse/tracing';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import OpenAI from 'openai';
import { Tailrace } from 'tailrace';
import { observeOpenAI } from 'tailrace/openai';
import { expect, it } from 'vitest';
import { startOpenAIApi } from '../../support/openai-api.js';
import { REPOSITORY } from '../../support/programs.js';
import { receiveHere } from '../../support/receiving.js';
import {
  type ExpectedDifference,
  expectDifferences,
  expectReasonsIn,
} from '../../support/tree-differences.js';
import type { Tree } from '../../support/trees.js';

const GUIDE = readFileSync(join(REPOSITORY, 'src/integrations/openai/README.md'), 'utf8');
const KEYS = { publicKey: 'pk-lf-test', secretKey: 'sk-lf-test' };

const DIFFERENCES: ExpectedDifference[] = [
  [
    ['*/*: modelParameters', '*/*: modelParameters/response_format'],
    'Parameters have no empty `response_format`.',
  ],
  [
    'parsed{,/OpenAI.chat}: output/parsed',
    'The output of `parse` is the answer of the model, whose text is what `parsed` repeats.',
  ],
  ['n{,/OpenAI.chat}: output', 'With `n`, all choices are the output, not the first alone.'],
  ['{stream,stream-tools}/OpenAI.chat: model', 'A streamed chat has the model that the server names.'],
  [
    [
      'stream-tools{,/OpenAI.chat}: output/tool_calls/[]',
      'stream-tools{,/OpenAI.chat}: output/tool_calls/[]/**',
    ],
    'Parallel tool calls of a stream stay apart, with their ids; a text beside them is kept.',
  ],
  [
    [
      'responses/OpenAI.responses: modelParameters/reasoning',
      'responses-stream/OpenAI.responses: modelParameters/stream',
    ],
    'The parameters of a request stay beside those that the response repeats.',
  ],
  [
    ['failed/OpenAI.responses: level', 'failed/OpenAI.responses: statusMessage'],
    'A response with status `failed` has level ERROR.',
  ],
  [
    'broken/OpenAI.chat: statusMessage',
    'The status message of an error has its class, code, request id and cause, and no part of a key.',
  ],
  [
    ['embeddings/OpenAI.embeddings: type', 'embeddings/OpenAI.embeddings: usageDetails'],
    'Embeddings have a type of their own, and usage.',
  ],
  [
    [
      'embeddings{,/OpenAI.embeddings}: output',
      'images{,/OpenAI.images}: output',
      'moderation{,/OpenAI.moderations}: output',
    ],
    'Embeddings (number and dimensions), images, transcriptions and moderation have an output.',
  ],
];

type Options = Record<string, unknown>;
type Observe = (name: string, options?: Options) => OpenAI;

/** Calls that Langfuse's wrapper can bear. Each is a trace, by name. */
async function program(observe: Observe): Promise<void> {
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const asked = [{ role: 'user' as const, content: '[tool]' }];
  const model = 'gpt-4o';
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: {} } }];
  await observe('chat', { userId: 'u', sessionId: 's', tags: ['a'] }).chat.completions.create({
    ...{ model, messages, temperature: 0.2, max_tokens: 50, top_p: 0.9, seed: 1, user: 'u-1' },
  });
  await observe('named', {
    generationName: 'answer',
    generationMetadata: { a: 1 },
    langfusePrompt: { name: 'p', version: 2, isFallback: false },
  }).chat.completions.create({ model, messages });
  await observe('tools').chat.completions.create({ model, messages: asked, tools, tool_choice: 'auto' });
  const response_format = {
    type: 'json_schema' as const,
    json_schema: { name: 'place', strict: true, schema: { type: 'object' } },
  };
  await observe('parsed').chat.completions.parse({ model, messages, response_format });
  await observe('n').chat.completions.create({ model, messages, n: 2 });
  const stream_options = { include_usage: true };
  for await (const _ of await observe('stream').chat.completions.create({
    ...{ model, messages, stream: true, stream_options },
  }));
  for await (const _ of await observe('stream-tools').chat.completions.create({
    ...{ model, messages: asked, tools, stream: true },
  }));
  await observe('responses').responses.create({ model, input: 'Hello', reasoning: { effort: 'low' } });
  for await (const _ of await observe('responses-stream').responses.create({
    model,
    input: 'Hello',
    stream: true,
  }));
  await observe('failed').responses.create({ model, input: '[failed]' });
  await observe('broken')
    .chat.completions.create({ model, messages: [{ role: 'user', content: '[429]' }] })
    .catch(() => {});
  await observe('embeddings').embeddings.create({ model: 'text-embedding-3-small', input: 'a' });
  await observe('images').images.generate({ model: 'gpt-image-1', prompt: 'a cat' });
  await observe('moderation').moderations.create({ input: 'Hello' });
}

async function runOurs(client: OpenAI): Promise<Tree[]> {
  const receiver = await receiveHere();
  const tailrace = new Tailrace({ ...KEYS, baseUrl: receiver.url });
  await program((traceName, options) => observeOpenAI(client, { client: tailrace, traceName, ...options }));
  await tailrace.shutdown();
  expect(await receiver.complaints()).toEqual([]);
  const trees = await receiver.trees();
  await receiver.stop();
  return trees;
}

async function runLangfuse(client: OpenAI): Promise<Tree[]> {
  const receiver = await receiveHere();
  const processor = new LangfuseSpanProcessor({ ...KEYS, baseUrl: receiver.url });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  setLangfuseTracerProvider(provider);
  try {
    await program((traceName, options) => observeByLangfuse(client, { traceName, ...options }));
    await processor.forceFlush();
  } finally {
    setLangfuseTracerProvider(null);
    context.disable();
    await provider.shutdown();
  }
  const trees = await receiver.trees();
  await receiver.stop();
  return trees;
}

it('is the tree of @langfuse/openai but for what the guide lists', async () => {
  const api = await startOpenAIApi();
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: api.url, maxRetries: 0 });
  const [ours, theirs] = [await runOurs(client), await runLangfuse(client)];
  await api.close();
  expect(ours.flatMap(({ nodes }) => nodes).flatMap(({ wrongTimes = [] }) => wrongTimes)).toEqual([]);
  // Langfuse's completion may start after its end, by a millisecond.
  expectDifferences(ours, theirs, DIFFERENCES, { ignore: ['**: wrongTimes'] });
  expectReasonsIn(GUIDE, DIFFERENCES);
});
