/** Programs as people write them, with our span processor in the place of another: each leaves its tree in the receiver. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import { REPOSITORY, run } from '../support/programs.js';
import { type StoredObservation, type StoredTrace, storedTraces } from '../support/stored.js';

const PROGRAMS = join(REPOSITORY, 'test/fixtures/otel');

type ToEnv = (url: string) => NodeJS.ProcessEnv;

const asLangfuse: ToEnv = (url) => ({
  LANGFUSE_PUBLIC_KEY: 'pk',
  LANGFUSE_SECRET_KEY: 'sk',
  LANGFUSE_BASE_URL: url,
});
const asCollector: ToEnv = (url) => ({
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/api/public/otel/v1/traces`,
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(`Basic ${btoa('pk:sk')}`)}`,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
});

/** What the program prints, and what it has left. */
async function runAgainstReceiver(args: string[], toEnv: ToEnv) {
  const receiver = await startReceiver({ port: 0 });
  onTestFinished(() => receiver.close());
  const lines = (await run(PROGRAMS, args, toEnv(receiver.url))).trim().split('\n');
  const counts = JSON.parse(lines.pop() ?? '');
  return { lines, counts, traces: await storedTraces(receiver.url) };
}

/** `parent > child`, for each observation. */
function paths({ observations }: StoredTrace): string[] {
  const byId = new Map(observations.map((one) => [one.id, one]));
  const pathOf = ({ name, parentObservationId }: StoredObservation): string => {
    const parent = parentObservationId === null ? undefined : byId.get(parentObservationId);
    return parent === undefined ? name : `${pathOf(parent)} > ${name}`;
  };
  return observations.map(pathOf).sort();
}

function observation({ observations }: StoredTrace, name: string): StoredObservation {
  const found = observations.filter((one) => one.name === name);
  if (found.length !== 1) throw new Error(`${found.length} observations are named ${name}`);
  return found[0] as StoredObservation;
}

it('@langfuse/tracing: observe, startActiveObservation, propagateAttributes', async () => {
  const { counts, traces } = await runAgainstReceiver(['langfuse-tracing.mjs'], asLangfuse);
  expect(counts).toMatchObject({ accepted: 4, sent: 4, failed: 0 });
  expect(traces).toHaveLength(1);
  const trace = traces[0] as StoredTrace;
  expect(trace).toMatchObject({
    name: 'support',
    userId: 'u-1',
    sessionId: 's-1',
    tags: ['beta'],
    version: '2',
    release: 'v9',
    environment: 'staging',
    metadata: { plan: 'pro' },
    input: { question: 'why?' },
    output: 'because',
  });
  expect(paths(trace)).toEqual(['handle', 'handle > answer', 'handle > lookup', 'handle > retrieve']);
  expect(observation(trace, 'retrieve')).toMatchObject({
    type: 'RETRIEVER',
    input: 'why',
    output: ['about why'],
  });
  expect(observation(trace, 'answer')).toMatchObject({
    type: 'GENERATION',
    model: 'gpt-4o',
    input: [{ role: 'user', content: 'why?' }, ['about why']],
    output: 'because',
    usageDetails: { input: 10, output: 3 },
    metadata: { cached: false },
  });
  expect(observation(trace, 'lookup')).toMatchObject({
    type: 'TOOL',
    level: 'ERROR',
    statusMessage: expect.stringContaining('tool broke'),
  });
});

it('the Vercel AI SDK: a call with a tool, and a stream', async () => {
  const { lines, counts, traces } = await runAgainstReceiver(['ai-sdk.mjs'], asLangfuse);
  expect(lines).toEqual(['Hello, world!']);
  expect(counts).toMatchObject({ accepted: 6, sent: 6, failed: 0 });
  const [call, stream] = ['ai.generateText', 'ai.streamText'].map((root) =>
    traces.find(({ observations }) => observations.some(({ name }) => name === root)),
  ) as [StoredTrace, StoredTrace];
  expect(paths(call)).toEqual([
    'ai.generateText',
    'ai.generateText > ai.generateText.doGenerate',
    'ai.generateText > ai.generateText.doGenerate',
    'ai.generateText > ai.toolCall',
  ]);
  expect(observation(call, 'ai.generateText')).toMatchObject({
    input: { prompt: 'How is the weather in Bern?' },
    output: 'Sunny in Bern.',
  });
  const generations = call.observations.filter(({ name }) => name === 'ai.generateText.doGenerate');
  for (const generation of generations) {
    expect(generation).toMatchObject({
      type: 'GENERATION',
      model: 'mock-model',
      usageDetails: { input: 12, output: 5 },
      input: expect.arrayContaining([
        { role: 'user', content: [{ type: 'text', text: 'How is the weather in Bern?' }] },
      ]),
    });
  }
  expect(generations.map(({ output }) => output)).toEqual(
    expect.arrayContaining([
      'Sunny in Bern.',
      [{ toolCallId: 'c-1', toolName: 'weather', input: '{"city":"Bern"}' }],
    ]),
  );
  expect(observation(call, 'ai.toolCall')).toMatchObject({
    type: 'TOOL',
    input: { city: 'Bern' },
    output: { city: 'Bern', sky: 'sunny' },
  });
  expect(observation(stream, 'ai.streamText.doStream')).toMatchObject({
    type: 'GENERATION',
    model: 'mock-stream',
    usageDetails: { input: 12, output: 5 },
    output: 'Hello, world!',
  });
});

it.each([
  ['--import', ['--import', './preload.mjs'], {}],
  ['NODE_OPTIONS', [], { NODE_OPTIONS: '--import ./preload.mjs' }],
])('NodeSDK with http instrumentation, by a preload in %s: the worker has neither', async (_, args, env) => {
  const toEnv: ToEnv = (url) => ({ ...asCollector(url), ...env });
  const { lines, counts, traces } = await runAgainstReceiver([...args, 'http-app.cjs'], toEnv);
  expect(lines).toEqual(['preload in the main thread', 'in stock: 3']);
  // Two requests, each seen by the client and by the server; none of ours.
  expect(counts).toMatchObject({ accepted: 4, sent: 4, failed: 0 });
  expect(traces.map(paths)).toEqual([['GET', 'GET > GET', 'GET > GET > GET', 'GET > GET > GET > GET']]);
  expect(traces[0]?.observations[0]?.metadata).toMatchObject({
    resourceAttributes: { 'service.name': 'shop', 'host.id': expect.any(String) },
  });
});
